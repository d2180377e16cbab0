"""The sentences of a solve: which views, boards and cameras are wrong and what that means."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from calibration.consensus import FirstPoses
from calibration.findings import Finding, FindingKind, View, listed
from calibration.pairs import PairConsensus
from calibration.selection import Selection
from calibration.solution import CameraResult
from calibration.views import BoardView
from calibration.votes import Ballot
from station.geometry import CameraModel

FEW_VIEWS = 4
"""A camera with fewer views is called weak."""

WEAK_POSITION_MM = 2.0
"""A camera whose 95 % bound is larger is called weak."""


_MOST_BY_THEMSELVES = 3
"""More pictures with wrong corners than this are told in one sentence."""

_LEAST_DOUBT = 0.01
"""Odds above which the larger side of a placement may be the turned one."""


def group_findings(
    models: Mapping[str, CameraModel],
    views: Sequence[BoardView],
    groups: Sequence[FirstPoses],
    chosen: FirstPoses,
    pairs: Sequence[PairConsensus],
    solved: Sequence[str],
) -> list[Finding]:
    """Name the cameras that were not solved, with the reason."""
    seen = {view.role for view in views}
    found = [
        Finding(FindingKind.BLIND, f"{role} saw no board; it was not solved.", (role,))
        for role in sorted(models)
        if role not in seen
    ]
    for group in groups:
        if group is chosen:
            continue
        roles: tuple[str, ...] = tuple(sorted(group.cameras))
        shared = [p for p in pairs if (p.first in roles) != (p.second in roles)]
        if len(roles) > 1:
            found.append(
                Finding(
                    FindingKind.APART,
                    f"{listed(roles)} share no board with {listed(tuple(sorted(chosen.cameras)))} that ties them "
                    "together; only the latter were solved. Hold the board where cameras of both groups see it.",
                    roles,
                )
            )
        else:
            found += [_too_little(role, shared) for role in roles]
    found += [
        Finding(
            FindingKind.TOO_LITTLE,
            f"None of the views that {role} shares with the others fits them; it was not solved.",
            (role,),
        )
        for role in sorted(set(chosen.cameras) - set(solved))
    ]
    return found


def _too_little(role: str, shared: Sequence[PairConsensus]) -> Finding:
    count = len({placement for pair in shared for placement in pair.shared})
    if not count:
        text = f"{role} shares no board with another camera; it was not solved."
    elif count == 1:
        text = (
            f"{role} shares only 1 board with other cameras, too little to tell whether it was read the right way "
            "round; it was not solved."
        )
    else:
        text = (
            f"{role} shares {count} boards with other cameras, but no two of them agree on where it stands: its "
            "pictures are of other moments, or its intrinsics of another camera; it was not solved."
        )
    return Finding(FindingKind.TOO_LITTLE, text, (role,))


def view_findings(
    chosen: FirstPoses, selection: Selection, cast: Sequence[Ballot], spoilt: Sequence[tuple[BoardView, str]]
) -> list[Finding]:
    """Name the views that were read turned, in part, or not at all."""
    found = _turned(selection)
    gross: dict[View, tuple[int, int]] = {}
    for ballot in cast:
        name = (ballot.view.placement, ballot.view.role)
        if name[1] not in chosen.cameras:
            continue
        if name in selection.readings:
            wrong = int((~selection.kept[name]).sum())
            if wrong:
                gross[name] = wrong, len(ballot.view.pixels)
        elif name in chosen.strays or name[0] in chosen.boards:
            text = (
                f"{_said(name)}: the board does not fit the rig, whichever way it is read: it moved between the "
                "pictures, is another board, or was found wrongly; the view was left out."
            )
            found.append(Finding(FindingKind.FOREIGN, text, (name[1],), (name,)))
    for view, reason in spoilt:
        name = (view.placement, view.role)
        text = f"{_said(name)}: {reason}; the view was left out."
        found.append(Finding(FindingKind.FOREIGN, text, (view.role,), (name,)))
    return found + _gross(gross)


def _gross(views: Mapping[View, tuple[int, int]]) -> list[Finding]:
    """Name the views with wrong corners, how many of how many: each by itself, or all in one sentence where many."""
    if len(views) <= _MOST_BY_THEMSELVES:
        return [
            Finding(
                FindingKind.GROSS_CORNERS,
                f"{_said(name)}: {wrong} of {total} corners are far off; they were left out.",
                (name[1],),
                (name,),
            )
            for name, (wrong, total) in views.items()
        ]
    pictures = Counter(name[1] for name in views)
    roles = tuple(sorted(pictures))
    worst, most = max(sorted(pictures.items()), key=lambda item: item[1])
    corners = sum(wrong for wrong, _ in views.values())
    text = (
        f"In {len(views)} pictures {corners} single corners are far off; they were left out. Most such pictures are "
        f"{worst}'s, {most}."
    )
    return [Finding(FindingKind.GROSS_CORNERS, text, roles, tuple(views))]


def weak_findings(results: Mapping[str, CameraResult]) -> list[Finding]:
    """Name the cameras that are solved but weak."""
    found: list[Finding] = []
    for role, result in sorted(results.items()):
        if result.position_mm > WEAK_POSITION_MM or 0 < result.views < FEW_VIEWS:
            views = "1 board" if result.views == 1 else f"{result.views} boards"
            sure = f"its position is sure to {result.position_mm:.2f} mm"
            text = f"{role} was solved from {views}, {sure}; show it more boards."
            found.append(Finding(FindingKind.WEAK, text, (role,)))
    return found


def _turned(selection: Selection) -> list[Finding]:
    """Name the readings that contradict each other, the smaller side of a placement where that is sure.

    Which side was turned is a matter of odds: m of n views are it rather than the other n − m with odds of
    (p / (1 − p))^(2m − n), p being the rig's share of turned views. Both sides are named where the odds leave a doubt.
    """
    sides: dict[str, dict[int, list[View]]] = {}
    for name in selection.names:
        sides.setdefault(name[0], {}).setdefault(selection.readings[name], []).append(name)
    smaller = sum(len(views) for by_reading in sides.values() for views in _by_size(by_reading)[1:])
    share = min((smaller + 1) / (len(selection.names) + 2), 0.5)
    found: list[Finding] = []
    for placement, by_reading in sorted(sides.items()):
        if len(by_reading) < 2:
            continue
        usual, *others = _by_size(by_reading)
        likely = sorted(view for views in others for view in views)
        if (share / (1.0 - share)) ** (len(usual) - len(others[0])) <= _LEAST_DOUBT:
            text = f"{placement}: {_cameras(likely)} read the board turned; it was used rightly."
            found.append(_turned_views(text, likely))
        elif len(usual) == len(others[0]):
            text = f"{placement}: {_cameras(likely)} or {_cameras(usual)} read the board turned; all were used rightly."
            found.append(_turned_views(text, sorted([*likely, *usual])))
        else:
            text = (
                f"{placement}: {_cameras(likely)} read the board turned, or less likely {_cameras(usual)} did; all "
                "were used rightly."
            )
            found.append(_turned_views(text, sorted([*likely, *usual])))
    return found


def _by_size(by_reading: Mapping[int, list[View]]) -> list[list[View]]:
    """Return a placement's views by reading, the largest side first."""
    return sorted(by_reading.values(), key=lambda views: (-len(views), views))


def _turned_views(text: str, views: list[View]) -> Finding:
    return Finding(FindingKind.TURNED, text, tuple(view[1] for view in views), tuple(views))


def _cameras(views: Sequence[View]) -> str:
    return listed(tuple(view[1] for view in views))


def _said(name: View) -> str:
    return f"{name[0]}, {name[1]}"
