"""Reference pictures as Qt images, a bounded number of them kept."""

from __future__ import annotations

from collections import OrderedDict

from PySide6.QtGui import QImage

from station.errors import StationError
from ui.presenters.sources import PartCatalog

KEPT = 200


class ReferencePictures:
    """Gives the picture of a class; the part used longest ago is forgotten first."""

    def __init__(self, parts: PartCatalog) -> None:
        self._parts = parts
        self._kept: OrderedDict[str, QImage | None] = OrderedDict()

    def get(self, class_id: str) -> QImage | None:
        """Return the reference picture of a class, or ``None`` when there is none."""
        if class_id not in self._kept:
            self._kept[class_id] = self._load(class_id)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(class_id)
        return self._kept[class_id]

    def forget(self, class_id: str) -> None:
        """Read a class's picture anew, for it is another one."""
        self._kept.pop(class_id, None)

    def _load(self, class_id: str) -> QImage | None:
        try:
            path = self._parts.reference(class_id)
        except StationError:
            # The message line says so already: the same part master gives the names.
            return None
        image = QImage(str(path)) if path is not None else QImage()
        return None if image.isNull() else image
