"""``station parts``: as a person at the command line uses it."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from station.cli.parts import app
from station.errors import ConfigError, PartError, StorageError

TABLE = "number;name;tags;weight;size\n0120489435;Generator;steel, grey;4,712;188 x 155 x 140\n77;Lever;oddly;0,25;\n"


@pytest.fixture
def station(tmp_path: Path) -> Path:
    file = tmp_path / "station.toml"
    file.write_text('[station]\ndata_dir = "data"\n')
    return file


def run(station: Path, *arguments: str, code: int = 0) -> Result:
    done = CliRunner().invoke(app, [*arguments, "--config", str(station)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == code, done.output
    return done


def told(station: Path, *arguments: str, code: int = 0) -> Any:
    return json.loads(run(station, *arguments, "--json", code=code).stdout)


def test_a_table_is_tried_taken_over_looked_at_and_exported(station: Path, tmp_path: Path) -> None:
    (tmp_path / "parts.csv").write_text(TABLE)
    tried = run(station, "import", str(tmp_path / "parts.csv"), "--dry-run", code=1).stdout
    assert "line 2: new 0120489435 Generator" in tried
    assert "line 3: left alone: the tag 'oddly' is not in the vocabulary." in tried
    assert "1 new, 0 changed, 0 same, 1 conflict. Nothing was changed" in tried
    assert told(station, "list") == []
    done = told(station, "import", str(tmp_path / "parts.csv"), "--new-tags")
    assert done["counts"] == {"new": 2, "changed": 0, "same": 0, "conflict": 0}
    assert [r["number"] for r in told(station, "search", "odd")] == ["77"]
    shown = run(station, "show", "0120489435").stdout
    assert "188 × 155 × 140 mm" in shown
    assert "4.712 kg" in shown
    history = told(station, "history", "77")
    assert [(row["field"], row["author"]) for row in history] == [("class", {"who": "", "through": "import parts.csv"})]
    run(station, "export", str(tmp_path / "out.csv"))
    assert run(station, "import", str(tmp_path / "out.csv")).stdout.count("2 same") == 1
    with pytest.raises(StorageError, match="cannot be written"):
        run(station, "export", str(tmp_path / "out.csv"))


def test_a_class_is_made_changed_retired_and_taken_back(station: Path) -> None:
    class_id = run(station, "new", "--number", "7", "--name", "Nut", "--tag", "Materials:steel").stdout.strip()
    assert class_id == "7_Nut"
    run(station, "change", "7", "--name", "Big nut", "--tag", "Colours:grey", "--untag", "Materials:steel")
    assert told(station, "show", class_id)["description"] == {"Colours": ["grey"]}
    run(station, "retire", class_id)
    assert told(station, "search", "nut") == []
    assert [r["class_id"] for r in told(station, "list", "--retired")] == [class_id]
    run(station, "restore", class_id)
    assert "Nut → Big nut" not in run(station, "list").stdout
    fields = [row["field"] for row in told(station, "history")]
    assert fields == ["class", "name", "description", "retired", "retired"]
    assert "Big nut" in run(station, "history", class_id).stdout
    with pytest.raises(PartError, match="no class with the id or number"):
        run(station, "show", "8")


def test_doubts_and_tags(station: Path) -> None:
    run(station, "new", "--number", "0815", "--name", "A")
    assert run(station, "check").stdout.strip() == "1 classes, 0 doubts."
    with pytest.raises(PartError, match="could be mistaken"):
        run(station, "new", "--number", "815", "--name", "B")
    run(station, "new", "--number", "815", "--name", "B", "--alike")
    assert told(station, "check", code=1)[0]["doubt"] == "zeros"
    run(station, "tags", "--add", "Materials:titanium")
    assert "titanium" in run(station, "tags").stdout
    with pytest.raises(PartError, match="nearly 'titanium'"):
        run(station, "tags", "--add", "Materials:titanum")


def test_a_folder_that_is_there_without_a_record_is_no_new_class_s(station: Path, tmp_path: Path) -> None:
    run(station, "list")
    (tmp_path / "data" / "captures" / "sets" / "7_NUT").mkdir(parents=True)
    assert run(station, "new", "--number", "7", "--name", "Nut").stdout.strip() == "7_Nut_2"


def test_an_operator_is_stored_only_where_that_is_switched_on(station: Path) -> None:
    with pytest.raises(ConfigError, match="not stored here"):
        run(station, "new", "--name", "A", "--who", "A7")
    station.write_text(station.read_text() + "[privacy]\noperators = true\n")
    run(station, "new", "--name", "A", "--who", "A7")
    assert [row["author"]["who"] for row in told(station, "history")] == ["A7"]
