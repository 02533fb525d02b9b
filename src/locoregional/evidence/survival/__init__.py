"""Survival with censoring: curves, tests, models, and individual data rebuilt from a printed curve."""
