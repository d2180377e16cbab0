"""What a calibration says of itself on paper and as JSON: rig, boards, coverage, errors, bounds, worst pictures."""

from calibration.report.kept import RigReport, store_report, stored_report
from calibration.report.making import report_of
from calibration.report.schema import SolveReport

__all__ = ["RigReport", "SolveReport", "report_of", "store_report", "stored_report"]
