"""All crops of a part cut and resized at once, on any device, as ``recognition.crops.cutting`` cuts them one by one.

Resizing is separable, so a crop is R_y · image · R_xᵀ with one sparse matrix for the rows and one for the columns, and
ten crops are two batched products. The rows of R are what OpenCV computes: for a crop that shrinks the share of each
source pixel in the destination pixel (INTER_AREA, the mean over exactly the area it covers, so that nothing aliases),
for one that grows the two nearest (INTER_LINEAR). What lies beyond the picture repeats its border. Depth and mask take
the nearest pixel and are 0 beyond. Colours differ by at most one level from OpenCV's, which rounds on its way.
"""

# torch's own annotations are partial
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from recognition.engine.views import Scalars, Views
from station.frames import MaskImage
from station.results import Square

_FACTS = 8
"""Numbers told of each view: edge of its square, where the staged part begins in it (x, y), its width and height, the
millimetres of one step of depth, and whether there is a mask; the last is spare."""
_ALIGNMENT = 32


@dataclass(frozen=True, slots=True)
class Layout:
    """How V views, each of at most E × E pixels, lie in one buffer of bytes: facts, depth, colour, mask."""

    views: int
    edge: int

    @property
    def facts_bytes(self) -> int:
        """Length of the numbers: a line for each view and one for what is known beside the pictures."""
        return (self.views + 1) * _FACTS * 8

    @property
    def size(self) -> int:
        """Length of all."""
        return self.facts_bytes + 6 * self.views * self.edge**2

    def parts(self, buffer: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return facts (V + 1, 8) float64, depth (V, E, E) int16, colour (V, E, E, 3) and mask (V, E, E) uint8.

        They are windows into ``buffer`` (size,) uint8, not copies; depth's 16 bits are to be read without a sign.
        """
        pixels = self.views * self.edge**2
        ends = (self.facts_bytes, self.facts_bytes + 2 * pixels, self.facts_bytes + 5 * pixels, self.size)
        square = (self.views, self.edge, self.edge)
        return (
            buffer[: ends[0]].view(torch.float64).view(self.views + 1, _FACTS),
            buffer[ends[0] : ends[1]].view(torch.int16).view(square),
            buffer[ends[1] : ends[2]].view(*square, 3),
            buffer[ends[2] : ends[3]].view(square),
        )


def layout_of(views: Views) -> Layout:
    """Return the layout that the views need."""
    longest = 1
    for role in views.roles:
        x0, y0, x1, y1 = _inside(views, role)
        longest = max(longest, x1 - x0, y1 - y0)
    return Layout(len(views.roles), math.ceil(longest / _ALIGNMENT) * _ALIGNMENT)


def stage(views: Views, scalars: Scalars, layout: Layout, buffer: Tensor) -> None:
    """Write what lies inside the squares, and nothing else of the frames, into a buffer in the CPU's memory."""
    facts, depth, color, mask = (part.numpy() for part in layout.parts(buffer))
    for number, role in enumerate(views.roles):
        frame, square = views.frames[role], views.squares[role]
        x0, y0, x1, y1 = _inside(views, role)
        wide, high = x1 - x0, y1 - y0
        color[number, :high, :wide] = frame.color[y0:y1, x0:x1]
        depth.view(np.uint16)[number, :high, :wide] = frame.depth[y0:y1, x0:x1]
        masked: MaskImage | None = views.masks.get(role)
        if masked is not None:
            mask[number, :high, :wide] = masked[y0:y1, x0:x1]
        millimetres = frame.depth_scale * 1000.0
        facts[number] = (
            square[2] - square[0],
            x0 - square[0],
            y0 - square[1],
            wide,
            high,
            millimetres,
            masked is not None,
            0.0,
        )
    facts[-1, :4] = _told(scalars)


def crops_on_device(layout: Layout, buffer: Tensor, size: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return colour (V, 3, S, S) 0…255, depth (V, S, S) in mm, both float32, and mask (V, S, S) uint8.

    ``buffer`` was staged with ``layout`` and lies on the device that is to compute.
    """
    facts, depth, color, mask = layout.parts(buffer)
    edge, left, top, wide, high, millimetres, masked, _ = facts[: layout.views].unbind(dim=1)
    rows = _resizing(edge, top, high, layout.edge, size)
    columns = _resizing(edge, left, wide, layout.edge, size)
    pictures = color.permute(0, 3, 1, 2).float()
    resized = (rows[:, None] @ pictures @ columns[:, None].transpose(2, 3)).round().clamp(0.0, 255.0)
    y, inside_y = _nearest(edge, top, high, size)
    x, inside_x = _nearest(edge, left, wide, size)
    inside = inside_y[:, :, None] & inside_x[:, None, :]
    own = torch.arange(layout.views, device=buffer.device)[:, None, None]
    at = (own, y[:, :, None], x[:, None, :])
    raw = (depth[at].int() & 0xFFFF).float() * millimetres.float()[:, None, None]
    deep = torch.where(inside, raw.clamp(0.0, 65535.0).round(), torch.zeros_like(raw))
    on_part = torch.where(inside & (masked > 0)[:, None, None], mask[at], torch.zeros_like(mask[at]))
    return resized, deep, on_part


def scalars_on_device(layout: Layout, buffer: Tensor) -> tuple[Tensor, Tensor]:
    """Return weight (1,) and edges (1, 3) that were staged beside the pictures, NaN where not known."""
    told = layout.parts(buffer)[0][-1].float()
    return told[:1], told[None, 1:4]


def _told(scalars: Scalars) -> NDArray[np.float64]:
    nan = float("nan")
    return np.array([nan if scalars.weight_kg is None else scalars.weight_kg, *(scalars.size_m or (nan,) * 3)])


def _inside(views: Views, role: str) -> Square:
    """Return the part of a view's square that lies in its picture."""
    height, width = views.frames[role].color.shape[:2]
    x0, y0, x1, y1 = views.squares[role]
    left, top = min(max(x0, 0), width), min(max(y0, 0), height)
    return left, top, max(left, min(x1, width)), max(top, min(y1, height))


def _resizing(edge: Tensor, before: Tensor, inner: Tensor, longest: int, size: int) -> Tensor:
    """Return the matrices (V, S, E) that bring one axis of each view to S pixels.

    ``edge`` (V,) is the square's length in source pixels, of which ``inner`` (V,) are staged from ``before`` (V,) on.
    """
    scale = (edge / size)[:, None, None]
    at = torch.arange(size, device=edge.device, dtype=torch.float64)[None, :, None]
    pixel = torch.arange(longest, device=edge.device, dtype=torch.float64)[None, None, :]
    start, last = before[:, None, None], inner[:, None, None] - 1.0
    # The first and the last staged pixel stand for all beyond them as well.
    low = at * scale - start
    begins = torch.where(pixel == 0.0, torch.full_like(pixel, -math.inf), pixel)
    ends = torch.where(pixel == last, torch.full_like(pixel, math.inf), pixel + 1.0)
    covered = (torch.minimum(low + scale, ends) - torch.maximum(low, begins)).clamp(min=0.0) / scale
    shrinking = torch.where(pixel > last, torch.zeros_like(covered), covered)
    center = ((at + 0.5) * scale - 0.5).clamp(min=0.0).minimum(edge[:, None, None] - 1.0) - start
    growing = (1.0 - (center.clamp(min=0.0).minimum(last) - pixel).abs()).clamp(min=0.0)
    return torch.where(scale > 1.0, shrinking, growing).float()


def _nearest(edge: Tensor, before: Tensor, inner: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """Return each destination pixel's staged source pixel (V, S) and whether it was staged, as INTER_NEAREST picks."""
    at = torch.arange(size, device=edge.device, dtype=torch.float64)[None, :]
    step = (torch.full_like(edge, size) / edge).reciprocal()  # rounded in OpenCV's order
    source = (at * step[:, None]).floor().minimum(edge[:, None] - 1.0) - before[:, None]
    inside = (source >= 0.0) & (source < inner[:, None])
    return source.clamp(min=0.0).minimum((inner[:, None] - 1.0).clamp(min=0.0)).long(), inside
