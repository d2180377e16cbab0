"""What is examined: a machine, the settings of a station on it, and the cameras that answered."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from station.cameras.usb_tree import UsbController
from station.doctor.devices import FoundCameras
from station.doctor.machine import Machine
from station.settings import Settings


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that a check may look at.

    ``config_trouble`` is why the configuration could not be read (then ``settings`` are the defaults), else empty;
    ``config_where`` names its file.
    """

    machine: Machine
    settings: Settings
    data_dir: Path
    config_where: str
    config_trouble: str
    cameras: FoundCameras
    controllers: tuple[UsbController, ...]

    @property
    def expected(self) -> dict[str, str]:
        """Serial by role, as configured."""
        return self.settings.serials()
