"""Printed boards, measured on the drawn pages: squares, ruler and cut marks have their true size."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pypdfium2
import pytest
from numpy.typing import NDArray
from PIL import Image

from calibration.board_sheet import FOOT_MM, MARGIN_MM, paper_size, write_board_pdf, write_board_picture
from calibration.detection import detect
from station.boards import Board, CharucoBoard, Chessboard, FrameBoard

BOARDS: list[Board] = [
    Chessboard(10, 7, 0.025),
    CharucoBoard(5, 7, 0.036195, 0.018256, "DICT_6X6_250"),
    FrameBoard(),
]
PER_MM = 8.0


def pages(path: Path) -> list[NDArray[np.uint8]]:
    """Draw the pages, 8 pixels a millimetre."""
    document = pypdfium2.PdfDocument(path)
    return [
        np.asarray(page.render(scale=PER_MM * 25.4 / 72.0, grayscale=True).to_pil(), dtype=np.uint8)
        for page in document
    ]


def text(path: Path) -> list[str]:
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(path)]


def measured_mm(picture: NDArray[np.uint8], board: Board, per_mm: float) -> float:
    """Find the board as calibration does, and return its square's edge in mm of the paper."""
    found = detect(picture, board, "cam_01", "sheet")
    assert found.view is not None, found.refusal
    points = found.view.points_m[:, :2]
    apart = np.linalg.norm(points[:, None] - points[None], axis=2)
    seen = np.linalg.norm(found.view.pixels[:, None] - found.view.pixels[None], axis=2)
    far = apart > apart.max() / 2
    return float(np.median(seen[far] / apart[far])) * board.square_m / per_mm


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.id)
def test_squares_have_their_true_size_on_one_sheet(board: Board, tmp_path: Path) -> None:
    path = tmp_path / "board.pdf"
    assert write_board_pdf(board, path, paper_size("600x500")) == 1
    (page,) = pages(path)
    assert page.shape == pytest.approx((500 * PER_MM, 600 * PER_MM), abs=1.0)
    assert measured_mm(page, board, PER_MM) == pytest.approx(board.square_m * 1e3, rel=2e-4)
    (words,) = text(path)
    assert board.id in words
    assert f"{board.columns} x {board.rows} squares" in words
    assert "100 mm" in words


@pytest.mark.parametrize("paper", ["A4", "A3", "300x500"])
def test_the_ruler_is_a_hundred_millimetres_long(paper: str, tmp_path: Path) -> None:
    path = tmp_path / "board.pdf"
    write_board_pdf(Chessboard(10, 7, 0.025), path, paper_size(paper))
    for page in pages(path):
        row = round(len(page) - (MARGIN_MM + 5) * PER_MM)
        dark = np.nonzero((page[row - 2 : row + 3] < 160).any(axis=0))[0]
        assert (dark[-1] - dark[0] + 1) / PER_MM == pytest.approx(100.0, abs=0.3)
        assert dark[0] / PER_MM == pytest.approx(MARGIN_MM, abs=0.3)


def test_sheets_cut_at_their_marks_and_laid_together_are_the_board(tmp_path: Path) -> None:
    board, path = FrameBoard(), tmp_path / "frame.pdf"
    sheets = write_board_pdf(board, path, paper_size("A4"))
    drawn = pages(path)
    assert sheets == len(drawn) > 1
    height, width = drawn[0].shape
    cut = {
        "left": round(MARGIN_MM * PER_MM),
        "right": width - round(MARGIN_MM * PER_MM),
        "top": round(MARGIN_MM * PER_MM),
        "bottom": height - round((MARGIN_MM + FOOT_MM) * PER_MM),
    }
    for page in drawn:
        # A mark stands beside each corner of what is kept, in both directions.
        for y in (cut["top"], cut["bottom"]):
            assert page[y - 2 : y + 3, cut["left"] - 30 : cut["left"] - 12].min(axis=0).max() < 200
            assert page[y - 2 : y + 3, cut["right"] + 12 : cut["right"] + 30].min(axis=0).max() < 200
        for x in (cut["left"], cut["right"]):
            assert page[cut["top"] - 30 : cut["top"] - 12, x - 2 : x + 3].min(axis=1).max() < 200
    kept = [page[cut["top"] : cut["bottom"], cut["left"] : cut["right"]] for page in drawn]
    across = int(np.ceil(board.width_m * 1e3 * PER_MM / kept[0].shape[1]))
    joined = np.vstack([np.hstack(kept[start : start + across]) for start in range(0, sheets, across)])
    assert measured_mm(joined, board, PER_MM) == pytest.approx(24.0, rel=2e-4)
    size = round(board.height_m * 1e3 * PER_MM), round(board.width_m * 1e3 * PER_MM)
    whole = cv2.resize(board.picture(96), size[::-1], interpolation=cv2.INTER_AREA)
    ring = round(board.ring * board.square_m * 1e3 * PER_MM)
    same = np.abs(joined[: size[0], : size[1]].astype(int) - whole) < 128
    same[ring:-ring, ring:-ring] = True
    assert same.mean() > 0.98


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.id)
def test_the_picture_prints_at_true_size_and_says_what_it_is(board: Board, tmp_path: Path) -> None:
    path = tmp_path / "board.png"
    write_board_picture(board, path)
    with Image.open(path) as image:
        image.load()
        per_inch = image.info["dpi"]
        picture = np.asarray(image.convert("L"), dtype=np.uint8)
    assert per_inch[0] == per_inch[1] == pytest.approx(300.0, abs=1.0)
    assert measured_mm(picture, board, per_inch[0] / 25.4) == pytest.approx(board.square_m * 1e3, rel=3e-4)
    row = round(len(picture) - (MARGIN_MM + 5) * per_inch[0] / 25.4)
    dark = np.nonzero(picture[row] < 128)[0]
    assert (dark[-1] - dark[0]) / per_inch[0] * 25.4 == pytest.approx(100.0, abs=0.4)
    assert (picture[row + 10 :] < 128).any(), "its id and parameters stand below the ruler"


def test_a_small_board_leaves_room_for_the_ruler(tmp_path: Path) -> None:
    path = tmp_path / "small.png"
    write_board_picture(Chessboard(5, 4, 0.008), path)
    with Image.open(path) as image:
        assert image.width / image.info["dpi"][0] * 25.4 >= 120.0
