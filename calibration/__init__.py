"""Detection of boards and solving of the rig; makes RigCalibrations."""
