"""Calls with known results, in DuckDB and by the Python reference."""

import json
import math
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

import pytest

from riverstage.expressions.functions import find
from riverstage.types import decimal
from tests.expressions.both import in_duckdb, in_python

FOLDER = Path(__file__).parent / "golden"
CATEGORIES = ("mathematical", "number", "date_time", "date_conversion")


def load(category):
    return json.loads((FOLDER / f"{category}.json").read_text(encoding="utf-8"))


EXAMPLES = [
    pytest.param(example, id=example["expression"]) for category in CATEGORIES for example in load(category)["examples"]
]


def shown(value):
    return str(value) if isinstance(value, date | time | datetime | Decimal) else value


@pytest.mark.parametrize("compute", [in_duckdb, in_python])
@pytest.mark.parametrize("example", EXAMPLES)
def test_known_results(example, compute):
    target = decimal(*example["target"]) if "target" in example else None
    (found,) = compute(example["expression"], {}, target=target)
    expected = example["result"]
    if isinstance(expected, float) and isinstance(found, float):
        assert math.isclose(found, expected, rel_tol=1e-12)
    else:
        assert shown(found) == expected


@pytest.mark.parametrize("category", CATEGORIES)
def test_what_is_left_out_has_a_reason(category):
    for example in load(category)["excluded"]:
        assert find(example["expression"].partition("(")[0])
        assert example["reason"]
