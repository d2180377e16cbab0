"""The data set on disk: captures as folders of an MVIP tree."""
