"""``station calibrate``: the table of its commands; each is imported only when it is called."""

from __future__ import annotations

import typer

from station.cli.late import LateCommand, late_group

_ROOM = "station.cli.calibrate"
_COMMANDS = {
    "board": LateCommand(f"{_ROOM}.sheet", "board", "Write a board at true size, to print."),
    "solve": LateCommand(f"{_ROOM}.pictures", "solve", "Solve the rig from pictures."),
    "verify": LateCommand(f"{_ROOM}.pictures", "verify", "Check a calibration against pictures of the plate's frame."),
    "intrinsics": LateCommand(f"{_ROOM}.single", "intrinsics", "Solve a camera's intrinsics from a board's pictures."),
    "hand-eye": LateCommand(f"{_ROOM}.single", "hand_eye", "Solve how a camera stands to a robot."),
    "collect": LateCommand(f"{_ROOM}.collect", "collect", "Take the pictures of a calibration from the cameras."),
    "check": LateCommand(f"{_ROOM}.live", "check", "Check the calibration in use from one placement."),
    "trend": LateCommand(f"{_ROOM}.live", "trend", "Show how far the cameras stood from their places, day by day."),
    "show": LateCommand(f"{_ROOM}.stored", "show", "List the stored calibrations, or show one."),
    "use": LateCommand(f"{_ROOM}.stored", "use", "Make a stored calibration the active one."),
    "report": LateCommand(f"{_ROOM}.results", "report", "Write what is known of a calibration as PDF or JSON."),
    "export": LateCommand(f"{_ROOM}.results", "export", "Write a calibration for OpenCV, ROS, Kalibr or COLMAP."),
}

app = typer.Typer(cls=late_group(_COMMANDS), help="Calibrate the rig.", no_args_is_help=True, add_completion=False)


@app.callback()
def begin() -> None:
    """Calibrate the rig."""
