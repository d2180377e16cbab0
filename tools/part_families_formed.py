"""Parts that are bent, cut or extruded: brackets, plates, levers, handles, hooks, pipes, bushings, heat sinks."""

from __future__ import annotations

from math import cos, pi, sin

from build123d import Circle, Plane, Pos, Rot, Sphere, Spline, ThreePointArc, Torus, sweep
from part_recipe import Bodies, Recipe
from part_shapes import (
    Shape,
    around,
    block,
    corners,
    drilled,
    joined,
    mirrored,
    on_x,
    on_y,
    plate,
    profile_bar,
    rod,
    rounded,
    taper,
    tube,
    turned,
)


def _pair(class_id: str, name: str, material: str, make, shapes: tuple[str, ...]) -> list[Recipe]:
    """Return the left- and the right-handed class of a shape that its mirror image cannot cover."""
    made = []
    for hand in ("left", "right"):
        other = "right" if hand == "left" else "left"
        made.append(
            Recipe(
                f"{class_id}_{hand}",
                f"{name}, {hand}-hand",
                "bracket",
                ("Structure", "Bracket"),
                lambda hand=hand: [(material, mirrored(make()) if hand == "left" else make())],
                shapes,
                near=(f"{class_id}_{other}",),
            )
        )
    return made


def _angle(width: float, leg: float, high: float, thick: float) -> Shape:
    return profile_bar([(0, 0), (leg, 0), (leg, thick), (thick, thick), (thick, high), (0, high)], width)


def _offset_bracket() -> Shape:
    body = _angle(60, 50, 70, 5)
    body = body - Pos(-1, 22, 40) * block(30, 44, 60)
    body = drilled(body, [(30, -16), (38, 14)], 9)
    return body - Pos(-1, -14, 55) * on_x(rod(11, 20))


def _gusset_bracket() -> Shape:
    body = _angle(80, 90, 90, 6) + Pos(0, -37, 0) * on_y(
        Pos(0, 0, -3) * Rot(0, 0, 0) * plate([(3, 0), (80, 0), (3, -80)], 6)
    )
    body = drilled(body, [(40, 25), (70, 0)], 11)
    return body - Pos(-1, 20, 60) * on_x(rod(14, 20)) - Pos(-1, -10, 72) * on_x(rod(8, 20))


def _motor_bracket() -> Shape:
    base = block(110, 70, 8)
    wall = Pos(-51, 0, 0) * block(8, 70, 80)
    rib = Pos(-30, 31, 8) * block(40, 8, 60) - Pos(-10, 31, 38) * Rot(0, 45, 0) * block(60, 20, 60)
    body = joined([base, wall, rib]) - Pos(-60, 4, 48) * on_x(rod(40, 30))
    for y, z in corners(47, 47):
        body -= Pos(-60, 4 + y, 48 + z) * on_x(rod(6, 30))
    return drilled(body, [(20, -20), (20, 20), (45, -20)], 9)


def _hinge_arm() -> Shape:
    body = plate([(0, 0), (120, 0), (120, 25), (30, 25), (30, 70), (0, 70)], 6)
    body += Pos(15, 55, 6) * rod(26, 14)
    body = drilled(body, [(15, 55)], 12)
    body += Pos(110, 12, 6) * block(20, 25, 24)
    return body - Pos(90, 12, 22) * on_x(rod(8, 60))


def _brackets() -> list[Recipe]:
    def plain(class_id, name, build, near=()):
        return Recipe(class_id, name, "bracket", ("Structure", "Bracket"), build, ("angle",), near=near)

    def shelf(holes: bool) -> Bodies:
        body = _angle(40, 60, 60, 4)
        if holes:
            body = (
                drilled(body, [(28, 0), (48, 0)], 8.5)
                - Pos(-1, 0, 30) * on_x(rod(8.5, 20))
                - Pos(-1, 0, 48) * on_x(rod(8.5, 20))
            )
        return [("zinc", body)]

    return [
        *_pair("offset_bracket", "Offset bracket 50×70", "zinc", _offset_bracket, ("angle", "notched")),
        *_pair("gusset_bracket", "Gusset bracket 90×90", "painted_black", _gusset_bracket, ("angle", "ribbed")),
        *_pair("motor_bracket", "Motor bracket NEMA 23", "aluminium", _motor_bracket, ("angle", "ribbed")),
        *_pair("hinge_arm", "Hinge arm 120", "painted_grey", _hinge_arm, ("angle", "bossed")),
        plain("shelf_angle_60_holes", "Angle 60×60×4 with holes", lambda: shelf(True), ("shelf_angle_60_plain",)),
        plain("shelf_angle_60_plain", "Angle 60×60×4 without holes", lambda: shelf(False)),
    ]


def _bosch_plate(length: float, width: float, thick: float, places, hole: float, radius: float = 6) -> Shape:
    return drilled(rounded(block(length, width, thick), radius), places, hole)


def _plates() -> list[Recipe]:
    def row(class_id, name, build, near=(), shapes=("flat", "rectangular")):
        return Recipe(class_id, name, "plate", ("Structure", "Plate"), build, shapes, near=near)

    def four(material: str) -> Bodies:
        return [(material, _bosch_plate(100, 60, 8, corners(80, 40), 9))]

    def five() -> Bodies:
        return [("aluminium", drilled(_bosch_plate(100, 60, 8, corners(80, 40), 9), [(0, 0)], 22))]

    def perforated() -> Bodies:
        places = [(-60 + 20 * i, -30 + 20 * j) for i in range(7) for j in range(4)]
        return [("stainless", drilled(block(150, 90, 2), places, 12))]

    def slotted() -> Bodies:
        body = block(300, 40, 5)
        for x in (-100, 0, 100):
            body -= Pos(x, 0, -1) * joined(
                [block(50, 11, 10), Pos(-25, 0, 0) * rod(11, 10), Pos(25, 0, 0) * rod(11, 10)]
            )
        return [("zinc", body)]

    def triangle() -> Bodies:
        body = plate([(0, 0), (150, 0), (150, 12), (12, 150), (0, 150)], 5)
        return [("painted_orange", drilled(body, [(18, 18), (110, 18), (18, 110), (50, 50)], 13))]

    def anchor() -> Bodies:
        return [("steel", drilled(block(200, 200, 20), corners(150, 150), 26))]

    def shim() -> Bodies:
        body = block(75, 75, 1) - Pos(20, 0, -1) * block(50, 21, 5)
        return [("stainless", body)]

    return [
        row("plate_100x60_4", "Plate 100×60×8, four holes", lambda: four("aluminium"), ("plate_100x60_5",)),
        row("plate_100x60_5", "Plate 100×60×8, five holes", five),
        row("plate_100x60_4_steel", "Plate 100×60×8, four holes, steel", lambda: four("steel"), ("plate_100x60_4",)),
        row("perforated_sheet_150", "Perforated sheet 150×90×2", perforated),
        row("slotted_bar_300", "Slotted bar 300×40×5", slotted, (), ("flat", "long", "slotted")),
        row("corner_plate_150", "Corner plate 150", triangle, (), ("flat", "triangular")),
        row("anchor_plate_200", "Anchor plate 200×200×20", anchor, (), ("flat", "square")),
        row("shim_u_75x1", "U shim 75×75×1", shim, (), ("flat", "slotted")),
    ]


def _shift_fork() -> Bodies:
    fork = tube(104, 84, 10) - Pos(0, -40, -1) * block(200, 80, 20)
    fork += Pos(-47, -4, 0) * block(9, 12, 14) + Pos(47, -4, 0) * block(9, 12, 14)
    fork += plate([(-16, 46), (16, 46), (12, 86), (-12, 86)], 14)
    fork += Pos(0, 92, -14) * tube(32, 16, 44)
    return [("bronze", fork - Pos(0, 92, -20) * rod(16, 80))]


def _clevis(thread: int, length: float) -> Bodies:
    size = thread * 2.0
    body = block(size, size, length) - Pos(0, 0, length - 2.2 * size) * block(thread, size + 2, 3 * size)
    body = body - Pos(0, 0, length - size * 0.55) * on_x(Pos(0, 0, -size) * rod(thread, 2 * size))
    neck = Pos(0, 0, -size * 0.5) * rod(size * 0.9, size * 0.5)
    return [("zinc", (body + neck) - Pos(0, 0, -size) * rod(thread * 0.85, 1.4 * size))]


def _rod_end() -> Bodies:
    eye = on_y(Pos(0, 0, -7) * tube(42, 27, 14))
    ball = (Sphere(13.2) & Pos(0, 0, 0) * on_y(Pos(0, 0, -10) * rod(60, 20))) - on_y(Pos(0, 0, -30) * rod(16, 60))
    stem = Pos(0, 0, -70) * rod(18, 52)
    return [("zinc", eye + (stem - on_y(Pos(0, 0, -30) * rod(27, 60)))), ("chrome", ball)]


def _levers() -> list[Recipe]:
    def row(class_id, name, build, shapes, near=()):
        return Recipe(class_id, name, "lever_fork", ("Mechanism", "Lever"), build, shapes, near=near)

    def hand(make, material, left: bool) -> Bodies:
        return [(material, mirrored(make()) if left else make())]

    return [
        row("shift_fork_104", "Shift fork 104", _shift_fork, ("fork",)),
        row("clevis_m12", "Fork head M12×48", lambda: _clevis(12, 48), ("fork", "square")),
        row("rod_end_m16", "Rod end M18 male", _rod_end, ("eyed", "long")),
    ]


def _star_knob() -> Bodies:
    body = joined([rod(44, 20), *(Pos(0, 0, 0) * lobe for lobe in around(rod(18, 20), 6, 23))])
    return [("plastic_black", body + Pos(0, 0, -14) * rod(26, 14)), ("brass", Pos(0, 0, -16) * tube(14, 8, 2))]


def _bow_handle(length: float, high: float, thick: float, material: str) -> Bodies:
    half = length / 2
    bar = profile_bar(
        [
            (-half, 0),
            (-half + 12, 0),
            (-half + 18, high - 10),
            (half - 18, high - 10),
            (half - 12, 0),
            (half, 0),
            (half - 8, high),
            (-half + 8, high),
        ],
        thick,
    )
    return [(material, bar)]


def _handwheel() -> Bodies:
    octagon = [(72 + 8 * cos(a * pi / 8), 30 + 8 * sin(a * pi / 8)) for a in range(16)]
    rim = turned(octagon)
    spokes = around(Pos(0, 0, 20) * Rot(0, 82, 0) * Pos(0, 0, 10) * rod(13, 58), 3, 0, 90)
    hub = tube(40, 16, 36)
    grip = Pos(72, 0, 38) * taper(16, 24, 62)
    wheel = joined([rim, hub, *(spoke - rod(20, 200) for spoke in spokes)])
    return [("aluminium", wheel), ("plastic_black", grip)]


def _clamping_lever() -> Bodies:
    body = joined([rod(24, 30), Pos(0, 0, 14) * Rot(0, 62, 0) * taper(16, 20, 76)])
    return [("plastic_orange", body), ("zinc", Pos(0, 0, -32) * rod(10, 32))]


def _ball_knob() -> Bodies:
    ball = Sphere(20) - Pos(0, 0, -20) * block(50, 50, 4)
    return [("plastic_red", ball), ("brass", Pos(0, 0, -17.5) * tube(14, 8, 1.5))]


def _handles() -> list[Recipe]:
    def row(class_id, name, build, shapes, near=(), angle=0.4):
        return Recipe(class_id, name, "handle", ("Operating", "Handle"), build, shapes, (), near, angle)

    return [
        row("star_knob_63", "Star knob 63", _star_knob, ("star", "round")),
        row(
            "bow_handle_120",
            "Bow handle 120",
            lambda: _bow_handle(120, 40, 14, "plastic_black"),
            ("bow",),
            (),
        ),
        row(
            "bow_handle_120_alu",
            "Bow handle 120 aluminium",
            lambda: _bow_handle(120, 40, 14, "aluminium"),
            ("bow",),
            ("bow_handle_120",),
        ),
        row("handwheel_160", "Handwheel 160 with grip", _handwheel, ("wheel",)),
        row("clamping_lever_80", "Clamping lever 80 M10", _clamping_lever, ("lever",)),
        row("ball_knob_40", "Ball knob 40 red", _ball_knob, ("sphere",), (), 0.2),
    ]


def _hook() -> Bodies:
    points = [(0, 0, 99), (0, 0, 88), (24, 0, 66), (34, 0, 40), (20, 0, 12), (-6, 0, 4), (-30, 0, 20), (-34, 0, 42)]
    path = Spline(*points)
    body = sweep(Plane(origin=path @ 0, z_dir=path % 0) * Circle(10), path)
    return [
        (
            "painted_yellow",
            joined([body, Pos(0, 0, 118) * on_y(Pos(0, 0, -10) * tube(44, 24, 20))])
            - Pos(0, 0, 118) * on_y(Pos(0, 0, -40) * rod(24, 80)),
        )
    ]


def _shackle() -> Bodies:
    path = ThreePointArc((-24, 0, 40), (0, 0, 64), (24, 0, 40))
    bow = sweep(Plane(origin=path @ 0, z_dir=path % 0) * Circle(7), path)
    legs = [Pos(side * 24, 0, 8) * rod(14, 32) for side in (-1, 1)]
    eyes = [Pos(side * 24, 0, 4) * on_x(Pos(0, 0, -8) * rod(30, 16)) for side in (-1, 1)]
    body = joined([bow, *legs, *eyes]) - Pos(-60, 0, 4) * on_x(rod(15, 120))
    pin = Pos(-38, 0, 4) * on_x(joined([rod(14.6, 76), Pos(0, 0, -8) * rod(24, 8)]))
    return [("zinc", body), ("painted_red", pin)]


def _turnbuckle() -> Bodies:
    frame = block(26, 14, 110) - Pos(0, 0, 18) * block(15, 20, 74)
    top = joined([Pos(0, 0, 92) * rod(11, 50), Pos(0, 0, 152) * on_y(Torus(15, 5))])
    low = Rot(0, 180, 0) * joined([Pos(0, 0, -18) * rod(11, 60), Pos(0, 0, 52) * on_y(Torus(15, 5))])
    hole = rod(11.2, 400)
    return [("zinc", frame - Pos(0, 0, -100) * hole), ("steel", top), ("steel", low)]


def _hooks() -> list[Recipe]:
    def row(class_id, name, build, shapes):
        return Recipe(class_id, name, "hook_eye", ("Lifting", "Hook"), build, shapes, angle=0.3)

    return [
        row("crane_hook_130", "Crane hook 130", _hook, ("hook",)),
        row("shackle_14", "Shackle 14 with red pin", _shackle, ("bow",)),
        row("turnbuckle_m12", "Turnbuckle M12 two eyes", _turnbuckle, ("long", "eyed")),
    ]


def _elbow(diameter: float, radius: float, leg: float, material: str) -> Bodies:
    path = [
        Pos(0, 0, -leg) * tube(diameter, diameter - 5, leg),
        Pos(radius, 0, radius) * on_x(tube(diameter, diameter - 5, leg)),
    ]
    bend = Pos(radius, 0, 0) * on_y(Torus(radius, diameter / 2) - Torus(radius, diameter / 2 - 2.5))
    bend = bend & Pos(radius / 2 - diameter / 2, 0, diameter / 4 + radius / 2) * Pos(
        0, 0, -diameter / 4 - radius / 2
    ) * block(radius + diameter, 2 * diameter, radius + diameter)
    keep = bend & (Pos(radius / 2 - diameter, 0, 0) * block(radius + 2 * diameter, 2 * diameter, 2 * radius))
    quarter = keep - Pos(radius + 500, 0, -500) * block(1000, 1000, 2000)
    return [(material, joined([quarter, *path]))]


def _tee() -> Bodies:
    body = joined(
        [
            Pos(0, 0, -38) * rod(34, 76),
            on_x(rod(34, 40)),
            *(Pos(0, 0, z) * rod(42, 12) for z in (-38, 26)),
            Pos(28, 0, 0) * on_x(rod(42, 12)),
        ]
    )
    return [("cast_iron", body - Pos(0, 0, -50) * rod(25, 100) - on_x(rod(25, 60)))]


def _bushing(material: str) -> Bodies:
    return [(material, tube(30, 20, 30))]


def _pipe_clamp() -> Bodies:
    body = tube(64, 50, 25) + Pos(0, 0, 0) * block(100, 14, 25) - rod(50, 60)
    body = body - Pos(0, 0, -1) * block(120, 1.5, 60)
    for x in (-42, 42):
        body -= Pos(x, -20, 12.5) * on_y(rod(9, 60))
    return [("plastic_green", body)]


def _pipes() -> list[Recipe]:
    def row(class_id, name, build, shapes, near=(), kind="Pipe"):
        return Recipe(class_id, name, "pipe_bushing", ("Piping", kind), build, shapes, (), near, 0.4)

    return [
        row("pipe_elbow_42", "Pipe elbow 42 steel", lambda: _elbow(42, 45, 20, "steel"), ("bent", "hollow")),
        row("pipe_tee_3_4", "Pipe tee 3/4 malleable iron", _tee, ("tee", "hollow")),
        row("pipe_60x200", "Pipe 60.3×2.9×200", lambda: [("steel", tube(60.3, 54.5, 200))], ("cylindrical", "hollow")),
        row(
            "bushing_20x30x30_steel",
            "Bushing 20×30×30 steel",
            lambda: _bushing("steel"),
            ("cylindrical", "hollow"),
            kind="Bushing",
        ),
        row(
            "bushing_20x30x30_brass",
            "Bushing 20×30×30 brass",
            lambda: _bushing("brass"),
            ("cylindrical", "hollow"),
            ("bushing_20x30x30_steel", "bushing_20x30x30_plastic"),
            "Bushing",
        ),
        row(
            "bushing_20x30x30_plastic",
            "Bushing 20×30×30 PE black",
            lambda: _bushing("plastic_black"),
            ("cylindrical", "hollow"),
            ("bushing_20x30x30_steel",),
            "Bushing",
        ),
        row("pipe_clamp_50", "Pipe clamp 50 green", _pipe_clamp, ("ring", "footed"), kind="Clamp"),
    ]


def _fins(width: float, length: float, count: int, high: float, base: float) -> Shape:
    body = block(width, length, base)
    for k in range(count):
        body += Pos(-width / 2 + 1 + k * (width - 2) / (count - 1), 0, base) * block(2, length, high - base)
    return body


def _pin_sink() -> Bodies:
    body = block(60, 60, 6)
    for i in range(6):
        for j in range(6):
            body += Pos(-25 + 10 * i, -25 + 10 * j, 6) * block(4, 4, 24)
    return [("aluminium_black", body)]


def _round_sink() -> Bodies:
    return [("aluminium", joined([tube(34, 24, 40), *around(block(26, 2, 40), 20, 29)]))]


def _sinks() -> list[Recipe]:
    def row(class_id, name, build, shapes=("finned",), near=()):
        return Recipe(class_id, name, "heat_sink", ("Electrical", "HeatSink"), build, shapes, near=near)

    return [
        row(
            "heat_sink_80x100",
            "Heat sink 80×100×30",
            lambda: [("aluminium_black", _fins(80, 100, 9, 30, 6))],
            near=(),
        ),
        row("heat_sink_pins_60", "Pin heat sink 60×60", _pin_sink, ("finned", "square")),
        row("heat_sink_round_84", "LED heat sink 84", _round_sink, ("finned", "round")),
    ]


def recipes() -> list[Recipe]:
    """Return every class of this module."""
    return [
        *_brackets(),
        *_plates(),
        *_levers(),
        *_handles(),
        *_hooks(),
        *_pipes(),
        *_sinks(),
    ]
