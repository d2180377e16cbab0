"""Board descriptions as values, and their picture.

The simulator draws, calibration detects and prints the same value.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from station.geometry import Array


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
        size = (self.columns * pixels_per_square, self.rows * pixels_per_square)
        image = np.asarray(self.charuco().generateImage(size), dtype=np.uint8)
        cut = self.ring * pixels_per_square
        image[cut:-cut, cut:-cut] = 128
        return image
