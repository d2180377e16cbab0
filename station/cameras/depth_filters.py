"""What is done to the depth before it is used, by the SDK's own filters, and what that costs."""

from __future__ import annotations

import time
from typing import Any

from station.settings import DepthSection

_FARTHEST_M = 16.0
_NO_PERSISTENCE = 0
"""The temporal filter must not fill holes with what lay there before: a part that was taken away would stay."""
_HOLES = {"left": 0, "farthest": 1, "nearest": 2}


class DepthFilters:
    """Threshold, temporal average and hole filling, in this order, each only where ``settings`` ask for it.

    Used by the thread of one camera, on every frame in turn: the temporal filter remembers the last ones.
    """

    def __init__(self, rs: Any, settings: DepthSection) -> None:
        self._chain: list[Any] = []
        if settings.min_m is not None or settings.max_m is not None:
            self._chain.append(rs.threshold_filter(settings.min_m or 0.0, settings.max_m or _FARTHEST_M))
        if settings.temporal:
            self._chain.append(
                rs.temporal_filter(settings.temporal_alpha, float(settings.temporal_delta), _NO_PERSISTENCE)
            )
        if settings.hole_filling != "off":
            self._chain.append(rs.hole_filling_filter(_HOLES[settings.hole_filling]))
        self.cost_ms = 0.0
        """Time a frame takes here, milliseconds, averaged over the last twenty or so."""

    def __bool__(self) -> bool:
        """Whether there is anything to do."""
        return bool(self._chain)

    def __call__(self, depth: Any) -> Any:
        """Return the filtered frame of the SDK."""
        begun = time.perf_counter()
        for one in self._chain:
            depth = one.process(depth)
        took_ms = (time.perf_counter() - begun) * 1000.0
        self.cost_ms += (took_ms - self.cost_ms) * (0.05 if self.cost_ms else 1.0)
        return depth
