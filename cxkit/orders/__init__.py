"""Transactions: read, summed by customer and period, and what follows from them."""
