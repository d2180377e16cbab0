"""The quality gates: each fault is found by its gate and by no other, on drawn pictures and on real captures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import pytest

from recognition.roi.squares import mask_box, square_around
from station.captures.measures import measure_view
from station.captures.mvip import find_captures, load_frameset, load_masks
from station.captures.quality import ClassWeight, Expected, Likeness, judge
from station.captures.quality_report import Gate, QualityReport
from station.frames import Frame, FrameSet, MaskImage, TimeDomain
from station.results import PartLocation, PlateState
from station.settings import CaptureSection
from station.workflow import CapturedPart, Outcome

ROLES = ("cam_01", "cam_06", "cam_09")
SIZE = (320, 240)
SAMPLE = Path(__file__).parents[4] / "shared/data/mvip_sample"
needs_sample = pytest.mark.skipif(not SAMPLE.is_dir(), reason="needs the real captures in ../shared/data/mvip_sample")


def drawn(role: str, *, left: int = 120, blur: float = 0.7, light: float = 1.0) -> tuple[Frame, MaskImage]:
    """A striped part of 80 × 60 pixels on a grey plate, and its mask."""
    width, height = SIZE
    grey = np.full((height, width), 120.0, np.float32)
    mask = np.zeros((height, width), np.uint8)
    x0, x1 = max(left, 0), min(left + 80, width)
    mask[90:150, x0:x1] = 255
    stripes = 40.0 + 140.0 * ((np.arange(width) // 8) % 2)
    grey = np.where(mask > 0, stripes[None, :], grey).astype(np.float32)
    grey = np.clip(cv2.GaussianBlur(grey, (0, 0), blur) * light, 0, 255)
    color = np.repeat(grey.astype(np.uint8)[..., None], 3, axis=2)
    depth = np.full((height, width), 700, np.uint16)
    return Frame(role, color, depth, 0.001, 1, 0.0, TimeDomain.HARDWARE, 0), mask


def look(
    frames: Mapping[str, tuple[Frame, MaskImage]] | None = None,
    *,
    missing: tuple[str, ...] = (),
    skew_ms: float = 8.0,
    kg: float | None = 0.5,
    stable: bool = True,
) -> CapturedPart:
    there = {role: drawn(role) for role in ROLES if role not in missing} | dict(frames or {})
    masks = {role: mask for role, (_, mask) in there.items() if mask.any()}
    location = PartLocation(
        PlateState.OK,
        {role: square_around(mask_box(mask)) for role, mask in masks.items()},
        masks,
        (0.08, 0.06, 0.02),
        (),
        (),
    )
    now = datetime(2026, 3, 2, tzinfo=UTC)
    frameset = FrameSet({role: frame for role, (frame, _) in there.items()}, missing, skew_ms, now, 0)
    return CapturedPart(
        "20260302T000000000Z-0001",
        now,
        frameset,
        "cal",
        Outcome.OK,
        "",
        kg if stable else None,
        kg,
        location,
        weight_stable=stable,
        scale_step_kg=0.0001,
    )


def failing(report: QualityReport) -> dict[Gate, tuple[str, ...]]:
    return {one.gate: one.roles for one in report.gates if not one.passed}


def judged(part: CapturedPart, **expected: object) -> QualityReport:
    return judge(part, CaptureSection(), Expected(ROLES, **expected))  # type: ignore[arg-type]


def test_a_good_look_passes_every_gate() -> None:
    report = judged(look(), weight=ClassWeight(0.5, (0.501, 0.499)), likeness=Likeness(0.6, "before"))
    assert failing(report) == {}
    assert {one.gate for one in report.gates} == set(Gate)
    assert all(not one.sentence for one in report.gates)
    assert {"sharpness", "burnt", "dark", "share", "depth", "inside", "skew"} <= set(report.values)


FAULTS = {
    "a blurred lens": ({"cam_06": drawn("cam_06", blur=4.0)}, Gate.SHARPNESS),
    "too much light": ({role: drawn(role, light=8.0) for role in ROLES[:2]}, Gate.BURNT),
    "no light": ({role: drawn(role, light=0.02) for role in ROLES[:2]}, Gate.DARK),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_wrong_is_named_with_its_views(fault: str) -> None:
    frames, gate = FAULTS[fault]
    report = judged(look(frames))
    found = report.of(gate)
    assert found is not None
    assert (found.passed, found.roles) == (False, tuple(frames))
    assert all(role in found.sentence for role in frames)


def test_a_shiny_part_may_mirror_a_lamp_into_one_view() -> None:
    report = judged(look({"cam_06": drawn("cam_06", light=8.0)}))
    burnt = report.of(Gate.BURNT)
    assert burnt is not None
    assert (burnt.passed, burnt.roles, burnt.value) == (True, ("cam_06",), 0.0)


def test_a_mask_with_a_stray_speck_does_not_fill_its_square() -> None:
    frame, mask = drawn("cam_09")
    small = np.zeros_like(mask)
    small[100:108, 10:20] = 255
    small[200:203, 300:303] = 255
    assert failing(judged(look({"cam_09": (frame, small)})))[Gate.SHARE] == ("cam_09",)


def test_a_part_may_be_cut_in_so_many_views_and_no_more() -> None:
    cut = {role: drawn(role, left=-40) for role in ROLES}
    limits = CaptureSection(max_cut_views=2)
    assert failing(judge(look(cut), limits, Expected(ROLES))) == {Gate.INSIDE: ROLES}
    two = {role: cut[role] for role in ROLES[:2]}
    assert failing(judge(look(two), limits, Expected(ROLES))) == {}


def test_dead_depth_is_told_from_holes() -> None:
    frame, mask = drawn("cam_06")
    holes = frame.depth.copy()
    holes[:, ::2] = 0
    assert failing(judged(look({"cam_06": (replace(frame, depth=holes), mask)}))) == {}
    dead = np.zeros_like(frame.depth)
    assert failing(judged(look({"cam_06": (replace(frame, depth=dead), mask)}))) == {Gate.DEPTH: ("cam_06",)}


def test_missing_views_and_skew_refuse_by_default() -> None:
    report = judged(look(missing=("cam_09",), skew_ms=140.0))
    assert [one.gate for one in report.refusing] == [Gate.VIEWS, Gate.SKEW]
    soft = judge(look(skew_ms=140.0), CaptureSection(hard=()), Expected(ROLES))
    assert not soft.refusing
    assert [one.gate for one in soft.warning] == [Gate.SKEW]


@pytest.mark.parametrize(
    ("kg", "weight", "passed"),
    [
        (0.5, ClassWeight(), None),
        (0.52, ClassWeight(0.5), True),
        (0.53, ClassWeight(0.5), False),
        (0.53, ClassWeight(0.5, (0.53,)), False),
        (0.53, ClassWeight(0.53, (0.531, 0.2, 0.53)), True),
        (0.0023, ClassWeight(0.002), True),
    ],
    ids=["not known", "near", "off", "off the part master alone", "the median counts", "three steps of the scale"],
)
def test_weight_is_held_against_the_part_master_and_the_captures(
    kg: float, weight: ClassWeight, passed: bool | None
) -> None:
    found = judged(look(kg=kg), weight=weight).of(Gate.WEIGHT)
    assert (found.passed if found else None) is passed


def test_a_restless_scale_refuses_and_a_station_without_one_does_not_ask() -> None:
    assert [one.gate for one in judged(look(stable=False)).refusing] == [Gate.STABLE]
    without = judged(look(kg=None, stable=False), has_scale=False, weight=ClassWeight(0.5))
    assert without.of(Gate.STABLE) is without.of(Gate.WEIGHT) is None
    assert "says nothing" in judged(look(kg=None, stable=False)).refusing[0].sentence


def test_a_duplicate_names_what_it_is_like_and_says_when_turning_cannot_help() -> None:
    (found,) = judged(look(), likeness=Likeness(0.999, "20260301T000000000Z-0001")).warning
    assert "Turn it" in found.sentence
    assert found.subject in found.sentence
    (found,) = judged(look(), likeness=Likeness(0.999, "other", symmetric=True)).warning
    assert "looks the same" in found.sentence


def test_doubts_of_the_calibration_refuse() -> None:
    (found,) = judged(look(), doubts=("Camera 3 stands 4.0 mm from its calibrated place.",)).refusing
    assert (found.gate, "Camera 3" in found.sentence) == (Gate.CALIBRATION, True)


def test_without_one_whole_part_nothing_else_is_judged() -> None:
    part = look()
    assert part.location is not None
    several = replace(
        part,
        outcome=Outcome.SEVERAL_PARTS,
        message="2 parts lie on the plate; leave one.",
        location=replace(part.location, state=PlateState.SEVERAL_PARTS),
    )
    for wrong in (several, replace(part, outcome=Outcome.ERROR, message="It failed.", location=None)):
        (found,) = judged(wrong).gates
        assert (found.gate, found.hard, found.passed, found.sentence) == (Gate.WHOLE, True, False, wrong.message)


@pytest.mark.parametrize("sigma", [1.0, 2.0, 4.0])
def test_sharpness_is_the_blur_of_an_edge_whatever_its_contrast(sigma: float) -> None:
    for low, high in ((20, 230), (90, 160)):
        grey = np.full((200, 200), low, np.uint8)
        grey[:, 100:] = high
        mask = np.zeros((200, 200), np.uint8)
        mask[40:160, 60:140] = 255
        color = np.repeat(cv2.GaussianBlur(grey, (0, 0), sigma)[..., None], 3, axis=2)
        found = measure_view(color, np.zeros((200, 200), np.uint16), mask, (50, 30, 150, 170))
        assert found is not None
        assert found.sharpness == pytest.approx(1.0 / (sigma * np.sqrt(2.0 * np.pi)), rel=0.15)


def real_look(path: Path) -> CapturedPart:
    frameset, calibration = load_frameset(path)
    masks = load_masks(path)
    roi = {role: square_around(mask_box(mask)) for role, mask in masks.items()}
    location = PartLocation(PlateState.OK, roi, masks, None, (), ())
    return CapturedPart("real", frameset.taken_at, frameset, calibration.id, Outcome.OK, "", None, None, location)


@needs_sample
def test_real_captures_pass_but_for_the_camera_whose_depth_is_dead() -> None:
    for capture in find_captures(SAMPLE):
        part = real_look(capture.path)
        report = judge(part, CaptureSection(), Expected(tuple(part.frameset.frames), has_scale=False))
        assert failing(report) == {Gate.DEPTH: ("cam_05",)}, capture.path
        depth = report.of(Gate.DEPTH)
        assert depth is not None
        assert not depth.hard


@needs_sample
@pytest.mark.parametrize("role", ["cam_01", "cam_09"])
def test_a_blurred_view_of_a_real_capture_is_named(role: str) -> None:
    part = real_look(find_captures(SAMPLE)[0].path)
    frame = part.frameset.frames[role]
    blurred = replace(frame, color=cv2.GaussianBlur(frame.color, (0, 0), 4.0))
    frameset = replace(part.frameset, frames={**part.frameset.frames, role: blurred})
    report = judge(replace(part, frameset=frameset), CaptureSection(), Expected(ROLES, has_scale=False))
    assert failing(report)[Gate.SHARPNESS] == (role,)
