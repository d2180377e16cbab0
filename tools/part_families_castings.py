"""Castings, housings, flanges and what things stand on."""

from __future__ import annotations

from bd_warehouse.flange import BlindFlange, SlipOnFlange, WeldNeckFlange
from build123d import Pos
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
    rod,
    rounded,
    taper,
    tube,
    turned,
)


def _alternator() -> Bodies:
    front = joined(
        [rod(128, 34), *around(Pos(0, 0, 0) * block(34, 26, 34), 1, 66), *around(block(30, 22, 30), 1, 66, 180)]
    )
    front = drilled(front, [(74, 0), (-72, 0)], 10)
    for slot in around(block(22, 9, 60), 12, 44, 15):
        front -= slot
    core = Pos(0, 0, 34) * rod(122, 34)
    back = Pos(0, 0, 68) * joined(
        [rod(128, 30), Pos(0, 0, 30) * taper(112, 96, 18), Pos(-20, 30, 30) * block(36, 24, 26)]
    )
    fan = Pos(0, 0, -10) * joined([rod(50, 8), *around(block(34, 4, 8), 10, 40)])
    wheel = Pos(0, 0, -44) * turned(
        [
            (6, 0),
            (30, 0),
            (33, 3),
            (29, 6),
            (33, 9),
            (29, 12),
            (33, 15),
            (29, 18),
            (33, 21),
            (29, 24),
            (33, 28),
            (33, 32),
            (6, 32),
        ]
    )
    return [
        ("aluminium", front),
        ("steel", core),
        ("aluminium", back),
        ("steel", fan),
        ("steel_black", joined([wheel, Pos(0, 0, -50) * rod(12, 6)])),
    ]


def _starter() -> Bodies:
    body = rod(78, 120)
    solenoid = Pos(0, 66, 20) * rod(50, 92)
    nose = Pos(0, 0, 120) * joined([taper(98, 60, 34), Pos(0, 30, 0) * block(96, 100, 12)])
    nose = drilled(nose, [(-36, 62), (36, 62)], 11)
    pinion = Pos(0, 0, 154) * joined([rod(26, 26), *around(block(5, 4, 26), 9, 13.5)])
    return [
        ("steel_black", body),
        ("steel_black", solenoid - Pos(0, 0, -1) * rod(78, 200)),
        ("cast_iron", nose),
        ("steel", pinion),
        ("copper", Pos(0, 66, 0) * joined([Pos(-10, 0, 0) * rod(9, 20), Pos(10, 0, 0) * rod(9, 20)])),
    ]


def _pump_housing(*, left: bool) -> Bodies:
    volute = joined([rod(120, 44), Pos(0, 40, 22) * on_x(rod(40, 92)), Pos(80, 40, 22) * on_x(rod(66, 12))])
    volute = joined([volute, rod(150, 10), Pos(0, 0, 44) * rod(60, 18)])
    volute -= joined([Pos(0, 0, -1) * rod(96, 30), Pos(0, 40, 22) * on_x(rod(26, 200)), rod(30, 90)])
    volute = drilled(volute, circle_points(6, 134, 30), 9, 1000)
    volute = mirrored(volute) if left else volute
    return [("painted_blue", volute)]


def _gearbox() -> Bodies:
    box = rounded(block(150, 100, 110), 12)
    feet = drilled(block(180, 130, 12), corners(156, 106), 11)
    boss = [Pos(75, 0, 60) * on_x(rod(64, 14)), Pos(-89, 0, 60) * on_x(rod(64, 14))]
    lid = Pos(0, 0, 110) * block(120, 76, 6)
    case = joined([box, feet, *boss]) - Pos(0, 0, 14) * block(126, 78, 96)
    shaft = Pos(89, 0, 60) * on_x(rod(24, 40))
    return [("painted_green", case), ("painted_green", lid), ("steel", shaft)]


def _turbine_housing() -> Bodies:
    snail = joined(
        [
            rod(100, 46),
            Pos(30, 32, 23) * on_y(taper(44, 34, 60)),
            Pos(30, 86, 23) * on_y(block(56, 56, 9)),
            Pos(0, 0, 46) * rod(60, 22),
        ]
    )
    snail -= joined([rod(40, 200), Pos(30, 20, 23) * on_y(rod(26, 120))])
    return [("cast_iron", snail)]


def _oil_filter() -> Bodies:
    can = turned(
        [(10, 0), (38, 0), (40, 3), (40, 96), (34, 104), (0, 104), (0, 102), (33, 102), (38, 95), (38, 4), (10, 4)]
    )
    return [("painted_orange", can), ("rubber", Pos(0, 0, -3) * tube(70, 60, 3))]


def _throttle() -> Bodies:
    body = joined([rounded(block(90, 90, 24), 10), rod(74, 60), Pos(0, 0, 30) * on_x(Pos(0, 0, -52) * rod(24, 104))])
    body = drilled(body - rod(58, 200), corners(70, 70), 8)
    motor = Pos(62, 0, 8) * block(36, 60, 44)
    disc = Pos(0, 0, 30) * rod(58, 2)
    return [("aluminium", body - Pos(62, 0, 8) * block(36, 60, 44)), ("plastic_black", motor), ("brass", disc)]


def _cylinder_head() -> Bodies:
    body = block(200, 110, 50)
    for x in (-66, 0, 66):
        body -= Pos(x, 0, -1) * rod(52, 13)
        body -= Pos(x, 30, 24) * on_y(rod(28, 60))
    body += Pos(0, -20, 50) * block(190, 30, 14)
    return [("aluminium", drilled(body, [(x, y) for x in (-92, -33, 33, 92) for y in (-46, 46)], 10))]


def _castings() -> list[Recipe]:
    def row(class_id, name, kind, build, shapes, near=()):
        return Recipe(class_id, name, "housing", ("CarComponent", kind), build, shapes, near=near, angle=0.4)

    return [
        row("alternator_14v", "Alternator 14 V 90 A", "Generator", _alternator, ("cylindrical", "slotted")),
        row("starter_motor_1k", "Starter motor 1 kW", "Starter", _starter, ("cylindrical",)),
        row(
            "pump_housing_left",
            "Pump housing DN25, outlet left",
            "Pump",
            lambda: _pump_housing(left=True),
            ("round", "flanged"),
            ("pump_housing_right",),
        ),
        row(
            "pump_housing_right",
            "Pump housing DN25, outlet right",
            "Pump",
            lambda: _pump_housing(left=False),
            ("round", "flanged"),
        ),
        row("gearbox_i20", "Worm gearbox i20", "Gearbox", _gearbox, ("box", "footed")),
        row("turbine_housing_46", "Turbine housing 46", "Turbocharger", _turbine_housing, ("round", "flanged")),
        row("oil_filter_80", "Oil filter 80×104", "Filter", _oil_filter, ("cylindrical",)),
        row("throttle_body_58", "Throttle body 58", "Throttle", _throttle, ("flanged", "box")),
        row("cylinder_head_3", "Cylinder head three bores", "Engine", _cylinder_head, ("box",)),
    ]


def _flanges() -> list[Recipe]:
    def row(class_id, name, build, near=(), shapes=("round", "flanged")):
        return Recipe(class_id, name, "flange", ("Piping", "Flange"), build, shapes, (), near, 0.35)

    return [
        row("flange_wn_1_150", 'Weld neck flange 1" class 150', lambda: [("steel", WeldNeckFlange("1", 150))]),
        row(
            "flange_blind_1_150",
            'Blind flange 1" class 150',
            lambda: [("steel", BlindFlange("1", 150))],
            ("flange_slip_1_150",),
        ),
        row("flange_slip_1_150", 'Slip-on flange 1" class 150', lambda: [("steel", SlipOnFlange("1", 150))]),
    ]


def _stands() -> list[Recipe]:
    def row(class_id, name, build, shapes, near=()):
        return Recipe(class_id, name, "stand", ("Structure", "Stand"), build, shapes, (), near, 0.4)

    def column() -> Bodies:
        foot = drilled(rod(150, 14), circle_points(4, 120), 11)
        return [
            ("painted_black", foot),
            ("chrome", Pos(0, 0, 14) * tube(40, 32, 222)),
            ("plastic_black", Pos(0, 0, 236) * rod(44, 14)),
        ]

    def levelling() -> Bodies:
        return [
            ("rubber", rod(78, 6)),
            ("plastic_black", Pos(0, 0, 6) * taper(80, 34, 20)),
            ("zinc", Pos(0, 0, 26) * joined([rod(16, 90), hexagon(24, 8)])),
        ]

    def buffer(high: float) -> Bodies:
        return [
            ("zinc", joined([Pos(0, 0, -22) * rod(10, 22), rod(50, 2)])),
            ("rubber", Pos(0, 0, 2) * turned([(0, 0), (25, 0), (22, high / 2), (25, high), (0, high)])),
            ("zinc", Pos(0, 0, 2 + high) * joined([rod(50, 2), rod(10, 24)])),
        ]

    def caster() -> Bodies:
        fork = joined(
            [
                Pos(0, 0, 92) * block(80, 62, 4),
                Pos(8, 20, 38) * block(40, 4, 56),
                Pos(8, -20, 38) * block(40, 4, 56),
                Pos(0, 0, 80) * rod(56, 12),
            ]
        )
        fork = drilled(fork, corners(60, 44), 8.5)
        wheel = Pos(16, 0, 40) * on_y(Pos(0, 0, -15) * rod(80, 30))
        axle = Pos(16, 0, 40) * on_y(Pos(0, 0, -28) * rod(12, 56))
        return [("zinc", fork - axle), ("plastic_grey", wheel - axle), ("steel", axle)]

    def weight_block() -> Bodies:
        return [("painted_yellow", rounded(block(160, 90, 80), 10) - Pos(0, 0, 55) * block(70, 100, 30))]

    return [
        row("column_stand_250", "Column stand 250", column, ("column", "footed")),
        row("levelling_foot_80", "Levelling foot 80 M16", levelling, ("round", "stud")),
        row(
            "rubber_buffer_50x40",
            "Rubber buffer 50×40",
            lambda: buffer(40),
            ("cylindrical", "stud"),
            (),
        ),
        row("caster_80", "Caster 80", caster, ("wheel", "footed")),
        row("ballast_block_8kg", "Ballast block 8 kg", weight_block, ("box",)),
    ]


def recipes() -> list[Recipe]:
    """Return every class of this module."""
    return [*_castings(), *_flanges(), *_stands()]
