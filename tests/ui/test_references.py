"""The binding to Qt keeps count of its references."""

from __future__ import annotations

import sys
from typing import Any

from PySide6.QtGui import QPainterPath

CALLS = 2000


def test_calls_into_qt_take_no_reference_from_none(qapp: Any) -> None:
    # PySide6 6.12.0 on Python 3.11 does, and a window dies of it within minutes; newer Pythons do not count None.
    path = QPainterPath()
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        path.moveTo(1.0, 2.0)
    assert sys.getrefcount(None) > before - CALLS // 2
