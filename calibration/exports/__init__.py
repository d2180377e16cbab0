"""A rig's calibration as other programs read it: OpenCV, ROS, Kalibr and COLMAP."""

from calibration.exports.folder import ExportFormat, export_calibration, exported_files

__all__ = ["ExportFormat", "export_calibration", "exported_files"]
