"""Captures of other trees, and plain pictures, taken into the data set."""
