"""Operators and calls with known results, in DuckDB and by the Python reference; and what the vendor documents."""

import json
import math
import re
from datetime import time
from decimal import Decimal
from pathlib import Path

import pytest

from riverstage.expressions import functions
from riverstage.types import decimal, string
from tests.expressions.both import in_duckdb, in_python, same

FOLDER = Path(__file__).parent / "golden"
CATEGORIES = ("string", "null_handling", "logical", "type_conversion", "utility", "operators")
# Documented results that are wrong or that no rule explains, and forms of results that only print differently.
TRAPS = re.compile(
    r'^(Tan|DfloatToStringNoExp|GetNumOfPartitions|YearweekFromDate|BitExpand|Fold|RmUnprint)\(|^DateToDecimal\("2012-08-18"\)$'
)


def load(category):
    return json.loads((FOLDER / f"{category}.json").read_text(encoding="utf-8"))["examples"]


@pytest.mark.parametrize("compute", [in_duckdb, in_python])
@pytest.mark.parametrize(
    "example", [pytest.param(each, id=each["expression"]) for category in CATEGORIES for each in load(category)]
)
def test_known_results(example, compute):
    target = decimal(*example["target"]) if "target" in example else None
    (found,) = compute(example["expression"], {}, target=target)
    if isinstance(found, Decimal):
        assert str(found) == example["result"]
    else:
        assert same(found, example["result"])


def test_every_function_of_these_categories_is_exercised():
    used = {
        name.lower()
        for category in CATEGORIES
        for each in load(category)
        for name in re.findall(r"(\w+)\(", each["expression"])
    }
    known = {functions.find(name) for name in functions.names() if functions.find(name).category in CATEGORIES}
    dated = {"isvaliddate", "isvalidtime", "isvalidtimestamp"}
    missing = [
        function.name
        for function in known
        if not used & {name.lower() for name in (function.name, *function.aliases)}
        and "date" not in function.name.lower()
        and "time" not in function.name.lower()
        and function.name.lower() not in dated
    ]
    assert missing == []


def _documented(reference):
    said = json.loads((reference / "reference" / "transformer_functions.json").read_text(encoding="utf-8"))
    return [example for function in said["functions"] for example in function["examples"]]


def _forms(result):
    """Return a documented result as this package may give it: texts without their quotes and escapes."""
    if not isinstance(result, str):
        return [result]
    bare = result[1:-1].replace("<FM>", "\u00fe")
    return [result, bare, bare.replace('\\"', '"')]


def _equal(found, documented):
    if found is None or documented is None:
        return found is documented
    if isinstance(documented, int | float) and not isinstance(found, str):
        return math.isclose(float(found), float(documented), rel_tol=1e-5)
    if isinstance(found, time):
        return str(found).rstrip("0") == documented.rstrip("0")
    return str(found) == str(documented)


def test_documented_examples(reference):
    """Every documented example that is a function of ours gives what is documented, the traps apart."""
    wrong = []
    for example in _documented(reference):
        text, target, types, row = example["expr"], None, {}, ()
        if (
            str(example["independent_check"]).startswith("DISAGREES")
            or "ERROR" in example.get("note", "")
            or TRAPS.search(text)
        ):
            continue
        if found := re.search(r"\s*->\s*decimal\((\d+),(\d+)\)$", text):
            text, target = text[: found.start()], decimal(int(found[1]), int(found[2]))
        if found := re.search(r"\s*\[(\w+)=([^\]]*)\]$", text):
            types, row = {found[1]: string()}, (None if found[2] == "null" else found[2],)
            text = text[: found.start()].replace("lnk.", "L.")
        name = re.match(r"(?:If )?(\w+)", text)[1]
        if any(gap.lower() == called.lower() for gap in functions.GAPS for called in re.findall(r"(\w+)\(", text)):
            continue
        if name.lower() in ("timedate", "rand", "random", "rnd", "currentdate", "currenttime", "currenttimestamp"):
            continue
        for compute in (in_duckdb, in_python):
            (value,) = compute(text, types, [row], target=target)
            if not any(_equal(value, form) for form in _forms(example["result"])):
                wrong.append((text, value, example["result"]))
    assert wrong == []
