"""The report's drawings: the rig from above, what each camera saw, and which cameras share how much."""

# reportlab has no annotations
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from reportlab.graphics.shapes import Circle, Drawing, Group, Line, String
from reportlab.lib.units import mm

from calibration.report.schema import CoverageFigures, PairFigures
from calibration.report.style import AMBER, BLUE, INK, LINE, PALE, QUIET, blend, box
from station.boards import FrameBoard
from station.geometry import Array, RigCalibration

_VIEW_LENGTH_M = 0.15
"""Length of the line that shows where a camera looks."""

_NAME_AWAY = np.array([19.0, 11.0])
"""How far a camera's name stands from it, across and up, points: names are wider than high."""


def rig_plan(calibration: RigCalibration, plate: FrameBoard | None, width: float, height: float) -> Drawing:
    """Draw the cameras from above with the way they look, and the plate's frame where the world lies on it.

    Without a plate the world is a camera's, and the drawing shows its x to the right and its z upwards.
    """
    axes = [0, 1] if plate is not None else [0, 2]
    centres = {role: camera.pose.center for role, camera in calibration.cameras.items()}
    ends = {
        role: centres[role] + _VIEW_LENGTH_M * camera.pose.rotation[2] for role, camera in calibration.cameras.items()
    }
    corners = [] if plate is None else [np.array([plate.width_m, plate.height_m, 0.0])]
    points = np.array([*centres.values(), *ends.values(), *corners, np.zeros(3)])[:, axes]
    low, high = points.min(axis=0), points.max(axis=0)
    room = 12 * mm
    scale = float(((np.array([width, height]) - 2 * room) / np.maximum(high - low, 1e-6)).min())
    start = np.array([width, height]) / 2 - scale * (low + high) / 2

    def at(point: Array) -> tuple[float, float]:
        x, y = (start + scale * point[axes]).tolist()
        return x, y

    drawing = Drawing(width, height)
    drawing.add(box(0, 0, width, height, PALE, None))
    if plate is not None:
        drawing.add(_plate(plate, at(np.zeros(3)), scale))
    for role, centre in sorted(centres.items()):
        (x, y), (u, v) = at(centre), at(ends[role])
        drawing.add(Line(x, y, u, v, strokeColor=BLUE, strokeWidth=1.2))
        drawing.add(Circle(x, y, 3.2, fillColor=BLUE, strokeColor=None))
        away = np.array([x - u, y - v])
        across, up = (away / max(float(np.linalg.norm(away)), 1e-6) * _NAME_AWAY).tolist()
        drawing.add(String(x + across, y + up - 2.5, role, fontSize=7, fillColor=INK, textAnchor="middle"))
    length = 0.1 * scale
    drawing.add(Line(6, 8, 6 + length, 8, strokeColor=QUIET, strokeWidth=1))
    drawing.add(String(6, 11, "100 mm", fontSize=6.5, fillColor=QUIET))
    seen = "from above: x to the right, y upwards" if plate is not None else "x to the right, z upwards"
    drawing.add(String(width - 5, 8, seen, fontSize=6.5, fillColor=QUIET, textAnchor="end"))
    return drawing


def _plate(plate: FrameBoard, origin: tuple[float, float], scale: float) -> Group:
    x, y = origin
    cut = plate.ring * plate.square_m * scale
    width, height = plate.width_m * scale, plate.height_m * scale
    return Group(
        box(x, y, width, height, LINE, QUIET),
        box(x + cut, y + cut, width - 2 * cut, height - 2 * cut, PALE, None),
        Circle(x, y, 2, fillColor=AMBER, strokeColor=None),
    )


def coverage_map(role: str, coverage: CoverageFigures | None, width: float, aspect: float) -> Drawing:
    """Draw where in its picture a camera saw corners, darker for more, with tilts and distances below.

    ``aspect`` is height over width of the picture.
    """
    height, foot = width * aspect, 21.0
    drawing = Drawing(width, height + foot + 10)
    drawing.add(String(0, height + foot + 3, role, fontSize=8, fontName="Helvetica-Bold", fillColor=INK))
    drawing.add(box(0, foot, width, height, None, LINE))
    if coverage is None:
        drawing.add(String(0, foot - 9, "no view", fontSize=7, fillColor=AMBER))
        return drawing
    most = max(max(line) for line in coverage.corners)
    across, down = width / len(coverage.corners[0]), height / len(coverage.corners)
    for row, line in enumerate(coverage.corners):
        for column, count in enumerate(line):
            if count:
                shade = blend(0.2 + 0.8 * count / most)
                y = foot + height - (row + 1) * down
                drawing.add(box(column * across, y, across, down, shade, None))
    (flat, tilted), (near, far) = coverage.tilts_deg, coverage.distances_m
    views = "1 view" if coverage.views == 1 else f"{coverage.views} views"
    drawing.add(String(0, foot - 9, f"{views}, tilt {flat:.0f}–{tilted:.0f}°", fontSize=7, fillColor=INK))
    drawing.add(String(0, foot - 18, f"distance {near * 1e3:.0f}–{far * 1e3:.0f} mm", fontSize=7, fillColor=QUIET))
    return drawing


def pair_matrix(roles: Sequence[str], pairs: Sequence[PairFigures], width: float) -> Drawing:
    """Draw how many placements every two cameras share; no number where there is none."""
    shared: Mapping[tuple[str, str], int] = {(pair.first, pair.second): pair.placements for pair in pairs}
    most = max(shared.values(), default=1)
    left, row = 42.0, 14.0
    cell = min((width - left) / max(len(roles), 1), 42.0)
    drawing = Drawing(left + cell * len(roles), row * (len(roles) + 1))
    for index, role in enumerate(roles):
        x, y = left + index * cell, row * (len(roles) - 1 - index)
        drawing.add(String(left - 4, y + 4, role, fontSize=7, fillColor=INK, textAnchor="end"))
        top = row * len(roles) + 3
        drawing.add(String(x + cell / 2, top, role, fontSize=7, fillColor=INK, textAnchor="middle"))
    for i, first in enumerate(roles):
        for j, second in enumerate(roles):
            x, y = left + j * cell, row * (len(roles) - 1 - i)
            count = shared.get((first, second), shared.get((second, first), 0))
            shade = PALE if i == j else blend(0.75 * count / most)
            drawing.add(box(x, y, cell, row, shade, LINE, 0.4))
            if count:
                drawing.add(String(x + cell / 2, y + 4, str(count), fontSize=7, fillColor=INK, textAnchor="middle"))
    return drawing
