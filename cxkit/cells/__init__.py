"""What a cell means: an answer, a day, a weight, an id; and conditions on cells."""
