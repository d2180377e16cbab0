"""ROI, models, training and inference; imports nothing by itself so that the ROI needs no torch."""
