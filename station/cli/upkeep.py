"""What a running station does for its data by the way: it watches the disk and removes what is kept for days only."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import ExitStack
from datetime import datetime

from station.captures.store import CaptureStore
from station.config import LoadedSettings
from station.datadir import DataDir
from station.retention import Forget, Kept, Retention, kept_answers
from station.storage_watch import StorageWatch
from station.workflow.workflow import Workflow


def begin_upkeep(
    stack: ExitStack, loaded: LoadedSettings, data: DataDir, workflow: Workflow, store: CaptureStore | None = None
) -> StorageWatch:
    """Watch the disk, whose trouble then stands among the workflow's, and begin the retention; ``stack`` ends both.

    Returns the watch. ``store`` holds the captures that wait for review; it must outlive this.
    """
    settings = loaded.settings
    watch = StorageWatch(data.root, settings.station.least_free_gb)
    stack.callback(watch.stop)
    watch.start()
    workflow.heed(lambda: watch.trouble)
    kept = [kept_answers(data.journal, settings.privacy.journal_days)]
    if store is not None:
        kept.append(Kept("review queue", settings.privacy.review_days, _forgetting(store.forget_review)))
        kept.append(Kept("trash", settings.privacy.trash_days, _forgetting(store.empty_trash)))
    retention = Retention(kept)
    stack.callback(retention.stop)
    retention.start()
    return watch


def _forgetting(removal: Callable[[datetime], Future[int]]) -> Forget:
    return lambda before, _cancelled: removal(before).result()
