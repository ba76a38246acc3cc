"""Made-up data with known parameters: one hidden list of customers, and files drawn from it."""
