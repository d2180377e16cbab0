"""What stands in the report, section by section."""

# reportlab has no annotations
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from reportlab.lib.units import mm
from reportlab.platypus import CondPageBreak, Flowable, KeepTogether, Spacer, Table

from calibration.plate_pose import PLACEMENT
from calibration.report.drawings import coverage_map, pair_matrix, rig_plan
from calibration.report.kept import RigReport
from calibration.report.residual_picture import ResidualPicture, legend
from calibration.report.schema import SolveReport
from calibration.report.style import CELL, HEADING, INK, NOTE, QUIET, TITLE, WIDTH, table, text
from station.boards import Chessboard, FrameBoard, board_from_id
from station.errors import CalibrationError
from station.geometry import PLATE_WORLD, RigCalibration


def sections(report: RigReport, plate: FrameBoard | None = None) -> list[Flowable]:
    """Return all sections; those whose figures were not kept are left out, and the report says so.

    ``plate`` is the station's, drawn where the world lies on a plate whose print the report does not name.
    """
    calibration, solve = report.calibration, report.solve
    story: list[Flowable] = [
        text("Calibration report", TITLE),
        text(f"{calibration.id}, made {calibration.created_at} from {calibration.source}"),
        Spacer(1, 3 * mm),
    ]
    if solve is None:
        story.append(text("What the solve said of this calibration was not kept; only the rig itself can be shown."))
        return [*story, *_rig(calibration, None, plate)]
    story.append(_headline(solve))
    story += _findings(solve)
    story += _rig(calibration, solve, plate)
    story += _errors(solve)
    story += _coverage(calibration, solve)
    story += _comparison(solve)
    story += _worst(report, solve)
    return [*story, *_conventions(solve)]


def _headline(solve: SolveReport) -> Flowable:
    worst = max(solve.cameras, key=lambda role: solve.cameras[role].position_mm_95, default="")
    bound = f"{solve.cameras[worst].position_mm_95:.2f} mm" if worst else "–"
    held = "–" if solve.held_out is None else f"{solve.held_out.rms_mm:.2f} mm"
    said = "not measured" if solve.held_out is None else f"on {solve.held_out.placements} boards left out, RMS"
    cards = [
        (str(len(solve.cameras)), "cameras solved"),
        (bound, f"95 % bound of the least sure centre, {worst}"),
        (held, said),
        (f"{solve.rms_px:.2f} px", f"RMS of {solve.corners} corners"),
    ]
    made = Table(
        [[card[0] for card in cards], [text(card[1], NOTE) for card in cards]],
        colWidths=[WIDTH / len(cards)] * len(cards),
        hAlign="LEFT",
    )
    made.setStyle(
        [
            ("FONT", (0, 0), (-1, 0), "Helvetica-Bold", 17, 20),
            ("TEXTCOLOR", (0, 0), (-1, 0), INK),
            ("VALIGN", (0, 1), (-1, 1), "TOP"),
            ("LINEABOVE", (0, 0), (-1, 0), 1.2, QUIET),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ]
    )
    return made


def _findings(solve: SolveReport) -> list[Flowable]:
    story: list[Flowable] = [text("Findings", HEADING)]
    if not solve.findings and not solve.refused:
        fit = "the intrinsics were solved along" if solve.refined else "the given intrinsics fit"
        return [*story, text(f"None: every picture was used as it is, and {fit}.")]
    story += [text(f"• {finding.text}") for finding in solve.findings]
    if solve.refused:
        count = "One picture was" if len(solve.refused) == 1 else f"{len(solve.refused)} pictures were"
        story.append(text(f"{count} refused before the solve:"))
        rows = [[one.role, one.placement, text(one.reason, CELL)] for one in solve.refused]
        story.append(table(["camera", "placement", "reason"], rows, [22 * mm, 40 * mm, WIDTH - 62 * mm], words=3))
    return story


def _rig(calibration: RigCalibration, solve: SolveReport | None, plate: FrameBoard | None) -> list[Flowable]:
    plate = (_plate(solve) or plate) if _on_plate(calibration, solve) else None
    rows: list[list[str]] = []
    for role, camera in sorted(calibration.cameras.items()):
        model, centre = camera.model, camera.pose.center * 1e3
        place = [f"{value:.1f}" for value in centre.tolist()]
        inner = [f"{value:.2f}" for value in (model.fx, model.fy, model.cx, model.cy)]
        rows.append([role, camera.serial or "–", f"{model.width}×{model.height}", *inner, *place])
    head = ["camera", "serial", "size", "fx px", "fy px", "cx px", "cy px", "x mm", "y mm", "z mm"]
    story: list[Flowable] = [text("Rig", HEADING), table(head, rows, words=3)]
    bent = [
        [role, *(f"{value:.6g}" for value in camera.model.distortion)]
        for role, camera in sorted(calibration.cameras.items())
        if camera.model.distorted
    ]
    if bent:
        story += [Spacer(1, 2 * mm), table(["distortion", "k1", "k2", "p1", "p2", "k3"], bent)]
    else:
        story.append(text("No camera has distortion coefficients other than zero.", NOTE))
    about: list[Flowable] = [
        Spacer(1, 2 * mm),
        rig_plan(calibration, plate, WIDTH, 74 * mm),
        text(f"x, y, z are the camera's centre in the world frame, which lies on {_world(calibration, solve)}.", NOTE),
    ]
    story.append(KeepTogether(about))
    if solve is not None and solve.boards:
        story.append(text("Boards", HEADING))
        story += [text(f"{board}: {_board_in_words(board)}") for board in solve.boards]
        used = "One placement was" if solve.placements == 1 else f"{solve.placements} placements were"
        story.append(text(f"{used} used.", NOTE))
    return story


def _on_plate(calibration: RigCalibration, solve: SolveReport | None) -> bool:
    if calibration.world:
        return calibration.world == PLATE_WORLD
    return solve is not None and solve.fixed == PLACEMENT


def _plate(solve: SolveReport | None) -> FrameBoard | None:
    boards = [_board(name) for name in solve.boards] if solve is not None else []
    return next((board for board in boards if isinstance(board, FrameBoard)), None)


def _board(name: str) -> object | None:
    """Return the board of an id, ``None`` for one that this version does not know."""
    try:
        return board_from_id(name)
    except CalibrationError:
        return None


def _board_in_words(name: str) -> str:
    board = _board(name)
    if isinstance(board, Chessboard):
        across, down = board.inner
        inner = f"{across} × {down} inner corners"
        return f"chessboard of {board.columns} × {board.rows} squares of {board.square_m * 1e3:g} mm, {inner}"
    if isinstance(board, FrameBoard):
        return f"the plate's frame, {board.columns} × {board.rows} squares of {board.square_m * 1e3:g} mm"
    if board is None:
        return "a board that this version does not know"
    return "ChArUco board; its id holds squares, millimetres and dictionary"


def _world(calibration: RigCalibration, solve: SolveReport | None) -> str:
    if _on_plate(calibration, solve):
        return "the plate's frame, z up"
    other = calibration.world or ("" if solve is None else solve.fixed)
    return f"{other}, its z into the picture" if other else "the plate's frame or the camera that the source names"


def _errors(solve: SolveReport) -> list[Flowable]:
    rows: list[list[str]] = []
    for role, camera in sorted(solve.cameras.items()):
        held = "–" if solve.held_out is None else _or_dash(solve.held_out.by_role.get(role), "{:.2f}")
        bounds = [f"{camera.position_mm_95:.2f}", f"{camera.rotation_deg_95:.3f}"]
        rows.append([role, str(camera.views), *bounds, held, f"{camera.p50_px:.2f}", f"{camera.p95_px:.2f}"])
    head = ["camera", "views", "centre ± mm", "turn ± °", "held out mm", "p50 px", "p95 px"]
    against = "the plate" if solve.fixed == PLACEMENT else solve.fixed
    story: list[Flowable] = [
        text("Errors and uncertainty", HEADING),
        table(head, rows),
        text(
            f"± are 95 % bounds against {against}, which is held fast. Held out: root mean square error on boards that "
            "the solve did not see. p50 and p95: distances between the corners found and expected. "
            f"One coordinate of a corner scatters by {solve.noise_px:.3f} px.",
            NOTE,
        ),
    ]
    if solve.held_out is not None:
        held = solve.held_out
        words = (
            f"Held out: {held.rms_mm:.2f} mm RMS, {held.p95_mm:.2f} mm p95, {held.rms_px:.2f} px RMS over "
            f"{held.points} corners of {held.placements} placements."
        )
        if held.triangulated_mm is not None:
            words += f" The triangulated boards fit the printed ones to {held.triangulated_mm:.2f} mm RMS."
        story.append(text(words))
    if solve.opencv_apart_mm:
        apart = max(solve.opencv_apart_mm.values())
        story.append(text(f"OpenCV's own solve of the same boards stands at most {apart:.2f} mm from this one."))
    if solve.intrinsics is not None:
        evidence = solve.intrinsics
        words = "contradict" if evidence.doubted else "agree with"
        words = f"The pictures {words} the given intrinsics (score test: {evidence.statistic:.0f}, about "
        words += f"{evidence.freedom} expected)."
        if evidence.doubted and evidence.focal_change:
            worst = max(evidence.focal_change, key=lambda role: abs(evidence.focal_change[role]))
            words += f" The largest doubt: {worst}'s focal length by {evidence.focal_change[worst]:+.2%}."
        story.append(text(words))
    return [KeepTogether(story)]


def _or_dash(value: float | None, form: str) -> str:
    return "–" if value is None else form.format(value)


def _coverage(calibration: RigCalibration, solve: SolveReport) -> list[Flowable]:
    if not solve.coverage:
        return []
    roles = sorted(calibration.cameras)
    across, gap = 4, 5 * mm
    cell = WIDTH / across
    maps = [
        coverage_map(
            role,
            solve.coverage.get(role),
            cell - gap,
            calibration.cameras[role].model.height / calibration.cameras[role].model.width,
        )
        for role in roles
    ]
    lines = [maps[start : start + across] for start in range(0, len(maps), across)]
    grid = Table([[*line, *[""] * (across - len(line))] for line in lines], colWidths=[cell] * across)
    grid.setStyle([("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 0)])
    return [
        KeepTogether(
            [
                text("Coverage", HEADING),
                text("Where in its picture each camera saw corners, darker for more.", NOTE),
                grid,
            ]
        ),
        KeepTogether([text("Placements that two cameras share", HEADING), pair_matrix(roles, solve.pairs, WIDTH)]),
    ]


def _comparison(solve: SolveReport) -> list[Flowable]:
    head = text("Compared with the calibration before", HEADING)
    if solve.comparison is None:
        return [KeepTogether([head, text("There was no active calibration to compare with.")])]
    compared = solve.comparison
    rows = [
        [role, f"{motion.moved_mm:.2f}", f"{motion.turned_deg:.3f}"]
        for role, motion in sorted(compared.cameras.items())
    ]
    story: list[Flowable] = [
        head,
        text(f"How far each camera stands from where {compared.before_id} has it:"),
        table(["camera", "moved mm", "turned °"], rows),
    ]
    if compared.only_before:
        story.append(text(f"Only in the one before: {', '.join(compared.only_before)}."))
    if compared.only_after:
        story.append(text(f"New: {', '.join(compared.only_after)}."))
    return [KeepTogether(story)]


def _worst(report: RigReport, solve: SolveReport) -> list[Flowable]:
    if not solve.worst:
        return []
    gap = 6 * mm
    width = (WIDTH - gap) / 2
    drawn = [ResidualPicture(view, report.pictures.get(view.picture), width, 58 * mm) for view in solve.worst]
    lines = [[drawn[i], drawn[i + 1] if i + 1 < len(drawn) else ""] for i in range(0, len(drawn), 2)]
    grid = Table(lines, colWidths=[width + gap, width])
    grid.setStyle(
        [
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 0),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ]
    )
    return [CondPageBreak(90 * mm), text("Pictures with the largest errors", HEADING), legend(WIDTH), grid]


def _conventions(solve: SolveReport) -> list[Flowable]:
    words = (
        "Conventions: extrinsics lead from the world to the camera, X_cam = R·X_world + t, metres, OpenCV's axes (x "
        "right, y down, z into the picture). Pixels are counted from the centre of the upper left one. Distortion is "
        f"Brown's as in OpenCV: k1, k2, p1, p2, k3. Solved in {solve.seconds:.1f} s."
    )
    return [Spacer(1, 4 * mm), text(words, NOTE)]
