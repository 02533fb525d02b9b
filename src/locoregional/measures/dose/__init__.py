"""Absorbed dose in a structure: dose-volume measures, their radiobiology, their uncertainty, and comparisons of two doses."""
