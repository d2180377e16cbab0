"""Which camera stands where: a person points at a live picture and then at its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from station.frames import ROLES
from ui.presenters.operator_view import MessageView, TileState, TileView, Tone
from ui.presenters.tiles import role_label
from ui.presenters.wording import Wording


@dataclass(frozen=True, slots=True)
class PlaceView:
    """One of the rig's places: its number, and the serial number of the camera that stands there, or empty."""

    role: str
    label: str
    serial: str
    given: bool
    """Whether the chosen camera has it."""


@dataclass(frozen=True, slots=True)
class AssignView:
    """The whole window: a tile per camera by its serial number, the rig's places, and what to do next."""

    headline: str
    detail: str
    tiles: tuple[TileView, ...]
    chosen: str
    places: tuple[PlaceView, ...]
    message: MessageView | None


class AssignPresenter:
    """Keeps who has which place; nothing is written before the person says so.

    Args:
        serials: the cameras that are shown.
        given: role by serial number of cameras that have one already, shown here or not.
        words: language of the texts.
    """

    def __init__(self, serials: Sequence[str], given: Mapping[str, str], words: Wording | None = None) -> None:
        self.serials = tuple(serials)
        self._roles = dict(given)
        self._words = words or Wording()
        self.chosen = next((serial for serial in serials if serial not in given), self.serials[0])

    @property
    def roles(self) -> Mapping[str, str]:
        """Role by serial number, as it is to be written."""
        return dict(self._roles)

    def choose(self, serial: str) -> None:
        """Point at a camera's picture."""
        self.chosen = serial

    def step(self, by: int) -> None:
        """Point at the next picture, or with a negative number at the one before."""
        self.chosen = self.serials[(self.serials.index(self.chosen) + by) % len(self.serials)]

    def give(self, role: str) -> None:
        """Point at the place of the chosen camera; whoever had it has none then. Again takes it away."""
        owner = next((serial for serial, has in self._roles.items() if has == role), None)
        if owner is not None:
            del self._roles[owner]
        if owner != self.chosen:
            self._roles[self.chosen] = role
            waiting = [serial for serial in self.serials if serial not in self._roles]
            self.chosen = waiting[0] if waiting else self.chosen

    def view(self, showing: Mapping[str, bool]) -> AssignView:
        """Return the window now; ``showing`` says which cameras give a picture."""
        translate = self._words.translate
        left = [serial for serial in self.serials if serial not in self._roles]
        headline = translate("Assign", "Which place does this camera show?")
        if not left:
            headline = translate("Assign", "Every camera has its place.")
        owner = {role: serial for serial, role in self._roles.items()}
        return AssignView(
            headline=headline,
            detail=translate("Assign", "Press its picture, then its place: a digit, 0 for ten. Enter writes it down."),
            tiles=tuple(self._tile(serial, showing.get(serial, False)) for serial in self.serials),
            chosen=self.chosen,
            places=tuple(
                PlaceView(role, role_label(role), owner.get(role, ""), owner.get(role) == self.chosen) for role in ROLES
            ),
            message=self._message(owner),
        )

    def _tile(self, serial: str, showing: bool) -> TileView:
        role = self._roles.get(serial)
        label = f"{serial} → {role_label(role)}" if role else serial
        waiting = self._words.translate("Assign", "No picture yet")
        return TileView(serial, label, TileState.LIVE if showing else TileState.WAITING, "" if showing else waiting)

    def _message(self, owner: Mapping[str, str]) -> MessageView | None:
        empty = [role_label(role) for role in ROLES if role not in owner]
        if not empty:
            return None
        text = self._words.translate("Assign", "Without a camera: {places}").format(places=", ".join(empty))
        return MessageView(Tone.IDLE, text)
