"""Reference pictures as Qt images, a bounded number of them kept."""

from __future__ import annotations

from collections import OrderedDict

from PySide6.QtGui import QImage

from ui.presenters.sources import PartCatalog
from ui.widgets.painting import over_buffer

KEPT = 200


class ReferencePictures:
    """Gives the picture of a class; the part used longest ago is forgotten first."""

    def __init__(self, parts: PartCatalog) -> None:
        self._parts = parts
        self._kept: OrderedDict[str, QImage | None] = OrderedDict()

    def get(self, class_id: str) -> QImage | None:
        """Return the reference picture of a class, or ``None`` when there is none."""
        if class_id not in self._kept:
            picture = self._parts.picture(class_id)
            self._kept[class_id] = over_buffer(picture).copy() if picture is not None else None
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(class_id)
        return self._kept[class_id]
