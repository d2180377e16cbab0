"""A running station watches its disk and removes what is kept for days only."""

import threading
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from station.captures.catalog import Catalog
from station.captures.store import CaptureStore
from station.cli.upkeep import begin_upkeep
from station.config import LoadedSettings
from station.datadir import DataDir
from station.journal import Entry, EntryKind, Journal
from station.settings import PrivacySection, Settings, StationSection
from station.workflow.status import PartState
from tests.station.captures.new_captures import new_capture
from tests.station.workflow.bench import Bench


@pytest.mark.parametrize("least_free_gb", [0.1, 1e3])
def test_upkeep_of_a_running_station(tmp_path: Path, least_free_gb: float) -> None:
    settings = Settings(
        station=StationSection(least_free_gb=least_free_gb), privacy=PrivacySection(journal_days=30, review_days=30)
    )
    bench = Bench(tmp_path)
    with ExitStack() as stack:
        data = stack.enter_context(DataDir.open(tmp_path / "data"))
        old = datetime.now(UTC) - timedelta(days=31)
        journal = Journal(data.journal)
        journal.append([Entry(EntryKind.CONFIRM, "old", old), Entry(EntryKind.CONFIRM, "new", datetime.now(UTC))])
        catalog = Catalog(data.catalog)
        stack.callback(catalog.close)
        store = CaptureStore(data.captures, catalog, workers=1)
        stack.callback(store.stop)
        store.keep_for_review(new_capture("waiting"), "pump").result(30)
        stack.callback(bench.stop)
        bench.start()
        begin_upkeep(stack, LoadedSettings(settings, None, data.root), data, bench.workflow, store)
        status = bench.wait(lambda s: s.state is PartState.EMPTY and bool(s.troubles) is (least_free_gb > 1))
        for _ in range(1000):
            if not (data.captures / ".review/waiting").exists():
                break
            threading.Event().wait(0.02)
    assert [trouble.partition(" GB")[0][:5] for trouble in status.troubles] == (["Only "] if least_free_gb > 1 else [])
    assert [entry.capture_id for entry in journal.entries()] == ["new"]
    journal.close()
    assert not (tmp_path / "data/captures/.review/waiting").exists()
