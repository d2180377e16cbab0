"""Freed pictures leave the process."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

GROW = """
import sys
import threading
from pathlib import Path

import numpy as np

if sys.argv[1] == "returned":
    from station.allocator import return_freed_pictures

    assert return_freed_pictures()


def resident_mb():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024


def work():
    # Freeing one large block is what makes glibc put the next ones among the small.
    np.ones(20_000_000, np.uint8)
    for _ in range(40):
        pictures = [np.ones((480, 640), np.uint16) for _ in range(60)]
        kept.append(np.ones(100_000, np.uint8))
        del pictures


kept = []
before = resident_mb()
thread = threading.Thread(target=work)
thread.start()
thread.join()
print(resident_mb() - before - sum(one.nbytes for one in kept) / 2**20)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has the switch")
def test_freed_pictures_go_back_to_the_system() -> None:
    left_mb = {
        how: float(subprocess.run([sys.executable, "-c", GROW, how], capture_output=True, text=True, check=True).stdout)
        for how in ("kept", "returned")
    }
    assert left_mb["returned"] < 5.0, left_mb
    assert left_mb["kept"] > left_mb["returned"], left_mb
