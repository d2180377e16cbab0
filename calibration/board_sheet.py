"""Boards on paper at true size: vector PDF with a 100 mm ruler and the board's parameters, tiled where needed."""

# reportlab has no annotations
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import math
import re
import zlib
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
    """Write the board at about 300 dpi as a PNG that knows its true size, with margin, ruler and parameters.

    Raises CalibrationError when it cannot be written.
    """
    square = max(8, round(board.square_m * 1e3 / 25.4 * 300.0))
    per_mm = square / (board.square_m * 1e3)
    margin, foot = round(MARGIN_MM * per_mm), round(FOOT_MM * per_mm)
    drawn = board.picture(square)
    narrow = max(0, round((100.0 + MARGIN_MM) * per_mm) - drawn.shape[1])
    sheet = cv2.copyMakeBorder(drawn, margin, margin + foot, margin, margin + narrow, cv2.BORDER_CONSTANT, value=255)
    _draw_picture_foot(np.asarray(sheet, dtype=np.uint8), board, per_mm)
    _, encoded = cv2.imencode(".png", sheet)
    content = with_density(bytes(np.asarray(encoded, dtype=np.uint8)), square / board.square_m)
    try:
        path.write_bytes(content)
    except OSError as error:
        raise CalibrationError(f"The picture cannot be written: {error.strerror or error}.", where=str(path)) from error


def with_density(png: bytes, per_metre: float) -> bytes:
    """Return a PNG with its pixels per metre in a ``pHYs`` chunk (PNG specification, 11.3.4.3), so it prints true."""
    after_header = 8 + 12 + int.from_bytes(png[8:12], "big")
    body = b"pHYs" + 2 * round(per_metre).to_bytes(4, "big") + b"\x01"
    chunk = (len(body) - 4).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")
    return png[:after_header] + chunk + png[after_header:]


def _draw_picture_foot(sheet: NDArray[np.uint8], board: Board, per_mm: float) -> None:
    """Draw the ruler and the two lines of text below the board, in place."""
    left, base = MARGIN_MM * per_mm, len(sheet) - (MARGIN_MM + 5) * per_mm

    def line(x0: float, y0: float, x1: float, y1: float) -> None:
        cv2.line(sheet, (round(x0), round(y0)), (round(x1), round(y1)), 0, max(1, round(0.2 * per_mm)))

    def write(words: str, y: float, height_mm: float) -> None:
        # Hershey's capitals are 21 units high at scale 1
        scale = height_mm * per_mm / 21.0
        cv2.putText(sheet, words, (round(left), round(y)), cv2.FONT_HERSHEY_SIMPLEX, scale, 0, 2, cv2.LINE_AA)

    line(left, base, left + 100 * per_mm, base)
    for position in range(0, 101, 5):
        x = left + position * per_mm
        line(x, base, x, base - (3.0 if position % 10 == 0 else 1.5) * per_mm)
    size = _size_mm(board)
    write(f"{board.id}   {size[0]:g} x {size[1]:g} mm", base + 4 * per_mm, 2.0)
    write(f"{parameters(board)}; the ruler is 100 mm long: measure it.", base + 8 * per_mm, 2.0)


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
    canvas.drawString(left, base - 7 * mm, f"{parameters(board)}; the ruler is 100 mm long: measure it.")


def parameters(board: Board) -> str:
    """Return a board's parameters in words: squares, their size, inner corners or markers."""
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
