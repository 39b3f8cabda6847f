"""The canonical text is what ``JSON.stringify(document, null, 2)`` gives, and a newline."""

from __future__ import annotations

import enum
import json
import math
import random
import shutil
import struct
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverstage.document import canonical, read_json
from riverstage.document._canonical import number_text
from riverstage.errors import DocumentError

NUMBERS = [
    (552.0, "552"), (-0.0, "0"), (1e-05, "0.00001"), (1e-07, "1e-7"), (1.5e-07, "1.5e-7"), (1e21, "1e+21"),
    (1e20, "100000000000000000000"), (123456789012345680000.0, "123456789012345680000"), (5e-324, "5e-324"),
    (1.7976931348623157e308, "1.7976931348623157e+308"), (0.1, "0.1"), (166.32000000000002, "166.32000000000002"),
    (-1e-06, "-0.000001"), (9007199254740993.0, "9007199254740992"),
    (1e15, "1000000000000000"),
]  # fmt: skip


@pytest.mark.parametrize(("number", "text"), NUMBERS)
def test_numbers_are_written_as_ecmascript_does(number: float, text: str) -> None:
    assert number_text(number) == text
    assert float(text) == number


def test_shape_of_the_text() -> None:
    tree = {"b": [], "a": {}, "list": [1, [2], {"x": None}], "text": 'é"\\\n\x01\x7f', "big": 12345678901234567890123}
    assert canonical(tree).decode() == (
        '{\n  "b": [],\n  "a": {},\n  "list": [\n    1,\n    [\n      2\n    ],\n    {\n      "x": null\n    }\n  ],\n'
        '  "text": "é\\"\\\\\\n\\u0001\x7f",\n  "big": 12345678901234567890123\n}\n'
    )


def test_halves_of_characters() -> None:
    assert canonical(["\ud83d\ude00", "\udc80", "a\ud800b"]) == '[\n  "😀",\n  "\\udc80",\n  "a\\ud800b"\n]\n'.encode()


def test_enumerations_and_tuples_are_written_as_what_they_are() -> None:
    class Colour(enum.StrEnum):
        RED = "red"

    class Size(enum.IntEnum):
        BIG = 3

    assert canonical({"a": Colour.RED, "b": Size.BIG, "c": (True, False)}) == canonical(
        {"a": "red", "b": 3, "c": [True, False]}
    )


@pytest.mark.parametrize(
    ("tree", "path"),
    [
        ({"a": [1, {"b": math.nan}]}, "a[1].b"),
        ({"a": {"b": math.inf}}, "a.b"),
        ({"a": [{1, 2}]}, "a[0]"),
        ({"a": {3: 1}}, "a"),
        (b"text", "the document"),
    ],
)
def test_what_json_cannot_hold_is_refused_with_its_place(tree: object, path: str) -> None:
    with pytest.raises(DocumentError) as caught:
        canonical(tree)
    assert caught.value.place.path == path


def test_a_tree_that_holds_itself_is_refused() -> None:
    tree: dict[str, object] = {}
    tree["self"] = tree
    with pytest.raises(DocumentError):
        canonical(tree)


# From 2**53 to 1e21 ECMAScript names a double by fewer digits than it has, and whole numbers are read exactly here.
FLOATS = st.floats(allow_nan=False, allow_infinity=False).filter(lambda number: not 2**53 <= abs(number) < 1e21)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | FLOATS | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=20,
)


@given(JSON)
def test_the_text_reads_back_and_is_stable(tree: object) -> None:
    text = canonical(tree)
    again = read_json(text)
    assert again == tree
    assert canonical(again) == text


def test_against_node() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node.js is not installed")
    chance = random.Random(1)
    numbers = [struct.unpack("d", chance.randbytes(8))[0] for _ in range(3000)]
    numbers = [number for number in numbers if math.isfinite(number)]
    numbers += [chance.uniform(-1, 1) * 10 ** chance.randint(-10, 25) for _ in range(3000)]
    ranges = [(0, 256), (0xD7F0, 0xE010), (0x2020, 0x2030), (0, 0x110000)]
    texts = ["".join(chr(chance.randrange(*chance.choice(ranges))) for _ in range(8)) for _ in range(500)]
    tree = {"numbers": numbers, "texts": texts, "nested": [[], {}, [[[]]], {"a": {"b": []}}]}
    script = "process.stdout.write(JSON.stringify(JSON.parse(require('fs').readFileSync(0, 'utf8')), null, 2) + '\\n')"
    written = subprocess.run([node, "-e", script], input=json.dumps(tree).encode(), capture_output=True, check=True)
    assert canonical(tree) == written.stdout
