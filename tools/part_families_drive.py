"""Parts that turn: bearings, gears, sprockets, pulleys, shafts, couplings, springs, pistons, rods."""

from __future__ import annotations

from math import pi

from bd_warehouse.bearing import SingleRowTaperedRollerBearing
from bd_warehouse.gear import SpurGear
from bd_warehouse.sprocket import Sprocket
from build123d import Circle, Helix, Plane, Pos, Rot, Sphere, Torus, sweep
from part_recipe import Bodies, Recipe
from part_shapes import (
    around,
    block,
    circle_points,
    drilled,
    joined,
    mirrored,
    on_x,
    on_y,
    plate,
    rod,
    tube,
    turned,
)


def _ball_bearing(bore: float, outer: float, width: float, *, sealed: str = "") -> Bodies:
    """Return a deep groove ball bearing, open with balls or closed with shields of a material."""
    wall = (outer - bore) * 0.5
    inner = tube(bore + wall * 0.62, bore, width)
    shell = tube(outer, outer - wall * 0.62, width)
    middle = (outer + bore) / 2
    if sealed:
        shield = Pos(0, 0, width * 0.05) * tube(outer - wall * 0.62, bore + wall * 0.62, width * 0.9)
        return [("chrome", inner), ("chrome", shell), (sealed, shield)]
    groove = Pos(0, 0, width / 2) * Torus(middle / 2, wall * 0.3)
    count = int(pi * middle / (wall * 0.85))
    balls = around(Pos(0, 0, width / 2) * Sphere(wall * 0.29), count, middle / 2)
    return [("chrome", inner - groove), ("chrome", shell - groove), *(("chrome", ball) for ball in balls)]


def _pillow_block() -> Bodies:
    foot = block(127, 38, 15)
    foot = drilled(foot, [(-48, 0), (48, 0)], 13)
    body = foot + Pos(0, 0, 33) * on_y(Pos(0, 0, -16) * rod(66, 32)) + block(64, 32, 33)
    bore = Pos(0, 0, 33) * on_y(Pos(0, 0, -40) * rod(47, 80))
    insert = Pos(0, 0, 33) * on_y(Pos(0, 0, -15) * tube(47, 20, 31))
    return [("painted_green", body - bore), ("chrome", insert)]


def _bearings() -> list[Recipe]:
    def row(class_id, name, build, near=(), shapes=("ring", "round"), angle=0.5):
        return Recipe(class_id, name, "bearing", ("MachineElement", "Bearing"), build, shapes, (), near, angle)

    return [
        row(
            "bearing_6203_2rs",
            "Ball bearing 6203-2RS",
            lambda: _ball_bearing(17, 40, 12, sealed="rubber"),
            ("bearing_6204_2rs",),
        ),
        row("bearing_6204_2rs", "Ball bearing 6204-2RS", lambda: _ball_bearing(20, 47, 14, sealed="rubber")),
        row(
            "bearing_6206_zz",
            "Ball bearing 6206-ZZ",
            lambda: _ball_bearing(30, 62, 16, sealed="steel"),
            ("bearing_6207_zz",),
        ),
        row("bearing_6207_zz", "Ball bearing 6207-ZZ", lambda: _ball_bearing(35, 72, 17, sealed="steel")),
        row("bearing_6210", "Ball bearing 6210 open", lambda: _ball_bearing(50, 90, 20)),
        row(
            "bearing_30206",
            "Tapered roller bearing 30206",
            lambda: [("steel", SingleRowTaperedRollerBearing("M30-62-17.25"))],
        ),
        row("pillow_block_ucp204", "Pillow block UCP 204", _pillow_block, (), ("block", "footed")),
    ]


def _gear(module: float, teeth: int, thick: float, bore: float, hub: float, hub_height: float):
    gear = SpurGear(module, teeth, 20, thick).moved(Pos(0, 0, thick / 2))
    return (gear + rod(hub, thick + hub_height)) - rod(bore, thick + hub_height + 1)


def _light_gear() -> Bodies:
    gear = _gear(1.5, 60, 12, 12, 26, 8)
    for hole in around(rod(17, 40), 5, 27):
        gear -= hole
    return [("brass", gear)]


def _bevel_gear() -> Bodies:
    body = turned([(8, 0), (18, 0), (18, 8), (34, 14), (22, 30), (8, 30)])
    for notch in around(Rot(0, -37, 0) * block(40, 2.4, 6), 22, 30):
        body -= Pos(0, 0, 21) * notch
    return [("steel", body)]


def _worm() -> Bodies:
    shaft = Pos(0, 0, -60) * rod(18, 120)
    rings = [Pos(0, 0, -30 + 6 * k) * turned([(8, -3), (16, -1), (16, 1), (8, 3)]) for k in range(11)]
    return [("steel", joined([shaft, *rings]))]


def _rack() -> Bodies:
    bar = block(160, 15, 13)
    for k in range(25):
        x = -78.5 + k * 6.283
        bar -= Pos(x, 0, 13) * on_y(Pos(0, 0, -20) * plate([(-2.4, 0.01), (2.4, 0.01), (1.0, 4.4), (-1.0, 4.4)], 40))
    return [("steel", bar)]


def _gears() -> list[Recipe]:
    def row(class_id, name, build, near=(), shapes=("toothed", "round"), angle=0.5):
        return Recipe(class_id, name, "gear", ("Drive", "Gear"), build, shapes, (), near, angle)

    return [
        row(
            "gear_m2_z20",
            "Spur gear m2 z20",
            lambda: [("steel", _gear(2, 20, 20, 12, 28, 10))],
            ("gear_m2_z22", "gear_m2_z20_pom"),
        ),
        row("gear_m2_z22", "Spur gear m2 z22", lambda: [("steel", _gear(2, 22, 20, 12, 28, 10))]),
        row("gear_m2_z20_pom", "Spur gear m2 z20 POM", lambda: [("plastic_white", _gear(2, 20, 20, 12, 28, 10))]),
        row("gear_m1.5_z60_light", "Spur gear m1.5 z60 with lightening holes", _light_gear),
        row("bevel_gear_m3_z22", "Bevel gear m3 z22", _bevel_gear, (), ("toothed", "conical")),
        row("worm_m2_d32", "Worm shaft m2", _worm, (), ("long", "cylindrical", "grooved")),
        row("rack_m2_160", "Gear rack m2 160 mm", _rack, (), ("bar", "toothed")),
    ]


def _sprocket(teeth: int, pitch: float, roller: float, thick: float, bore: float, hub: float, height: float):
    disc = Sprocket(teeth, pitch, roller, 0.1, thick).moved(Pos(0, 0, thick / 2))
    return (disc + rod(hub, height)) - rod(bore, 4 * height)


def _chain_link() -> Bodies:
    bodies = []
    for side in (-1, 1):
        slab = on_y(joined([Pos(12.7, 0, 0) * rod(11.8, 1.6), Pos(-12.7, 0, 0) * rod(11.8, 1.6), block(25, 8, 1.6)]))
        bodies.append(("steel", Pos(0, side * 6.5 - 0.8, 0) * slab))
    rollers = [on_y(Pos(x, 0, -5.7) * rod(8.5, 11.4)) for x in (-12.7, 12.7)]
    return [*bodies, *(("brass", roller) for roller in rollers)]


def _sprockets() -> list[Recipe]:
    def row(class_id, name, build, near=(), shapes=("toothed", "round", "flat")):
        return Recipe(class_id, name, "sprocket", ("Drive", "Sprocket"), build, shapes, (), near, 0.5)

    return [
        row(
            "sprocket_08b_z17",
            "Sprocket 08B-1 z17",
            lambda: [("steel", _sprocket(17, 12.7, 8.51, 7.2, 14, 45, 28))],
            (),
        ),
        row(
            "sprocket_06b_z38_plate",
            "Plate wheel 06B-1 z38",
            lambda: [("steel_black", _sprocket(38, 9.525, 6.35, 5.3, 14, 30, 5.3))],
        ),
        row("chain_link_16b", "Chain link 16B-1", _chain_link, (), ("link",)),
    ]


def _v_pulley(outer: float, grooves: int, bore: float, *, holes: int = 0):
    width = 12 + 13 * grooves
    profile = [(bore / 2, 0), (outer / 2, 0)]
    for k in range(grooves):
        z = 6 + 13 * k
        profile += [(outer / 2, z), (outer / 2 - 10, z + 4), (outer / 2 - 10, z + 9), (outer / 2, z + 13)]
    profile += [(outer / 2, width), (bore / 2, width)]
    body = turned(profile)
    face = outer / 2 - 20
    if face > bore:
        recess = tube(2 * face, bore + 22, 7)
        body -= recess
        body -= Pos(0, 0, width - 7) * recess
    for hole in around(rod(face * 0.42, 3 * width), holes, (face + bore / 2 + 11) / 2) if holes else ():
        body -= hole
    return body


def _timing_pulley() -> Bodies:
    rim = rod(44, 14)
    for tooth in around(rod(3.4, 14), 26, 22):
        rim -= tooth
    flange = tube(48, 12, 1.5)
    body = joined([rim, Pos(0, 0, 14) * rod(28, 8)]) - rod(10, 60)
    return [
        ("aluminium", body),
        ("steel", Pos(0, 0, -1.5) * flange - rod(12, 1)),
    ]


def _idler() -> Bodies:
    bearing = tube(30, 12, 14)
    roll = Pos(0, 0, -4) * turned(
        [(15, 0), (34, 0), (37, 2), (37, 4), (35, 5), (35, 17), (37, 18), (37, 20), (34, 22), (15, 22)]
    )
    roll -= rod(30, 14)
    return [("chrome", bearing), ("plastic_black", roll)]


def _crank_pulley() -> Bodies:
    profile = [(12, 0), (70, 0)]
    for k in range(6):
        profile += [(75, 4 + 4 * k), (70, 6 + 4 * k)]
    profile += [(75, 30), (70, 30), (62, 30), (62, 8), (24, 8), (24, 22), (12, 22)]
    body = turned(profile)
    body = drilled(body, circle_points(4, 86), 22)
    hub = Pos(0, 0, 8) * (tube(62 * 2, 110, 14))
    return [("steel_black", body), ("rubber", hub)]


def _pulleys() -> list[Recipe]:
    def row(class_id, name, build, near=(), shapes=("round", "grooved")):
        return Recipe(class_id, name, "pulley", ("Drive", "Pulley"), build, shapes, (), near, 0.4)

    return [
        row(
            "v_pulley_spa_100",
            "V-belt pulley SPA 100×1",
            lambda: [("cast_iron", _v_pulley(100, 1, 24))],
            ("v_pulley_spa_112",),
        ),
        row("v_pulley_spa_112", "V-belt pulley SPA 112×1", lambda: [("cast_iron", _v_pulley(112, 1, 24))]),
        row(
            "v_pulley_spa_180_2", "V-belt pulley SPA 180×2", lambda: [("painted_blue", _v_pulley(180, 2, 35, holes=4))]
        ),
        row("timing_pulley_t5_26", "Timing pulley T5 z26", _timing_pulley, (), ("round", "toothed")),
        row("idler_pulley_74", "Idler pulley 74 mm", _idler),
        row("crank_pulley_150", "Crankshaft pulley 6PK 150 mm", _crank_pulley),
    ]


def _stepped_shaft() -> Bodies:
    steps = [(25, 30), (35, 40), (42, 60), (52, 6), (35, 70), (25, 40)]
    z, bodies = 0.0, []
    for diameter, length in steps:
        bodies.append(Pos(0, 0, z) * rod(diameter, length))
        z += length
    shaft = joined(bodies) - Pos(9, 0, 3) * block(8, 8, 24)
    return [("steel", shaft)]


def _camshaft() -> Bodies:
    shaft = rod(24, 260)
    for k in range(6):
        lobe = joined([rod(32, 14), Pos(9, 0, 0) * rod(22, 14)])
        shaft += Pos(0, 0, 25 + 38 * k) * Rot(0, 0, 120 * k) * lobe
    return [("cast_iron", shaft + Pos(0, 0, -8) * rod(46, 8))]


def _crankshaft() -> Bodies:
    web = joined([block(30, 60, 12), Pos(0, 30, 0) * rod(32, 12), Pos(0, -24, 0) * (rod(64, 12))])
    shaft = joined(
        [
            rod(30, 50),
            Pos(0, 0, 50) * web,
            Pos(0, 30, 62) * rod(28, 30),
            Pos(0, 0, 92) * web,
            Pos(0, 0, 104) * rod(30, 70),
        ]
    )
    return [("steel", shaft)]


def _shafts() -> list[Recipe]:
    def row(class_id, name, build):
        return Recipe(class_id, name, "shaft", ("Drive", "Shaft"), build, ("long", "stepped"), angle=0.4)

    return [
        row("stepped_shaft_246", "Stepped shaft 246 mm", _stepped_shaft),
        row("camshaft_268", "Camshaft 268 mm", _camshaft),
        row("crankshaft_single", "Crankshaft single throw", _crankshaft),
    ]


def _jaw_hub() -> Bodies:
    hub = rod(55, 32)
    for jaw in around(block(18, 15, 14), 3, 18):
        hub += Pos(0, 0, 32) * (jaw & rod(55, 14))
    return [("aluminium", hub - rod(19, 100))]


def _spider() -> Bodies:
    star = joined([tube(30, 18, 12), *(a for a in around(block(16, 11, 12), 6, 20))])
    return [("plastic_red", star - rod(18, 40))]


def _bellows() -> Bodies:
    profile = [(8, 0), (20, 0), (20, 14)]
    for k in range(5):
        profile += [(17, 15 + 6 * k), (23, 18 + 6 * k), (17, 21 + 6 * k)]
    profile += [(20, 46), (20, 60), (8, 60)]
    return [("stainless", turned(profile))]


def _universal_joint() -> Bodies:
    def yoke():
        cheeks = [Pos(side * 17, 0, 0) * on_x(Pos(0, 0, -4) * rod(26, 8)) for side in (-1, 1)]
        arms = [Pos(side * 17, 0, -26) * block(8, 22, 26) for side in (-1, 1)]
        return joined([*cheeks, *arms, Pos(0, 0, -36) * block(42, 26, 12), Pos(0, 0, -75) * rod(28, 40)])

    cross = joined([on_x(Pos(0, 0, -13) * rod(10, 26)), on_y(Pos(0, 0, -13) * rod(10, 26))])
    return [("steel", yoke()), ("steel", Rot(180, 0, 90) * yoke()), ("chrome", cross)]


def _couplings() -> list[Recipe]:
    def row(class_id, name, build, shapes=("round",)):
        return Recipe(class_id, name, "coupling", ("Drive", "Coupling"), build, shapes, angle=0.4)

    return [
        row("jaw_coupling_hub_55", "Jaw coupling hub 55", _jaw_hub, ("round", "clawed")),
        row("coupling_spider_55", "Coupling spider 55", _spider, ("star",)),
        row("bellows_coupling_46", "Bellows coupling 46", _bellows, ("round", "ribbed")),
        row("universal_joint_28", "Universal joint 28", _universal_joint, ("jointed", "long")),
    ]


def _coil(radius: float, wire: float, pitch: float, turns: float, *, left: bool = False):
    path = Helix(pitch, pitch * turns, radius, lefthand=left)
    section = Plane(origin=path @ 0, z_dir=path % 0) * Circle(wire / 2)
    return sweep(section, path)


def _torsion_spring(*, left: bool) -> Bodies:
    coil = _coil(14, 4, 4.6, 5)
    leg = Pos(14, 0, 0) * Rot(90, 0, 0) * rod(4, 60)
    end = Pos(14, 0, 23) * Rot(-90, 0, 0) * rod(4, 36)
    body = [("steel", coil), ("steel", Pos(0, -0.4, 0) * leg), ("steel", Pos(0, 0.4, 0) * end)]
    return [(material, mirrored(shape)) for material, shape in body] if left else body


def _springs() -> list[Recipe]:
    def row(class_id, name, build, near=()):
        return Recipe(class_id, name, "spring", ("MachineElement", "Spring"), build, ("coil",), (), near, 0.4)

    return [
        row("spring_30x80", "Compression spring 30×80", lambda: [("steel", _coil(13, 4, 10, 8))], ("spring_30x65",)),
        row("spring_30x65", "Compression spring 30×65", lambda: [("steel", _coil(13, 4, 10, 6.5))]),
        row("spring_60x110_red", "Compression spring 60×110 red", lambda: [("painted_red", _coil(25, 9, 18, 6))]),
        row(
            "torsion_spring_left",
            "Torsion spring left-hand",
            lambda: _torsion_spring(left=True),
            ("torsion_spring_right",),
        ),
        row("torsion_spring_right", "Torsion spring right-hand", lambda: _torsion_spring(left=False)),
    ]


def _piston(diameter: float) -> Bodies:
    r = diameter / 2
    profile = [(0, 60), (0, 68), (r, 68)]
    for k in range(3):
        profile += [(r, 64 - 6 * k), (r - 3, 64 - 6 * k), (r - 3, 61.5 - 6 * k), (r, 61.5 - 6 * k)]
    profile += [(r, 0), (r - 6, 0), (r - 6, 60)]
    body = turned(profile)
    boss = (
        Pos(0, 0, 28) * on_x(Pos(0, 0, -r + 3) * rod(34, 2 * r - 6))
        - Pos(0, 0, 28) * block(30, 80, 40)
        - block(30, 80, 60)
    )
    body += boss
    body -= Pos(0, 0, 28) * on_x(Pos(0, 0, -100) * rod(21, 200))
    for side in (-1, 1):
        body -= Pos(0, side * (r + 4), 0) * on_y(Pos(0, 0, -30) * rod(46, 60))
    return [("aluminium", body)]


def _connecting_rod(length: float, *, offset: float = 0.0, left: bool = False) -> Bodies:
    big = tube(74, 52, 24)
    small = Pos(0, length, -2 + offset) * tube(38, 22, 28)
    shank = plate([(-17, 30), (17, 30), (11, length - 16), (-11, length - 16)], 18)
    shank = Pos(0, 0, 3) * shank
    for z in (17, 3 - 5):
        shank -= Pos(0, length / 2 + 8, z) * block(11, length - 62, 9)
    body = joined([big, shank, small])
    for side in (-1, 1):
        lug = Pos(side * 38, 0, 12) * on_y(Pos(0, 0, -20) * rod(20, 40))
        body += lug - rod(52, 30)
    body -= Pos(0, 0, 12) * block(120, 1.2, 40)
    if offset:
        body += Pos(6, length * 0.55, 12) * on_x(rod(14, 30))
    return [("steel", mirrored(body) if left else body)]


def _valve() -> Bodies:
    return [
        (
            "steel",
            turned(
                [
                    (0, 0),
                    (19, 0),
                    (19, 3),
                    (8, 8),
                    (3.5, 18),
                    (3.5, 110),
                    (2.5, 111),
                    (2.5, 113),
                    (3.5, 114),
                    (3.5, 118),
                    (0, 118),
                ]
            ),
        )
    ]


def _engine() -> list[Recipe]:
    def row(class_id, name, build, shapes, near=()):
        return Recipe(class_id, name, "engine_part", ("CarComponent", "Engine"), build, shapes, (), near, 0.4)

    return [
        row("piston_80", "Piston 80 mm", lambda: _piston(80), ("cylindrical", "hollow"), ()),
        row(
            "connecting_rod_130_left",
            "Connecting rod 130 mm, oil jet left",
            lambda: _connecting_rod(130, offset=6, left=True),
            ("long", "eyed"),
            ("connecting_rod_130_right",),
        ),
        row(
            "connecting_rod_130_right",
            "Connecting rod 130 mm, oil jet right",
            lambda: _connecting_rod(130, offset=6),
            ("long", "eyed"),
        ),
        row("engine_valve_38", "Engine valve 38×118", _valve, ("long", "mushroom")),
    ]


def recipes() -> list[Recipe]:
    """Return every class of this module."""
    return [
        *_bearings(),
        *_gears(),
        *_sprockets(),
        *_pulleys(),
        *_shafts(),
        *_couplings(),
        *_springs(),
        *_engine(),
    ]
