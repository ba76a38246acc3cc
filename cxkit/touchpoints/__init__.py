"""The journey: stages, what hurts there, paths and units."""
