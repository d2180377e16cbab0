"""The part master and the class folders of the captures, brought in line with each other."""

from __future__ import annotations

import logging
from concurrent.futures import Future
from dataclasses import replace
from functools import partial

from station.captures.store import CaptureStore
from station.errors import DatasetError, StationError
from station.parts import Author, PartMaster, PartRecord
from station.parts.descriptions import meta_of, record_of

_log = logging.getLogger(__name__)


def bring_in_line(parts: PartMaster, store: CaptureStore) -> None:
    """Give every class folder a record, and every class folder's ``meta.json`` what the part master says of it.

    A number, name or tag that was changed since the last start reaches the data set and its catalog this way, and a
    class of an imported tree can be found. What fails is logged: it hinders nobody, and is done at the next start. So
    nothing is raised when the part master or the disk refuses.
    """
    try:
        sets = store.root / "sets"
        folders = sorted(one.name for one in sets.iterdir() if one.is_dir()) if sets.is_dir() else []
        missing = [record for class_id in folders if (record := _describe(parts, store, class_id))]
        if added := parts.add_missing(missing, Author(through="class folders")):
            _log.info("%d classes of the data set were added to the part master", added)
    except (OSError, StationError) as error:
        _log.warning("Part master and class folders are not in line before the next start: %s", error)


def _describe(parts: PartMaster, store: CaptureStore, class_id: str) -> PartRecord | None:
    """Have a class folder say what its record does; returns the record that it lacks. Raises StorageError."""
    try:
        meta = store.class_meta(class_id)
        record = parts.get(class_id)
        if record is None:
            return record_of(class_id, meta) if meta else PartRecord(class_id, class_id, class_id)
        if meta is None or record_of(class_id, meta) != replace(record, reference=None, retired=False):
            written = store.write_class_meta(class_id, meta_of(record, meta))
            written.add_done_callback(partial(_tell_refusal, class_id))
    except DatasetError as error:
        _log.warning("A class's description is left as it is: %s", error)
    return None


def _tell_refusal(class_id: str, written: Future[None]) -> None:
    if (error := written.exception()) is not None:
        _log.warning("The description of %s could not be written: %s", class_id, error)
