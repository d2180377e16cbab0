"""Boards on paper at true size: vector PDF with a 100 mm ruler and the board's parameters, tiled where needed."""

# reportlab has no annotations
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import math
import re
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from station.boards import Board, Chessboard, FrameBoard
from station.errors import CalibrationError

PAPERS: dict[str, tuple[float, float]] = {"A4": (210.0, 297.0), "A3": (297.0, 420.0)}
"""Width and height in millimetres, upright."""

MARGIN_MM = 10.0
FOOT_MM = 14.0
"""Height below the board for the ruler and the text."""

_MARK_MM = 5.0


def paper_size(text: str) -> tuple[float, float]:
    """Return width and height in millimetres of ``A4``, ``A3`` or ``WxH``; raises CalibrationError."""
    if text.upper() in PAPERS:
        return PAPERS[text.upper()]
    found = re.fullmatch(r"(\d+(?:\.\d+)?)x(\d+(?:\.\d+)?)", text)
    if found is None or min(float(found[1]), float(found[2])) < 130.0:
        raise CalibrationError(
            f"{text!r} is no paper size.", todo="Give A4, A3 or width x height in millimetres from 130, as 400x600."
        )
    return float(found[1]), float(found[2])


def write_board_pdf(board: Board, path: Path, paper: tuple[float, float]) -> int:
    """Draw the board at true size and return the number of sheets.

    The paper is turned where fewer sheets suffice so. Raises CalibrationError when the file cannot be written.
    """
    width, height = min(paper, (paper[1], paper[0]), key=lambda size: math.prod(_tiles(board, size)))
    across, down = _tiles(board, (width, height))
    usable = width - 2 * MARGIN_MM, height - 2 * MARGIN_MM - FOOT_MM
    canvas = Canvas(str(path), pagesize=(width * mm, height * mm), invariant=1)
    canvas.setTitle(board.id)
    size = _size_mm(board)
    for row in range(down):
        for column in range(across):
            tile = f"sheet {row * across + column + 1} of {across * down}"
            _draw_tile(canvas, board, (column * usable[0], row * usable[1]), usable, (across, down))
            _draw_foot(canvas, board, tile, size)
            canvas.showPage()
    try:
        canvas.save()
    except OSError as error:
        raise CalibrationError(f"The sheet cannot be written: {error.strerror or error}.", where=str(path)) from error
    return across * down


def write_board_picture(board: Board, path: Path) -> None:
    """Write the board without margin as a PNG of about 300 dpi; raises CalibrationError when it cannot be written."""
    pixels = max(8, round(board.square_m * 1e3 / 25.4 * 300.0))
    if not cv2.imwrite(str(path), board.picture(pixels)):
        raise CalibrationError("The picture cannot be written.", where=str(path))


def _size_mm(board: Board) -> tuple[float, float]:
    return board.columns * board.square_m * 1e3, board.rows * board.square_m * 1e3


def _tiles(board: Board, paper: tuple[float, float]) -> tuple[int, int]:
    width, height = _size_mm(board)
    usable = paper[0] - 2 * MARGIN_MM, paper[1] - 2 * MARGIN_MM - FOOT_MM
    return math.ceil(width / usable[0] - 1e-9), math.ceil(height / usable[1] - 1e-9)


def _draw_tile(
    canvas: Canvas, board: Board, offset: tuple[float, float], usable: tuple[float, float], tiles: tuple[int, int]
) -> None:
    """Draw the part of the board that begins at ``offset`` (from its upper left corner, mm), cut at the usable area."""
    left, bottom = MARGIN_MM * mm, (MARGIN_MM + FOOT_MM) * mm
    top = bottom + usable[1] * mm
    canvas.saveState()
    clip = canvas.beginPath()
    clip.rect(left, bottom, usable[0] * mm, usable[1] * mm)
    canvas.clipPath(clip, stroke=0, fill=0)
    canvas.setFillGray(0.0)
    outline = canvas.beginPath()
    for x, y, width, height in black_rectangles(board):
        outline.rect(left + (x - offset[0]) * mm, top - (y + height - offset[1]) * mm, width * mm, height * mm)
    canvas.drawPath(outline, stroke=0, fill=1)
    canvas.restoreState()
    if tiles != (1, 1):
        canvas.setLineWidth(0.2)
        right = left + usable[0] * mm
        for y in (bottom, top):
            canvas.line(left - _MARK_MM * mm, y, left - mm, y)
            canvas.line(right + mm, y, right + _MARK_MM * mm, y)
        for x in (left, right):
            canvas.line(x, bottom - _MARK_MM * mm, x, bottom - mm)
            canvas.line(x, top + mm, x, top + _MARK_MM * mm)


def _draw_foot(canvas: Canvas, board: Board, tile: str, size: tuple[float, float]) -> None:
    left, base = MARGIN_MM * mm, (MARGIN_MM + 5) * mm
    canvas.setLineWidth(0.3)
    canvas.line(left, base, left + 100 * mm, base)
    for position in range(0, 101, 5):
        canvas.line(left + position * mm, base, left + position * mm, base + (3 if position % 10 == 0 else 1.5) * mm)
    canvas.setFont("Helvetica", 6)
    for position in range(0, 101, 10):
        canvas.drawCentredString(left + position * mm, base + 3.8 * mm, str(position))
    canvas.setFont("Helvetica", 8)
    canvas.drawString(left, base - 3.5 * mm, f"{board.id}   {tile}   {size[0]:g} x {size[1]:g} mm")
    canvas.drawString(left, base - 7 * mm, f"{_parameters(board)}; the ruler is 100 mm long: measure it.")


def _parameters(board: Board) -> str:
    squares = f"{board.columns} x {board.rows} squares of {board.square_m * 1e3:g} mm"
    if isinstance(board, Chessboard):
        return f"{squares}, {board.inner[0]} x {board.inner[1]} inner corners"
    return f"{squares}, markers of {board.marker_m * 1e3:g} mm"


def black_rectangles(board: Board) -> list[tuple[float, float, float, float]]:
    """Return what is black as rectangles (x, y, width, height) in millimetres from the upper left corner, y down."""
    square = board.square_m * 1e3
    if isinstance(board, Chessboard):
        return [
            (column * square, row * square, square, square)
            for row in range(board.rows)
            for column in range(board.columns)
            if (row + column) % 2 == 0
        ]
    marker, side = board.marker_m * 1e3, square
    ring = board.ring if isinstance(board, FrameBoard) else max(board.rows, board.columns)
    charuco = board.charuco()
    dictionary = charuco.getDictionary()
    cells = int(dictionary.markerSize) + 2
    found: list[tuple[float, float, float, float]] = []
    corners = [np.asarray(points, dtype=np.float64)[:, :2] * 1e3 for points in charuco.getObjPoints()]
    with_marker: set[tuple[int, int]] = set()
    for number, points in zip(np.asarray(charuco.getIds()).ravel().tolist(), corners, strict=True):
        x, y = points.min(axis=0).tolist()
        column, row = round((x - (side - marker) / 2) / side), round((y - (side - marker) / 2) / side)
        with_marker.add((column, row))
        if _printed(board, column, row, ring):
            image = np.asarray(dictionary.generateImageMarker(int(number), cells), dtype=np.uint8)
            found += _black_cells(image, x, y, marker / cells)
    found += [
        (column * side, row * side, side, side)
        for row in range(board.rows)
        for column in range(board.columns)
        if (column, row) not in with_marker and _printed(board, column, row, ring)
    ]
    return found


def _printed(board: Board, column: int, row: int, ring: int) -> bool:
    return min(column, row, board.columns - 1 - column, board.rows - 1 - row) < ring


def _black_cells(image: NDArray[np.uint8], x: float, y: float, cell: float) -> list[tuple[float, float, float, float]]:
    """Return the black cells of a marker, joined along their rows."""
    found: list[tuple[float, float, float, float]] = []
    for row, line in enumerate((image < 128).tolist()):
        column = 0
        while column < len(line):
            if line[column]:
                start = column
                while column < len(line) and line[column]:
                    column += 1
                found.append((x + start * cell, y + row * cell, (column - start) * cell, cell))
            else:
                column += 1
    return found
