"""Boards to choose from, and a board's id in words: squares and inner corners, so that nobody confuses them."""

from __future__ import annotations

from dataclasses import dataclass

from station.boards import Board, CharucoBoard, Chessboard, FrameBoard, board_from_id
from station.errors import CalibrationError
from ui.presenters.wording import Wording

OFFERED = (
    "chess-10x7-25",
    "chess-10x7-35",
    "charuco-10x7-25-18-DICT_5X5_250",
    "charuco-10x7-35-26-DICT_5X5_250",
)
"""Ids; the boards of 25 mm fit on A4, those of 35 mm on A3. The first is the one that is chosen."""

PAPERS = ("A4", "A3")
PAPER_EDGES_MM = {"A4": (277.0, 176.0), "A3": (400.0, 263.0)}
"""What a sheet lying on its long side has room for beside margins and ruler, mm."""


@dataclass(frozen=True, slots=True)
class BoardChoice:
    """A board to calibrate with; ``text`` describes it, or says why ``board`` is ``None``."""

    board: Board | None
    name: str
    text: str
    paper: str


def board_choice(board_id: str, words: Wording) -> BoardChoice:
    """Return what an id means; without a board when it means none or one that cannot be held up."""
    translate = words.translate
    try:
        board = board_from_id(board_id.strip())
    except CalibrationError as error:
        text = translate("Boards", "This is no board's id. It is printed on the sheet, as chess-10x7-25.")
        return BoardChoice(None, board_id, text if "is no board id" in str(error) else str(error), PAPERS[0])
    if isinstance(board, FrameBoard):
        text = translate("Boards", "This is the frame on the plate. Choose the board that you hold in your hand.")
        return BoardChoice(None, board_id, text, PAPERS[0])
    return BoardChoice(board, _name(board, words), _described(board, words), _paper(board))


def _name(board: Chessboard | CharucoBoard, words: Wording) -> str:
    translate = words.translate
    kind = translate("Boards", "Chessboard")
    if isinstance(board, CharucoBoard):
        kind = translate("Boards", "ChArUco")
    text = translate("Boards", "{kind} {columns} × {rows} squares, {square} mm")
    return text.format(kind=kind, columns=board.columns, rows=board.rows, square=_mm(board.square_m, words))


def _described(board: Chessboard | CharucoBoard, words: Wording) -> str:
    translate = words.translate
    text = translate(
        "Boards",
        "{columns} × {rows} squares = {across} × {down} inner corners. {width} × {height} mm in all.",
    ).format(
        columns=board.columns,
        rows=board.rows,
        across=board.columns - 1,
        down=board.rows - 1,
        width=_mm(board.columns * board.square_m, words),
        height=_mm(board.rows * board.square_m, words),
    )
    if isinstance(board, CharucoBoard):
        marker = translate("Boards", "Markers of {marker} mm.").format(marker=_mm(board.marker_m, words))
        return f"{text} {marker}"
    if not board.unmistakable:
        warning = translate("Boards", "Turned by half it looks the same: rather take one with an odd and an even side.")
        return f"{text} {warning}"
    return text


def _paper(board: Chessboard | CharucoBoard) -> str:
    long, short = sorted((board.columns * board.square_m * 1e3, board.rows * board.square_m * 1e3), reverse=True)
    fitting = (name for name, room in PAPER_EDGES_MM.items() if long <= room[0] and short <= room[1])
    return next(fitting, PAPERS[-1])


def _mm(metres: float, words: Wording) -> str:
    text = f"{metres * 1e3:.3f}".rstrip("0").rstrip(".")
    return text.replace(".", words.decimal_point)
