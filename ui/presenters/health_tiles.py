"""The health page's tiles: the newest frameset, the scale and the machine, a few words each."""

from __future__ import annotations

from dataclasses import replace

from station.acquisition.rig_figures import RigFigures
from station.disk_room import DiskRoom, disk_room
from station.frames import WeightReading
from station.machine_load import MachineLoad
from ui.presenters.health_source import HealthDoor
from ui.presenters.health_view import FigureTile
from ui.presenters.operator_view import Tone
from ui.presenters.tiles import role_label
from ui.presenters.wording import NO_VALUE, Wording

_ROOM = {DiskRoom.ENOUGH: Tone.IDLE, DiskRoom.LITTLE: Tone.WARNING, DiskRoom.NONE: Tone.ERROR}
_GB = 1e9
_FULL = 0.95
"""Memory in use from which on the system begins to swap."""


def figure_tiles(door: HealthDoor, words: Wording) -> tuple[FigureTile, ...]:
    """Return the tiles in their order."""
    return (
        replace(_frameset(door.figures, words), share=5),
        replace(_scale(door.has_scale, door.weight, door.scale_trouble, words), share=6),
        *_machine(door.machine, door.least_free_gb, words),
    )


def _frameset(figures: RigFigures | None, words: Wording) -> FigureTile:
    translate = words.translate
    title = translate("Health", "Cameras in step")
    if figures is None or figures.skew_ms is None:
        why = translate("Health", "No pictures of all cameras were joined in the last seconds.")
        return FigureTile("frameset", title, NO_VALUE, Tone.IDLE if figures is None else Tone.ERROR, why)
    of = len(figures.cameras)
    skew = words.number(figures.skew_ms, 1)
    text = f"{of - len(figures.missing)}/{of} · {skew} ms"
    if figures.missing:
        why = translate("Health", "The newest pictures lack camera {cameras}; the others lie {skew} ms apart.")
        named = ", ".join(role_label(role) for role in figures.missing)
        return FigureTile("frameset", title, text, Tone.WARNING, why.format(cameras=named, skew=skew))
    why = translate("Health", "The newest pictures of all cameras were taken within {skew} ms.")
    return FigureTile("frameset", title, text, Tone.IDLE, why.format(skew=skew))


def _scale(has_scale: bool, weight: WeightReading | None, trouble: str, words: Wording) -> FigureTile:
    translate = words.translate
    title = translate("Health", "Scale")
    if not has_scale:
        return FigureTile("scale", title, translate("Health", "none"), Tone.IDLE, "")
    if weight is None:
        return FigureTile("scale", title, translate("Health", "no weight"), Tone.ERROR, trouble)
    if trouble:
        return FigureTile("scale", title, translate("Health", "doubtful"), Tone.WARNING, trouble)
    still = translate("Health", "still") if weight.stable else translate("Health", "moves")
    return FigureTile("scale", title, f"{words.weight(weight.kg)} · {still}", Tone.IDLE, "")


def _machine(load: MachineLoad | None, least_free_gb: float, words: Wording) -> tuple[FigureTile, ...]:
    translate = words.translate
    titles = {
        "cpu": translate("Health", "Processors"),
        "gpu": translate("Health", "Graphics card"),
        "memory": translate("Health", "Memory"),
        "disk": translate("Health", "Disk"),
    }
    if load is None:
        why = translate("Health", "The machine tells no figures now: they are asked first, or a disk or card hangs.")
        return tuple(FigureTile(key, title, NO_VALUE, Tone.IDLE, why) for key, title in titles.items())
    own = translate("Health", "Of this, the station's program takes {own}.")
    memory_full = load.memory_used > _FULL * load.memory_total
    return (
        FigureTile(
            "cpu",
            titles["cpu"],
            _percent(load.cpu, words),
            Tone.IDLE,
            own.format(own=_percent(load.own_cpu, words)),
        ),
        _gpu(titles["gpu"], load, words),
        FigureTile(
            "memory",
            titles["memory"],
            f"{words.number(load.memory_used / _GB, 1)} / {words.number(load.memory_total / _GB, 0)} GB",
            Tone.WARNING if memory_full else Tone.IDLE,
            own.format(own=f"{words.number(load.own_memory / _GB, 1)} GB"),
        ),
        _disk(titles["disk"], load, least_free_gb, words),
    )


def _gpu(title: str, load: MachineLoad, words: Wording) -> FigureTile:
    if not load.gpus:
        return FigureTile("gpu", title, words.translate("Health", "none"), Tone.IDLE, "")
    lines: list[str] = []
    for gpu in load.gpus:
        told = [
            _percent(gpu.busy, words) if gpu.busy is not None else "",
            f"{words.number((gpu.memory_used or 0) / _GB, 1)} GB" if gpu.memory_used is not None else "",
            f"{words.number(gpu.celsius, 0)} °C" if gpu.celsius is not None else "",
        ]
        lines.append(": ".join((gpu.name, ", ".join(text for text in told if text) or NO_VALUE)))
    busy = max((gpu.busy for gpu in load.gpus if gpu.busy is not None), default=None)
    text = NO_VALUE if busy is None else _percent(busy, words)
    return FigureTile("gpu", title, text, Tone.IDLE, "\n".join(lines))


def _disk(title: str, load: MachineLoad, least_free_gb: float, words: Wording) -> FigureTile:
    if load.disk_free is None:
        why = words.translate("Health", "The disk of the data directory does not answer.")
        return FigureTile("disk", title, NO_VALUE, Tone.ERROR, why)
    free = load.disk_free / _GB
    tone = _ROOM[disk_room(free, least_free_gb)]
    text = words.translate("Health", "{free} GB free").format(free=words.number(free, 0 if free >= 10.0 else 1))
    return FigureTile("disk", title, text, tone, "")


def _percent(share: float, words: Wording) -> str:
    return f"{words.number(100.0 * share, 0)} %"
