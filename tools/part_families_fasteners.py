"""Screws, nuts, washers, rings, keys and pins; standard ones come from bd_warehouse."""

from __future__ import annotations

from math import cos, sin

from bd_warehouse.fastener import (
    ButtonHeadScrew,
    CounterSunkScrew,
    DomedCapNut,
    HexHeadScrew,
    HexNut,
    HexNutWithFlange,
    PlainWasher,
    SetScrew,
    SocketHeadCapScrew,
    SquareNut,
)
from build123d import (
    Align,
    Axis,
    Box,
    Cone,
    Cylinder,
    Pos,
    RegularPolygon,
    Rot,
    SlotOverall,
    Torus,
    chamfer,
    extrude,
)
from part_recipe import Bodies, Recipe

LOW = (Align.CENTER, Align.CENTER, Align.MIN)
PITCH = {5: "0.8", 6: "1", 8: "1.25", 10: "1.5", 12: "1.75", 16: "2", 20: "2.5", 24: "3"}


def _size(diameter: int) -> str:
    return f"M{diameter}-{PITCH[diameter]}"


def _hex_screw(d: int, length: int, material: str = "zinc") -> Bodies:
    return [(material, HexHeadScrew(_size(d), length, "iso4017", simple=True))]


def _socket_screw(d: int, length: int, material: str = "steel_black") -> Bodies:
    return [(material, SocketHeadCapScrew(_size(d), length, "iso4762", simple=True))]


def _hex_screws() -> list[Recipe]:
    rows = [
        (8, 40, "zinc", ("hex_screw_m8x45",)),
        (8, 45, "zinc", ()),
        (10, 50, "steel_black", ("hex_screw_m10x60",)),
        (10, 60, "steel_black", ()),
        (16, 60, "stainless", ()),
        (20, 120, "steel", ()),
        (24, 160, "zinc", ()),
    ]
    made = [
        Recipe(
            f"hex_screw_m{d}x{length}",
            f"Hex screw M{d}×{length} ISO 4017",
            "hex_screw",
            ("Fastener", "Screw", "HexScrew"),
            lambda d=d, length=length, m=material: _hex_screw(d, length, m),
            ("hexagonal", "long"),
            near=near,
        )
        for d, length, material, near in rows
    ]
    for material, word in (("brass", "brass"), ("plastic_white", "PA white")):
        tail = material.split("_")[0]
        made.append(
            Recipe(
                f"hex_screw_m8x40_{tail}",
                f"Hex screw M8×40 ISO 4017 {word}",
                "hex_screw",
                ("Fastener", "Screw", "HexScrew"),
                lambda m=material: _hex_screw(8, 40, m),
                ("hexagonal", "long"),
                near=("hex_screw_m8x40",) + (("hex_screw_m8x40_brass",) if tail == "plastic" else ()),
            )
        )
    return made


def _socket_screws() -> list[Recipe]:
    rows = [
        (6, 30, ("socket_screw_m6x35",)),
        (6, 35, ()),
        (12, 60, ()),
        (16, 100, ()),
    ]
    family = ("Fastener", "Screw", "SocketScrew")
    made = [
        Recipe(
            f"socket_screw_m{d}x{length}",
            f"Socket screw M{d}×{length} ISO 4762",
            "socket_screw",
            family,
            lambda d=d, length=length: _socket_screw(d, length),
            ("round", "long"),
            near=near,
        )
        for d, length, near in rows
    ]
    made += [
        Recipe(
            "countersunk_screw_m8x30",
            "Countersunk screw M8×30 ISO 10642",
            "socket_screw",
            ("Fastener", "Screw", "CountersunkScrew"),
            lambda: [("stainless", CounterSunkScrew("M8-1.25", 30, "iso10642", simple=True))],
            ("conical", "long"),
        ),
        Recipe(
            "button_screw_m10x25",
            "Button head screw M10×25 ISO 7380",
            "socket_screw",
            ("Fastener", "Screw", "ButtonScrew"),
            lambda: [("stainless", ButtonHeadScrew("M10-1.5", 25, "iso7380_1", simple=True))],
            ("domed", "long"),
        ),
        Recipe(
            "set_screw_m10x12",
            "Set screw M10×12 ISO 4026",
            "socket_screw",
            ("Fastener", "Screw", "SetScrew"),
            lambda: [("steel_black", SetScrew("M10-1.5", 12, "iso4026", simple=True))],
            ("cylindrical",),
        ),
    ]
    return made


def _wing_nut() -> Bodies:
    body = Cone(11, 8, 14, align=LOW) - Cylinder(5, 14, align=LOW)
    wing = extrude(Pos(17, 16) * SlotOverall(24, 14, rotation=62), 4)
    wing = Pos(0, 2, 0) * Rot(90, 0, 0) * wing
    body += wing - Cylinder(6, 60)
    body += Rot(0, 0, 180) * (wing - Cylinder(6, 60))
    return [("brass", body)]


def _lock_nut() -> Bodies:
    nut = extrude(RegularPolygon(12, 6, major_radius=False), 12.5) + Pos(0, 0, 12.5) * Cylinder(10.6, 5, align=LOW)
    nut -= Cylinder(7, 18, align=LOW)
    seat = Pos(0, 0, 13) * (Cylinder(9.4, 3.4, align=LOW) - Cylinder(7.0, 3.4, align=LOW))
    ring = Pos(0, 0, 13) * (Cylinder(9.4, 3.4, align=LOW) - Cylinder(7.2, 3.4, align=LOW))
    return [("zinc", nut - seat), ("plastic_blue", ring)]


def _slotted_round_nut() -> Bodies:
    nut = Cylinder(26, 8, align=LOW) - Cylinder(17.5, 8, align=LOW)
    for k in range(4):
        nut -= Rot(0, 0, 90 * k) * Pos(26, 0, 0) * Box(6, 6, 8, align=LOW)
    return [("steel", chamfer(nut.faces().sort_by(Axis.Z)[-1].outer_wire().edges(), 0.8))]


def _nuts() -> list[Recipe]:
    family = ("Fastener", "Nut")
    hexagonal = ("hexagonal", "hole")

    def hexnut(d: int, material: str) -> Bodies:
        return [(material, HexNut(_size(d), "iso4032", simple=True))]

    def row(class_id, name, kind, build, shapes=hexagonal, near=()):
        return Recipe(class_id, name, "nut", (*family, kind), build, shapes, near=near)

    return [
        row("hex_nut_m12_steel", "Hex nut M12 ISO 4032", "HexNut", lambda: hexnut(12, "zinc")),
        row(
            "hex_nut_m12_brass",
            "Hex nut M12 ISO 4032 brass",
            "HexNut",
            lambda: hexnut(12, "brass"),
            near=("hex_nut_m12_steel", "hex_nut_m12_plastic"),
        ),
        row(
            "hex_nut_m12_plastic",
            "Hex nut M12 ISO 4032 PA black",
            "HexNut",
            lambda: hexnut(12, "plastic_black"),
            near=("hex_nut_m12_steel",),
        ),
        row(
            "flange_nut_m12",
            "Flange nut M12 DIN 6923",
            "FlangeNut",
            lambda: [("zinc", HexNutWithFlange("M12-1.75", "din1665", simple=True))],
        ),
        row(
            "cap_nut_m12",
            "Cap nut M12 DIN 1587",
            "CapNut",
            lambda: [("chrome", DomedCapNut("M12-1.75", "din1587", simple=True))],
            ("hexagonal", "domed"),
        ),
        row(
            "square_nut_m12",
            "Square nut M12 DIN 557",
            "SquareNut",
            lambda: [("steel", SquareNut("M12-1.75", "din557", simple=True))],
            ("square", "hole"),
        ),
        row("wing_nut_m10", "Wing nut M10 DIN 315", "WingNut", _wing_nut, ("winged", "hole")),
        row("lock_nut_m16", "Lock nut M16 ISO 7040", "LockNut", _lock_nut),
        row("slotted_nut_km7", "Slotted round nut KM 7", "RoundNut", _slotted_round_nut, ("round", "notched", "hole")),
    ]


def _ring(outer: float, inner: float, thick: float):
    return Cylinder(outer / 2, thick, align=LOW) - Cylinder(inner / 2, thick, align=LOW)


def _tab_washer() -> Bodies:
    plate = _ring(36, 21, 1.5) + Pos(24, 0, 0) * Box(26, 14, 1.5, align=LOW) - Cylinder(10.5, 4)
    return [("steel", plate + Pos(36, 0, 0) * Box(1.5, 14, 9, align=LOW))]


def _tooth_washer() -> Bodies:
    ring = _ring(34, 17, 1.4)
    for k in range(10):
        ring -= Rot(0, 0, 36 * k) * Pos(17, 0, 0) * Box(7, 3.6, 4)
    return [("zinc", ring)]


def _washers() -> list[Recipe]:
    def row(class_id, name, build, material_tags=(), near=()):
        return Recipe(class_id, name, "washer", ("Fastener", "Washer"), build, ("flat", "ring"), material_tags, near)

    return [
        row("washer_m24", "Washer M24 ISO 7089", lambda: [("stainless", PlainWasher("M24", "iso7089"))]),
        row("washer_m12_large", "Washer M12 ISO 7093 large", lambda: [("zinc", PlainWasher("M12", "iso7093"))]),
        row("shim_ring_60x45x1", "Shim ring 60×45×1 DIN 988", lambda: [("stainless", _ring(60, 45, 1))]),
        row("tab_washer_m20", "Tab washer M20 DIN 93", _tab_washer),
        row("tooth_washer_m16", "Toothed washer M16 DIN 6797", _tooth_washer),
        row("copper_seal_ring_33", "Copper seal ring 33×39×2 DIN 7603", lambda: [("copper", _ring(39, 33, 2))]),
    ]


def _key(width: float, height: float, length: float):
    bar = extrude(SlotOverall(length, width), height)
    return chamfer(bar.faces().sort_by(Axis.Z)[-1].edges(), 0.4)


def _retaining_ring(outer: float, inner: float, thick: float, *, outside: bool) -> Bodies:
    ring = _ring(outer, inner, thick)
    mid = (outer + inner) / 4
    ring -= Pos(mid, 0, 0) * Box(outer / 2, outer * 0.16, 3 * thick)
    for side in (-1, 1):
        angle = side * 0.27
        reach = mid + (outer - inner) * (0.28 if outside else -0.28)
        ear = Pos(reach * cos(angle), reach * sin(angle), 0) * _ring((outer - inner) * 1.1, 2.4, thick)
        ring += ear
    return [("steel_black", ring)]


def _woodruff() -> Bodies:
    return [("steel", extrude(Pos(0, 0) * RegularPolygon(16, 48), 8) - Pos(0, 16 + 3, 0) * Box(50, 32, 40))]


def _pins_and_keys() -> list[Recipe]:
    def row(class_id, name, kind, build, shapes, near=()):
        return Recipe(class_id, name, "key_pin", ("MachineElement", kind), build, shapes, near=near)

    def dowel(d: float, length: float, material: str) -> Bodies:
        pin = Cylinder(d / 2, length)
        return [
            (material, chamfer(pin.faces().sort_by(Axis.Z)[0].edges() + pin.faces().sort_by(Axis.Z)[-1].edges(), 1))
        ]

    return [
        row("key_8x7x32", "Parallel key 8×7×32 DIN 6885", "Key", lambda: [("steel", _key(8, 7, 32))], ("bar",)),
        row(
            "key_8x7x40",
            "Parallel key 8×7×40 DIN 6885",
            "Key",
            lambda: [("steel", _key(8, 7, 40))],
            ("bar",),
            ("key_8x7x32",),
        ),
        row("woodruff_key_8x13", "Woodruff key 8×13 DIN 6888", "Key", _woodruff, ("half disc",)),
        row("dowel_pin_10x50", "Dowel pin 10×50 ISO 8734", "Pin", lambda: dowel(10, 50, "chrome"), ("cylindrical",)),
    ]


def _hose_clamp() -> Bodies:
    band = _ring(52, 50, 12)
    return [
        ("stainless", band + Pos(29, 0, 0) * Box(9, 18, 12, align=LOW) - Cylinder(25, 20)),
        ("zinc", Pos(30, 9, 6) * Rot(-90, 0, 0) * extrude(RegularPolygon(4, 6, major_radius=False), 8)),
    ]


def _rings() -> list[Recipe]:
    def row(class_id, name, build, shapes=("ring",), near=()):
        return Recipe(class_id, name, "ring", ("MachineElement", "Ring"), build, shapes, near=near)

    def o_ring() -> Bodies:
        return [("rubber", Torus(35, 3))]

    def collar() -> Bodies:
        ring = _ring(45, 25, 15) - Pos(16, 0, 7.5) * Box(30, 2.5, 30)
        ring -= Pos(17.5, 0, 7.5) * Rot(90, 0, 0) * Cylinder(3.2, 60)
        return [("steel_black", ring)]

    def lifting() -> Bodies:
        return [("zinc", Torus(30, 5))]

    return [
        row(
            "retaining_ring_a40",
            "Retaining ring A40 DIN 471",
            lambda: _retaining_ring(46, 36.5, 1.75, outside=True),
            ("ring", "open"),
            (),
        ),
        row(
            "retaining_ring_j62",
            "Retaining ring J62 DIN 472",
            lambda: _retaining_ring(66, 55, 2, outside=False),
            ("ring", "open"),
        ),
        row("o_ring_64x6", "O-ring 64×6 NBR", o_ring, ("ring", "torus")),
        row("welded_ring_50x10", "Welded ring 50×10", lifting, ("ring", "torus"), ("o_ring_64x6",)),
        row("shaft_collar_25", "Shaft collar 25 clamping", collar, ("ring", "slotted")),
        row("hose_clamp_50", "Hose clamp 50 mm", _hose_clamp, ("ring", "band")),
    ]


def _eye_bolt(d: float, length: float, ring: float, bar: float) -> Bodies:
    body = Pos(0, 0, ring + bar) * Rot(90, 0, 0) * Torus(ring, bar)
    body += Cylinder(bar * 2, bar * 0.9, align=LOW) + Pos(0, 0, -length) * Cylinder(d / 2, length + 1, align=LOW)
    return [("zinc", body)]


def _eyes() -> list[Recipe]:
    def row(class_id, name, build, near=()):
        return Recipe(class_id, name, "hook_eye", ("Lifting", "EyeBolt"), build, ("ring", "long"), near=near)

    return [
        row("eye_bolt_m20", "Eye bolt M20 DIN 580", lambda: _eye_bolt(20, 30, 27.5, 8.5)),
    ]


def recipes() -> list[Recipe]:
    """Return every class of this module."""
    return [
        *_hex_screws(),
        *_socket_screws(),
        *_nuts(),
        *_washers(),
        *_pins_and_keys(),
        *_rings(),
        *_eyes(),
    ]
