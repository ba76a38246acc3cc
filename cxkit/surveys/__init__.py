"""Answers: counted in one pass, and groups of them side by side."""
