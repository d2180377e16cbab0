"""Backups of a data directory: files by their hash, and a list of them for each time; and the way back."""
