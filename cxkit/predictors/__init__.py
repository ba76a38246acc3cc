"""Drivers: rows that answer every question, and what weighs in the score."""
