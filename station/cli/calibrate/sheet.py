"""``station calibrate board``: print a board."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from station.boards import board_from_id
from station.cli.configuration import ConfigOption, chosen_settings
from station.errors import CalibrationError


def board(
    out: Annotated[Path, typer.Option("--out", metavar="FILE.pdf", help="The PDF (or PNG) to write.")],
    board: Annotated[str, typer.Option("--board", metavar="ID", help="'frame' for the plate's, or a board's id.")] = (
        "chess-10x7-25"
    ),
    paper: Annotated[str, typer.Option("--paper", help="A4, A3, or width x height in mm, as 400x600.")] = "A4",
    config: ConfigOption = None,
) -> None:
    """Write a board at true size; print it without scaling and measure the ruler."""
    from calibration.board_sheet import paper_size, parameters, write_board_pdf, write_board_picture

    value = chosen_settings(config).settings.plate.frame() if board == "frame" else board_from_id(board)
    if out.suffix.lower() == ".png":
        write_board_picture(value, out)
        typer.echo(f"{out}: {value.id}, {parameters(value)}; prints at true size, 300 dpi")
        return
    if out.suffix.lower() != ".pdf":
        raise CalibrationError("The sheet must be a .pdf or a .png.", where=str(out), todo="Give another name.")
    sheets = write_board_pdf(value, out, paper_size(paper))
    many = "1 sheet" if sheets == 1 else f"{sheets} sheets to join at the cut marks"
    typer.echo(f"{out}: {value.id}, {parameters(value)}; {many}")
