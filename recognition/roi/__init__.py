"""Where the part lies on the plate: its crop and mask in every view, and its size; needs no torch."""

from recognition.roi.locator import RoiLocator
from recognition.roi.measuring import measure_with_masks
from recognition.roi.squares import MARGIN, largest_component, square_around

__all__ = ["MARGIN", "RoiLocator", "largest_component", "measure_with_masks", "square_around"]
