"""Build-time programs: set-up, checks, notices and the part generator; nothing here is needed to run the station."""
