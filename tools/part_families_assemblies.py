"""Bought-in units: motors, fans, valves, fittings, connectors, cylinders."""

from __future__ import annotations

from build123d import Axis, Pos, Rot
from part_recipe import Bodies, Recipe
from part_shapes import (
    around,
    block,
    circle_points,
    corners,
    drilled,
    hexagon,
    joined,
    mirrored,
    on_x,
    on_y,
    plate,
    rod,
    rounded,
    taper,
    tube,
    turned,
)


def _ball_valve() -> Bodies:
    body = joined(
        [
            Pos(0, 0, 0) * on_x(Pos(0, 0, -22) * rod(42, 44)),
            on_x(Pos(0, 0, -42) * hexagon(36, 20)),
            on_x(Pos(0, 0, 22) * hexagon(36, 20)),
            rod(18, 36),
        ]
    )
    body -= on_x(Pos(0, 0, -60) * rod(20, 120))
    lever = Pos(0, 0, 36) * joined([Pos(42, 0, 0) * block(116, 18, 4), Pos(84, 0, 4) * block(32, 18, 5)])
    return [("brass", body), ("painted_red", lever)]


def _gate_valve() -> Bodies:
    body = joined(
        [
            on_x(Pos(0, 0, -35) * rod(32, 70)),
            on_x(Pos(0, 0, -42) * hexagon(40, 16)),
            on_x(Pos(0, 0, 26) * hexagon(40, 16)),
            taper(44, 28, 50),
        ]
    )
    body -= on_x(Pos(0, 0, -60) * rod(22, 120))
    wheel = Pos(0, 0, 66) * joined([tube(64, 50, 8), block(56, 9, 6), block(9, 56, 6), rod(18, 10)])
    return [("brass", body), ("steel", Pos(0, 0, 50) * rod(9, 16)), ("painted_green", wheel)]


def _solenoid_valve() -> Bodies:
    body = joined([block(46, 32, 28), Pos(0, 0, 14) * on_x(Pos(0, 0, -34) * rod(24, 68))]) - Pos(0, 0, 14) * on_x(
        Pos(0, 0, -50) * rod(14, 100)
    )
    coil = Pos(0, 0, 28) * rounded(block(36, 36, 40), 4, Axis.Z)
    plug = Pos(30, 0, 42) * block(24, 26, 22)
    return [("brass", body), ("plastic_black", coil), ("plastic_grey", plug), ("chrome", Pos(0, 0, 68) * rod(14, 10))]


def _pressure_gauge() -> Bodies:
    case = turned([(0, 0), (31, 0), (31, 26), (28, 26), (28, 20), (0, 20)])
    dial = Pos(0, 0, 20) * rod(56, 2)
    stem = Pos(0, -46, 12) * on_y(joined([rod(13, 16), Pos(0, 0, 0) * hexagon(14, 9)]))
    needle = Pos(4, 4, 22) * Rot(0, 0, 45) * block(30, 3, 1)
    return [("stainless", case), ("plastic_white", dial), ("brass", stem - rod(62, 26)), ("plastic_red", needle)]


def _push_elbow(material: str, *, left: bool = False) -> Bodies:
    body = joined([rod(16, 24), Pos(0, 0, 17) * on_x(rod(15, 26)), Pos(-5, 0, 17) * block(6, 10, 8)]) - Pos(
        0, 0, 17
    ) * on_x(rod(8, 40))
    return [(material, body), ("brass", Pos(0, 0, -12) * joined([rod(13, 8), Pos(0, 0, 7) * hexagon(15, 5)]))]


def _valves() -> list[Recipe]:
    def row(class_id, name, build, shapes, near=()):
        return Recipe(class_id, name, "valve_fitting", ("Piping", "Valve"), build, shapes, (), near, 0.4)

    return [
        row("ball_valve_3_4", "Ball valve 3/4 red lever", _ball_valve, ("tee", "lever")),
        row("gate_valve_3_4", "Gate valve 3/4", _gate_valve, ("tee", "wheel")),
        row("solenoid_valve_1_2", "Solenoid valve 1/2 24 V", _solenoid_valve, ("box",)),
        row("pressure_gauge_63", "Pressure gauge 63", _pressure_gauge, ("round", "dial")),
        row(
            "push_elbow_8_blue",
            "Push-in elbow 8 mm blue",
            lambda: _push_elbow("plastic_blue"),
            ("elbow",),
            ("push_elbow_8_black",),
        ),
        row("push_elbow_8_black", "Push-in elbow 8 mm black", lambda: _push_elbow("plastic_black"), ("elbow",)),
    ]


def _round_plug() -> Bodies:
    shell = turned([(8, 0), (11, 0), (11, 20), (13, 20), (13, 36), (9, 36), (9, 58), (6, 58), (6, 30), (8, 30)])
    pins = [Pos(x, y, 6) * rod(2, 26) for x, y in circle_points(4, 8)]
    return [
        ("chrome", shell),
        ("plastic_black", Pos(0, 0, 8) * (rod(12, 20))),
        *(("brass", pin - Pos(0, 0, 8) * rod(20, 60)) for pin in pins),
    ]


def _terminal_block() -> Bodies:
    body = block(60, 18, 20) - Pos(0, 11, 14) * block(80, 8, 20)
    for k in range(8):
        body -= Pos(-26 + 7.4 * k, -10, 6) * block(5, 8, 6)
    screws = [("zinc", Pos(-26 + 7.4 * k, -3, 20) * rod(4, 0.6)) for k in range(8)]
    return [("plastic_green", body), *screws]


def _cable_gland() -> Bodies:
    low = joined([Pos(0, 0, -12) * rod(25, 12), hexagon(30, 9)]) - Pos(0, 0, -20) * rod(16, 100)
    cap = Pos(0, 0, 9) * joined([hexagon(30, 12), Pos(0, 0, 12) * taper(28, 20, 8)]) - rod(16, 100)
    return [("plastic_grey", low), ("plastic_grey", cap), ("rubber", Pos(0, 0, 10) * tube(16, 11, 18))]


def _relay() -> Bodies:
    pins = [("brass", Pos(x, y, -10) * block(6, 0.8, 10)) for x, y in ((-8, 8), (8, 8), (0, -8), (-8, 0))]
    return [
        ("plastic_black", rounded(block(28, 28, 30), 2)),
        ("plastic_white", Pos(0, 0, 30) * block(18, 18, 0.6)),
        *pins,
    ]


def _push_button(colour: str) -> Bodies:
    return [
        (f"plastic_{colour}", Pos(0, 0, 4) * rod(40, 14) if colour == "red" else Pos(0, 0, 4) * rod(24, 6)),
        ("chrome", rod(29, 4)),
        ("plastic_black", Pos(0, 0, -24) * rod(22, 24)),
        ("plastic_grey", Pos(0, 0, -54) * block(30, 28, 30)),
    ]


def _din_supply() -> Bodies:
    body = block(72, 90, 58) - Pos(0, 0, 48) * block(80, 44, 0.01)
    body -= joined([Pos(0, 38, 40) * block(64, 20, 30), Pos(0, -38, 40) * block(64, 20, 30)])
    return [
        ("plastic_grey", body),
        ("plastic_green", Pos(0, 38, 40) * block(56, 12, 10)),
        ("plastic_blue", Pos(0, 0, 58) * block(50, 30, 0.6)),
    ]


def _proximity() -> Bodies:
    return [
        ("chrome", rod(18, 50)),
        ("plastic_orange", Pos(0, 0, 50) * rod(17, 6)),
        ("plastic_black", Pos(0, 0, -10) * rod(11, 10)),
        ("zinc", Pos(0, 0, 18) * (hexagon(24, 4) - rod(18, 10))),
        ("zinc", Pos(0, 0, 32) * (hexagon(24, 4) - rod(18, 10))),
    ]


def _electrical() -> list[Recipe]:
    def row(class_id, name, build, shapes, near=()):
        return Recipe(class_id, name, "connector", ("Electrical", "Connector"), build, shapes, (), near, 0.4)

    return [
        row("round_plug_m23", "Round plug M23", _round_plug, ("cylindrical", "stepped")),
        row("terminal_block_8", "Terminal block 8-pole green", _terminal_block, ("box", "slotted")),
        row("cable_gland_m25", "Cable gland M25", _cable_gland, ("hexagonal", "hollow")),
        row("relay_40a", "Relay 40 A", _relay, ("cube", "pins")),
        row("emergency_stop_40", "Emergency stop button 40", lambda: _push_button("red"), ("mushroom",)),
        row("din_supply_60w", "Power supply 60 W DIN rail", _din_supply, ("box",)),
        row("proximity_m18", "Proximity switch M18", _proximity, ("cylindrical", "long")),
    ]


def _gas_spring(length: float) -> Bodies:
    eye = on_y(Pos(0, 0, -5) * tube(20, 9, 10))
    return [
        (
            "steel_black",
            joined([rod(22, length * 0.58), Pos(0, 0, -8) * eye - Pos(0, 0, -8) * on_y(Pos(0, 0, -9) * rod(9, 18))]),
        ),
        ("chrome", Pos(0, 0, length * 0.58) * rod(10, length * 0.36)),
        ("plastic_black", Pos(0, 0, length * 0.94) * (rod(16, 16) - Pos(0, 0, 9) * on_x(Pos(0, 0, -20) * rod(8, 40)))),
    ]


def _pneumatic() -> Bodies:
    cap = rounded(block(54, 54, 26), 5)
    barrel = Pos(0, 0, 26) * joined([rod(44, 90), *(Pos(x, y, 0) * rod(7, 90) for x, y in corners(42, 42))])
    return [
        ("aluminium_black", cap),
        ("aluminium", barrel),
        ("aluminium_black", Pos(0, 0, 116) * cap),
        ("chrome", Pos(0, 0, 142) * rod(16, 46)),
        ("zinc", Pos(0, 0, 168) * (hexagon(19, 7) - rod(16, 10))),
    ]


def _shock() -> Bodies:
    coil = [Pos(0, 0, 70 + 18 * k) * turned([(26, -4), (32, -4), (34, 0), (32, 4), (26, 4)]) for k in range(8)]
    body = joined([rod(44, 120), Pos(0, 0, -24) * on_y(Pos(0, 0, -14) * tube(36, 14, 28))])
    return [
        ("painted_yellow", body),
        *(("painted_red", ring) for ring in coil),
        ("chrome", Pos(0, 0, 120) * rod(18, 110)),
        ("steel_black", Pos(0, 0, 206) * tube(64, 18, 8)),
    ]


def _hydraulic() -> Bodies:
    body = joined(
        [
            rod(70, 170),
            Pos(0, 0, -26) * on_y(Pos(0, 0, -17) * rod(60, 34)),
            Pos(30, 0, 20) * on_x(rod(26, 20)),
            Pos(30, 0, 145) * on_x(rod(26, 20)),
        ]
    )
    body -= Pos(0, 0, -26) * on_y(Pos(0, 0, -30) * rod(25, 60))
    return [
        ("painted_blue", body),
        ("chrome", Pos(0, 0, 170) * rod(36, 50)),
        ("steel", Pos(0, 0, 220) * block(44, 44, 22)),
    ]


def _cylinders() -> list[Recipe]:
    def row(class_id, name, build, shapes, near=()):
        return Recipe(class_id, name, "cylinder", ("FluidPower", "Cylinder"), build, shapes, (), near, 0.4)

    return [
        row("gas_spring_250", "Gas spring 250", lambda: _gas_spring(240), ("long", "eyed"), ("gas_spring_200",)),
        row("gas_spring_200", "Gas spring 200", lambda: _gas_spring(195), ("long", "eyed")),
        row("pneumatic_cylinder_40x90", "Pneumatic cylinder 40×90", _pneumatic, ("long", "box")),
        row("shock_absorber_240", "Shock absorber 240", _shock, ("long", "coil")),
        row("hydraulic_cylinder_70", "Hydraulic cylinder 70", _hydraulic, ("long", "eyed")),
    ]


def _stepper(size: float, length: float) -> Bodies:
    mid = rounded(block(size, size, length - 16), size * 0.1)
    cap = rounded(block(size, size, 8), size * 0.06)
    return [
        ("aluminium", cap),
        ("steel_black", Pos(0, 0, 8) * mid),
        ("aluminium", Pos(0, 0, length - 8) * drilled(cap, corners(size * 0.74, size * 0.74), 4)),
        ("steel", Pos(0, 0, length) * joined([rod(size * 0.5, 2), rod(size * 0.12, 24)])),
        ("plastic_white", Pos(0, -size / 2 - 3, 2) * block(16, 6, 9)),
    ]


def _fan(*, left: bool) -> Bodies:
    frame = rounded(block(80, 80, 25), 6) - rod(74, 60)
    struts = Pos(0, 0, 0) * joined([block(74, 3, 3), block(3, 74, 3)]) & rod(75, 10)
    frame = drilled(frame, corners(71, 71), 4.5)
    blades = [Rot(0, 0, 0) * blade for blade in around(Rot(38, 0, 0) * block(20, 2, 17), 7, 25)]
    hub = rod(32, 18)
    rotor = Pos(0, 0, 6) * joined([hub, *(blade & tube(70, 28, 40) for blade in (Pos(0, 0, 2) * b for b in blades))])
    body = [("plastic_black", joined([frame, struts])), ("plastic_grey", rotor)]
    return [(material, mirrored(shape)) for material, shape in body] if left else body


def _impeller(*, left: bool) -> Bodies:
    disc = rod(140, 6) + rod(40, 40)
    blade = plate([(18, -2), (40, 6), (68, 30), (66, 33), (38, 10), (18, 3)], 28)
    for copy in around(blade, 7, 0):
        disc += copy
    disc -= rod(18, 200)
    return [("aluminium", mirrored(disc) if left else disc)]


def _motor_ac() -> Bodies:
    body = joined([rod(110, 120), *around(block(14, 3, 120), 20, 55)])
    body = joined([body, Pos(0, 0, 120) * rod(104, 12)])
    box = Pos(0, 72, 40) * block(60, 34, 56)
    flange = Pos(0, 0, -12) * drilled(rod(140, 12), circle_points(4, 122, 45), 9)
    return [
        ("painted_blue", body),
        ("painted_blue", box - rod(126, 400)),
        ("painted_blue", flange),
        ("steel", Pos(0, 0, -46) * rod(19, 34)),
    ]


def _motors() -> list[Recipe]:
    def row(class_id, name, build, shapes, near=()):
        return Recipe(class_id, name, "motor_fan", ("Electrical", "Motor"), build, shapes, (), near, 0.5)

    return [
        row("stepper_nema23", "Stepper motor NEMA 23", lambda: _stepper(56.4, 56), ("box", "shaft")),
        row("axial_fan_80", "Axial fan 80×25", lambda: _fan(left=False), ("square", "bladed")),
        row(
            "impeller_140_left",
            "Impeller 140, left-hand",
            lambda: _impeller(left=True),
            ("round", "bladed"),
            ("impeller_140_right",),
        ),
        row("impeller_140_right", "Impeller 140, right-hand", lambda: _impeller(left=False), ("round", "bladed")),
        row("ac_motor_180w", "AC motor 180 W", _motor_ac, ("cylindrical", "finned")),
    ]


def recipes() -> list[Recipe]:
    """Return every class of this module."""
    return [*_valves(), *_electrical(), *_cylinders(), *_motors()]
