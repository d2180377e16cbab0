"""The simulated hand without a window: asks the simulation, keeps what it refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from station.errors import StationError
from ui.presenters.sources import SimulationControls


class SimulationPresenter:
    """Passes wishes on to the simulation; ``refused`` is told the sentence of a wish that failed."""

    def __init__(self, controls: SimulationControls, refused: Callable[[str], None]) -> None:
        self._controls = controls
        self._refused = refused

    def next_part(self) -> None:
        """Put another known part on the plate."""
        self._try(self._controls.next_part)

    def next_unknown_part(self) -> None:
        """Put a part on the plate that the model has never seen."""
        self._try(self._controls.next_unknown_part)

    def clear(self) -> None:
        """Take everything off the plate."""
        self._try(self._controls.clear)

    def plugged(self) -> Mapping[str, bool]:
        """Return, per role, whether its simulated camera is plugged in."""
        return self._controls.plugged()

    def plug(self, role: str, *, plugged: bool) -> None:
        """Plug a simulated camera in or pull it out."""
        self._try(lambda: self._controls.plug(role, plugged))

    def _try(self, wish: Callable[[], None]) -> None:
        try:
            wish()
        except StationError as error:
            self._refused(str(error))
