"""The pictures with the largest errors: which are marked for dropping, and the pictures themselves once fetched."""

from __future__ import annotations

from calibration.collecting.result import SolvedRig, ViewPicture
from calibration.findings import View
from ui.presenters.calibration_result import PLATE, standing_out
from ui.presenters.errands import Errands
from ui.presenters.sources import CalibrationWork


class WorstPictures:
    """Follows the result that is shown; those that stand out are marked from the start."""

    def __init__(self, errands: Errands) -> None:
        self._errands = errands
        self._result: SolvedRig | None = None
        self._marked: frozenset[str] = frozenset()
        self._fetched: dict[View, ViewPicture | None] = {}

    @property
    def marked(self) -> frozenset[str]:
        """Placements that the button drops."""
        return self._marked

    def follow(self, result: SolvedRig | None) -> None:
        """Begin anew when another result is shown."""
        if result is not self._result:
            self._result = result
            self._fetched = {}
            self._marked = standing_out(result) if result is not None else frozenset()

    def toggle(self, placement: str) -> None:
        """Mark a placement, or take its mark away."""
        if placement != PLATE:
            self._marked ^= {placement}

    def picture(self, work: CalibrationWork, view: View) -> ViewPicture | None:
        """Return a picture when it is there; it is fetched when first asked for."""
        if view not in self._fetched:
            self._fetched[view] = None
            fetched = self._fetched
            self._errands.do(
                lambda: work.view_picture(*view), lambda found: fetched.update({view: found}), lambda _: None
            )
        return self._fetched[view]
