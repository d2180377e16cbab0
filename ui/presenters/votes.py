"""What each view alone says of the part, beside the answer of all together."""

from __future__ import annotations

from dataclasses import replace

from station.results import Recognition
from ui.presenters.operator_view import TileView, Vote
from ui.presenters.part_names import PartNames
from ui.presenters.wording import Wording


def with_votes(
    tiles: tuple[TileView, ...], recognition: Recognition | None, names: PartNames, words: Wording
) -> tuple[TileView, ...]:
    """Return the tiles with each view's vote; there is none on a part that is none of the known ones."""
    if recognition is None or recognition.unknown or not recognition.ranked:
        return tiles
    return tuple(_voted(tile, recognition, names, words) for tile in tiles)


def _voted(tile: TileView, recognition: Recognition, names: PartNames, words: Wording) -> TileView:
    said = recognition.per_view.get(tile.role)
    if said is None:
        return tile
    share = words.percent(said.probability)
    if said.class_id == recognition.ranked[0].class_id:
        text = words.translate("Tiles", "This view alone says the same ({share})")
        return replace(tile, vote=Vote.SAME, vote_text=text.format(share=share))
    text = words.translate("Tiles", "This view alone says {name} ({share})")
    return replace(tile, vote=Vote.OTHER, vote_text=text.format(name=names.title(said.class_id)[1], share=share))
