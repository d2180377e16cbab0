"""Taking the pictures of a calibration from a running rig: what counts, what is missing, where to hold the board."""
