from __future__ import annotations

from station.toml_lines import key_places

DOCUMENT = '''\
a = 1  # [not.a.table]
"quoted key" = """
fps = 3
""" # over lines

[one]
b = { c = 1, "d.e" = [1, 2] }
f.g = 'x = "'

[[many]]
h = [
  1, # one
  { i = 2 },
]

[[many]]
[many.below]
j = 1979-05-27 07:32:00
'''


def test_every_key_is_found_in_its_line() -> None:
    assert dict(key_places(DOCUMENT)) == {
        ("a",): 1,
        ("quoted key",): 2,
        ("one",): 6,
        ("one", "b"): 7,
        ("one", "b", "c"): 7,
        ("one", "b", "d.e"): 7,
        ("one", "b", "d.e", 0): 7,
        ("one", "b", "d.e", 1): 7,
        ("one", "f", "g"): 8,
        ("many", 0): 10,
        ("many", 0, "h"): 11,
        ("many", 0, "h", 0): 12,
        ("many", 0, "h", 1): 13,
        ("many", 0, "h", 1, "i"): 13,
        ("many", 1): 16,
        ("many", 1, "below"): 17,
        ("many", 1, "below", "j"): 18,
    }


def test_a_broken_text_gives_what_stands_before_the_fault() -> None:
    assert key_places("a = 1\nb = 2\n%\nc = 3") == [(("a",), 1), (("b",), 2)]
