"""The data set written for others: as an MVIP tree, as COCO, and as a table."""
