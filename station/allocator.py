"""Makes the C library give the memory of pictures back, so that a station's size does not creep up over days."""

from __future__ import annotations

import ctypes
import logging
import sys

_log = logging.getLogger(__name__)

_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3
"""Names of ``mallopt`` in glibc's ``malloc.h``."""
_OWN_MAPPING_BYTES = 256 * 1024
"""The smallest picture of a rig, a mask of 640×480, is larger; what a program keeps in great numbers is smaller."""
_KEPT_ON_TOP_BYTES = 1024 * 1024


def return_freed_pictures() -> bool:
    """Give each large block a mapping of its own, which goes back to the system when it is freed.

    glibc begins so, too, but puts large blocks among the small ones after the first has been freed (``man mallopt``,
    dynamic threshold): then pictures of a dozen threads lie between long-lived things in a dozen arenas, the holes fit
    ever fewer of them, and the station grows with each camera that is opened anew. Call it once, before the cameras
    start; harmless when repeated. Returns whether the C library took it; others than glibc have no such switch.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    taken = mallopt(_M_MMAP_THRESHOLD, _OWN_MAPPING_BYTES) == 1 and mallopt(_M_TRIM_THRESHOLD, _KEPT_ON_TOP_BYTES) == 1
    if not taken:
        _log.info("The C library keeps its own rule for large blocks; the station's memory may grow slowly.")
    return taken
