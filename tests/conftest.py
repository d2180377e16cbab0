"""Settings that hold for every test."""

from __future__ import annotations

import hypothesis

# No time limit per example: a busy machine is no fault of the code.
hypothesis.settings.register_profile("station", deadline=None, print_blob=True)
hypothesis.settings.load_profile("station")
