"""The live side of a calibration: what each camera sees and has, which pairs are tied, which pictures were taken."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from calibration.collecting.snapshot import CollectSnapshot, Coverage, Picture, Sight, Stage, Want
from station.cameras.supervisor import CameraState, CameraStatus
from ui.presenters.calibration_view import (
    BoardTileView,
    CollectView,
    MarkView,
    MatrixView,
    PairView,
    PictureRow,
    SightState,
)
from ui.presenters.calibration_words import cameras_named, picture_named, pictures_counted, refusal_words
from ui.presenters.tiles import camera_state_text, role_label
from ui.presenters.wording import Wording

WEAK_NAMED = 4
"""So many weak pairs are named, the others counted."""

TAKEN_S = 2.0
"""How long it is said that a picture was taken."""

_DELIVERING = frozenset({CameraState.STREAMING, CameraState.ENDED})


class JustTaken:
    """Remembers for a moment that a picture was taken; ``clock`` gives monotonic seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._count = 0
        self._until_s = 0.0

    def forget(self) -> None:
        """Begin anew."""
        self._count, self._until_s = 0, 0.0

    def after(self, pictures: Sequence[Picture]) -> Picture | None:
        """Return the newest picture while it is new."""
        now = self._clock()
        if len(pictures) > self._count:
            self._until_s = now + TAKEN_S
        self._count = len(pictures)
        return pictures[-1] if pictures and now < self._until_s else None


def collect_view(
    snapshot: CollectSnapshot,
    roles: Sequence[str],
    states: Mapping[str, CameraStatus],
    taken: Picture | None,
    words: Wording,
) -> CollectView:
    """Return the tiles in the rig's order, the pairs and the pictures; ``taken`` is one that was just taken."""
    translate = words.translate
    kept = [picture for picture in snapshot.pictures if not picture.dropped]
    title = translate("Calibration", "Pictures: {count}").format(count=len(kept))
    if len(kept) != len(snapshot.pictures):
        dropped = translate("Calibration", "{count} dropped").format(count=len(snapshot.pictures) - len(kept))
        title = f"{title}  ·  {dropped}"
    just_taken = ""
    if taken is not None:
        text = translate("Calibration", "{picture} taken: {cameras}.")
        just_taken = text.format(
            picture=picture_named(taken.placement, words), cameras=cameras_named(taken.roles, words)
        )
    return CollectView(
        tiles=tuple(_tile(role, snapshot, states.get(role), taken, words) for role in roles),
        matrix=_matrix(snapshot, roles, words),
        pictures=tuple(_row(picture, words) for picture in reversed(snapshot.pictures)),
        still=snapshot.still,
        taken=just_taken,
        pictures_title=title,
    )


def lacking(snapshot: CollectSnapshot) -> tuple[str, ...]:
    """Return the roles that still want something, in order."""
    return tuple(role for role, coverage in snapshot.coverage.items() if coverage.wants)


def _tile(
    role: str, snapshot: CollectSnapshot, camera: CameraStatus | None, taken: Picture | None, words: Wording
) -> BoardTileView:
    sight = snapshot.sights.get(role)
    coverage = snapshot.coverage.get(role) if snapshot.stage is Stage.BOARD else None
    state, text, explanation = _state(sight, camera, words)
    outline: tuple[tuple[float, float], ...] = ()
    if sight is not None and sight.outline is not None and state is not SightState.LOST:
        outline = tuple((float(x), float(y)) for x, y in sight.outline)
    return BoardTileView(
        role=role,
        label=role_label(role),
        state=state,
        state_text=text,
        explanation=explanation,
        outline=outline,
        size=sight.size if sight is not None else (1, 1),
        taken=taken is not None and role in taken.roles,
        wanted=snapshot.stage is Stage.BOARD and role in snapshot.advice_roles,
        count_text=pictures_counted(coverage.views, words) if coverage else "",
        cells=coverage.cells if coverage else (),
        marks=_marks(coverage, words),
        complete=coverage is not None and not coverage.wants,
    )


def _state(sight: Sight | None, camera: CameraStatus | None, words: Wording) -> tuple[SightState, str, str]:
    if camera is None or camera.state not in _DELIVERING:
        state = camera.state if camera is not None else CameraState.FAILED
        return SightState.LOST, camera_state_text(state, words), camera.reason if camera is not None else ""
    if sight is None or sight.outline is None:
        return SightState.NONE, "", ""
    if sight.refusal:
        return SightState.REFUSED, *refusal_words(sight.refusal, words)
    return SightState.USABLE, words.translate("Calibration", "Good"), ""


def _marks(coverage: Coverage | None, words: Wording) -> tuple[MarkView, ...]:
    if coverage is None:
        return ()
    translate = words.translate
    names = {
        Want.TILT: translate("Calibration", "tilt"),
        Want.NEAR: translate("Calibration", "near"),
        Want.FAR: translate("Calibration", "far"),
    }
    return tuple(MarkView(text, coverage.views > 0 and want not in coverage.wants) for want, text in names.items())


def _matrix(snapshot: CollectSnapshot, roles: Sequence[str], words: Wording) -> MatrixView:
    place = {role: index for index, role in enumerate(roles)}
    weak = {frozenset(pair) for pair in snapshot.weak_pairs}
    counts = {frozenset(pair): count for pair, count in snapshot.pairs.items()}
    pairs: list[PairView] = []
    for second, lower in enumerate(roles):
        for first, upper in enumerate(roles[:second]):
            pair = frozenset((upper, lower))
            pairs.append(PairView(first, second, counts.get(pair, 0), pair in weak))
    return MatrixView(tuple(role_label(role) for role in roles), tuple(pairs), _weak_text(snapshot, place, words))


def _weak_text(snapshot: CollectSnapshot, place: Mapping[str, int], words: Wording) -> str:
    translate = words.translate
    weak = sorted(sorted(pair, key=lambda role: place.get(role, 0)) for pair in snapshot.weak_pairs)
    if not weak:
        return translate("Calibration", "All cameras are tied together.") if snapshot.pairs else ""
    named = ", ".join(f"{role_label(one)}–{role_label(other)}" for one, other in weak[:WEAK_NAMED])
    if len(weak) > WEAK_NAMED:
        named = translate("Calibration", "{names} and {count} more").format(names=named, count=len(weak) - WEAK_NAMED)
    return translate("Calibration", "Still need a common picture: {pairs}").format(pairs=named)


def _row(picture: Picture, words: Wording) -> PictureRow:
    translate = words.translate
    detail = translate("Calibration", "{count} cameras").format(count=len(picture.roles))
    if len(picture.roles) <= WEAK_NAMED:
        detail = cameras_named(picture.roles, words)
    if picture.dropped:
        detail = translate("Calibration", "dropped  ·  {detail}").format(detail=detail)
    time = picture.taken_at.astimezone().strftime("%H:%M")
    return PictureRow(
        picture.placement, picture_named(picture.placement, words), f"{time}  ·  {detail}", picture.dropped
    )
