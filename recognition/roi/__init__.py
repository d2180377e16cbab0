"""Region of interest: where the part lies on the plate, its crop and mask in every view, and its size; needs no torch."""

from recognition.roi.locator import RoiLocator
from recognition.roi.squares import MARGIN, largest_component, square_around

__all__ = ["MARGIN", "RoiLocator", "largest_component", "square_around"]
