from __future__ import annotations

import threading

from station.acquisition.slots import LatestSlot


def test_the_newest_value_replaces_an_unread_one() -> None:
    slot = LatestSlot[int]()
    assert slot.latest is None
    for value in range(5):
        slot.put(value)
    assert slot.latest == 4


def test_a_reader_waits_for_a_newer_value() -> None:
    slot = LatestSlot[int]()
    slot.put(1)
    got: list[int | None] = []
    reader = threading.Thread(target=lambda: got.append(slot.wait(lambda v: v > 1, 5.0)))
    reader.start()
    slot.put(1)
    slot.put(2)
    reader.join(5.0)
    assert got == [2]


def test_a_wait_in_vain_ends_with_nothing() -> None:
    slot = LatestSlot[int]()
    slot.put(1)
    assert slot.wait(lambda v: v > 1, 0.01) is None
