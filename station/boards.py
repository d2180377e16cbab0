"""Board descriptions as values, and their picture.

The simulator draws, calibration detects and prints the same value. Every board has an ``id`` that encodes all its
parameters; :func:`board_from_id` reads it back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from station.errors import CalibrationError
from station.geometry import Array

DICTIONARIES: dict[str, int] = {
    name: int(getattr(cv2.aruco, name)) for name in sorted(dir(cv2.aruco)) if name.startswith("DICT_")
}
"""OpenCV's marker dictionaries by name."""


_MOST_PIXELS = 40_000_000
"""A board is drawn no finer than this."""


@dataclass(frozen=True, slots=True)
class FrameBoard:
    """ChArUco board with its middle cut out: the printed frame of the weighing plate.

    ``columns`` × ``rows`` squares of ``square_m`` metres, markers of ``marker_m``; only the outer ``ring``
    squares are printed. The world frame's origin is the corner of the frame, x along the columns, y along the
    rows, z up; OpenCV's board frame is its mirror in y and z.
    """

    columns: int = 20
    rows: int = 16
    square_m: float = 0.024
    marker_m: float = 0.018
    ring: int = 2
    dictionary: int = cv2.aruco.DICT_ARUCO_ORIGINAL

    @property
    def id(self) -> str:
        """All parameters in one word, millimetres."""
        name = _dictionary_name(self.dictionary)
        sizes = f"{_millimetres(self.square_m)}-{_millimetres(self.marker_m)}"
        return f"frame-{self.columns}x{self.rows}-{sizes}-ring{self.ring}-{name}"

    @property
    def width_m(self) -> float:
        """Edge along x, metres."""
        return self.columns * self.square_m

    @property
    def height_m(self) -> float:
        """Edge along y, metres."""
        return self.rows * self.square_m

    def charuco(self) -> cv2.aruco.CharucoBoard:
        """Return OpenCV's board, legacy pattern, without the cut."""
        board = cv2.aruco.CharucoBoard(
            (self.columns, self.rows),
            self.square_m,
            self.marker_m,
            cv2.aruco.getPredefinedDictionary(self.dictionary),
        )
        board.setLegacyPattern(True)
        return board

    def to_world(self, board_points: Array) -> Array:
        """Map points of OpenCV's board frame (N, 3) to the world frame (N, 3), metres."""
        world = np.array(board_points, dtype=np.float64).reshape(-1, 3)
        world[:, 1] = self.height_m - world[:, 1]
        world[:, 2] = -world[:, 2]
        return world

    def picture(self, pixels_per_square: int = 32) -> NDArray[np.uint8]:
        """Draw the printed frame from above, grey (rows·p, columns·p), the cut-out middle in mid grey.

        Image row 0 is the frame's far edge: ``y_world = height_m`` lies at the top.
        """
        image = _drawn(self.charuco(), pixels_per_square)
        cut = self.ring * pixels_per_square
        image[cut:-cut, cut:-cut] = 128
        return image


@dataclass(frozen=True, slots=True)
class Chessboard:
    """Chessboard of ``columns`` × ``rows`` squares of ``square_m`` metres; its corners are the inner ones.

    Its frame lies on the first inner corner, x along the columns, y along the rows (down in :meth:`picture`).
    """

    columns: int
    rows: int
    square_m: float

    def __post_init__(self) -> None:
        """Refuse boards that cannot be found."""
        if self.columns < 4 or self.rows < 4 or not self.square_m > 0:
            raise CalibrationError(
                f"A chessboard needs at least 4 × 4 squares of some size, found {self.columns} × {self.rows} of "
                f"{self.square_m * 1e3:g} mm."
            )

    @property
    def id(self) -> str:
        """All parameters in one word, millimetres; squares, not inner corners."""
        return f"chess-{self.columns}x{self.rows}-{_millimetres(self.square_m)}"

    @property
    def inner(self) -> tuple[int, int]:
        """Inner corners along the columns and along the rows."""
        return self.columns - 1, self.rows - 1

    @property
    def unmistakable(self) -> bool:
        """Whether the colours tell the board from itself turned by 180°: one side odd, the other even."""
        return (self.columns + self.rows) % 2 == 1

    @property
    def corners(self) -> Array:
        """Inner corners row by row, (N, 3), metres."""
        across, down = self.inner
        grid = np.mgrid[0:down, 0:across].reshape(2, -1).astype(np.float64) * self.square_m
        return np.stack([grid[1], grid[0], np.zeros(grid.shape[1])], axis=1)

    @property
    def turns(self) -> tuple[NDArray[np.intp], ...]:
        """The other orders (N,) in which the corners may have been read: turned by 180°, if square also by 90°."""
        across, down = self.inner
        index = np.arange(across * down, dtype=np.intp).reshape(down, across)
        quarters = (2,) if across != down else (1, 2, 3)
        return tuple(np.rot90(index, quarter).ravel() for quarter in quarters)

    def picture(self, pixels_per_square: int = 32) -> NDArray[np.uint8]:
        """Draw the board without margin, grey (rows·p, columns·p); the upper left square is black."""
        rows, columns = np.mgrid[0 : self.rows, 0 : self.columns]
        squares = np.where((rows + columns) % 2, np.uint8(255), np.uint8(0))
        return np.kron(squares, np.ones((pixels_per_square, pixels_per_square), np.uint8))


@dataclass(frozen=True, slots=True)
class CharucoBoard:
    """ChArUco board of ``columns`` × ``rows`` squares of ``square_m`` metres with markers of ``marker_m``.

    ``legacy`` is the layout of OpenCV before 4.6. Frame as OpenCV's: origin in the board's upper left corner.
    """

    columns: int
    rows: int
    square_m: float
    marker_m: float
    dictionary: str = "DICT_5X5_250"
    legacy: bool = False

    def __post_init__(self) -> None:
        """Refuse boards that cannot be drawn."""
        if self.columns < 3 or self.rows < 3 or not 0 < self.marker_m < self.square_m:
            raise CalibrationError(
                f"A ChArUco board needs at least 3 × 3 squares with markers smaller than a square, found {self.columns}"
                f" × {self.rows} of {self.square_m * 1e3:g} mm with markers of {self.marker_m * 1e3:g} mm."
            )
        if self.dictionary not in DICTIONARIES:
            raise CalibrationError(
                f"There is no marker dictionary {self.dictionary!r}.", todo="Give one of OpenCV's, as DICT_5X5_250."
            )

    @property
    def id(self) -> str:
        """All parameters in one word, millimetres."""
        legacy = "-legacy" if self.legacy else ""
        sizes = f"{_millimetres(self.square_m)}-{_millimetres(self.marker_m)}"
        return f"charuco-{self.columns}x{self.rows}-{sizes}-{self.dictionary}{legacy}"

    @property
    def corners(self) -> Array:
        """Chessboard corners in the order of their ids, (N, 3), metres."""
        return np.asarray(self.charuco().getChessboardCorners(), dtype=np.float64)

    def charuco(self) -> cv2.aruco.CharucoBoard:
        """Return OpenCV's board; raises CalibrationError when the dictionary has too few markers."""
        dictionary = cv2.aruco.getPredefinedDictionary(DICTIONARIES[self.dictionary])
        markers = self.columns * self.rows // 2
        if markers > len(dictionary.bytesList):
            raise CalibrationError(
                f"The board needs {markers} markers, {self.dictionary} has {len(dictionary.bytesList)}.",
                where=self.id,
                todo="Take a larger dictionary.",
            )
        board = cv2.aruco.CharucoBoard((self.columns, self.rows), self.square_m, self.marker_m, dictionary)
        board.setLegacyPattern(self.legacy)
        return board

    def picture(self, pixels_per_square: int = 32) -> NDArray[np.uint8]:
        """Draw the board without margin, grey (rows·p, columns·p)."""
        return _drawn(self.charuco(), pixels_per_square)


Board = Chessboard | CharucoBoard | FrameBoard
"""Any board that is printed, drawn or looked for."""

_LENGTH = r"(\d+(?:\.\d+)?)"
_CHESS = re.compile(rf"chess-(\d+)x(\d+)-{_LENGTH}")
_CHARUCO = re.compile(rf"charuco-(\d+)x(\d+)-{_LENGTH}-{_LENGTH}-(DICT_[0-9A-Za-z_]+)(-legacy)?")
_FRAME = re.compile(rf"frame-(\d+)x(\d+)-{_LENGTH}-{_LENGTH}-ring(\d+)-(DICT_[0-9A-Za-z_]+)")


def board_from_id(text: str) -> Board:
    """Return the board that ``text`` encodes; raises CalibrationError when it is no board id."""
    if found := _CHESS.fullmatch(text):
        return Chessboard(int(found[1]), int(found[2]), float(found[3]) / 1e3)
    if found := _CHARUCO.fullmatch(text):
        square, marker = float(found[3]) / 1e3, float(found[4]) / 1e3
        return CharucoBoard(int(found[1]), int(found[2]), square, marker, found[5], found[6] is not None)
    if (found := _FRAME.fullmatch(text)) and found[6] in DICTIONARIES:
        square, marker = float(found[3]) / 1e3, float(found[4]) / 1e3
        return FrameBoard(int(found[1]), int(found[2]), square, marker, int(found[5]), DICTIONARIES[found[6]])
    raise CalibrationError(
        f"{text!r} is no board id.",
        todo="Give one as chess-10x7-30 (squares, millimetres) or charuco-5x7-36.195-18.256-DICT_6X6_250.",
    )


def _drawn(board: cv2.aruco.CharucoBoard, pixels_per_square: int) -> NDArray[np.uint8]:
    """Draw a board with every marker where it belongs, to a hundredth of a pixel or so.

    OpenCV puts markers at whole pixels, all of them off to the same side; so it draws finer where that is needed.
    """
    columns, rows = board.getChessboardSize()
    margin = (1.0 - board.getMarkerLength() / board.getSquareLength()) / 2.0 * pixels_per_square
    most = max(1, min(8, int(np.sqrt(_MOST_PIXELS / (columns * rows)) / pixels_per_square)))
    finer = min(range(1, most + 1), key=lambda times: round(abs(times * margin - round(times * margin)) / times, 4))
    size = (columns * pixels_per_square, rows * pixels_per_square)
    image = np.asarray(board.generateImage((size[0] * finer, size[1] * finer)), dtype=np.uint8)
    return image if finer == 1 else np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _millimetres(metres: float) -> str:
    return f"{metres * 1e3:.6f}".rstrip("0").rstrip(".")


def _dictionary_name(number: int) -> str:
    return next(name for name, value in DICTIONARIES.items() if value == number)
