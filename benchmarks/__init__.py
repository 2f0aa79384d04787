"""Measures the package against what a person would write by hand, and against the least that any program must do."""
