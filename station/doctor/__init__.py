"""Checks of the machine and the rig, each with its mend; nothing is changed, and nothing absent is a surprise."""

from station.doctor.examination import examine
from station.doctor.machine import Machine
from station.doctor.result import Check, Status, exit_code, report

__all__ = ["Check", "Machine", "Status", "examine", "exit_code", "report"]
