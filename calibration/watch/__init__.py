"""Watches a calibration in use: every capture's plate frame and depth, what the last ones say, and the trend."""
