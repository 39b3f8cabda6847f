"""Every function of numbers and dates that has SQL on DuckDB does there what its reference says."""

import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riverstage.engines.duckdb.functions import date_time as lower_date_time
from riverstage.engines.duckdb.functions import mathematical as lower_mathematical
from riverstage.engines.duckdb.functions import number as lower_number
from riverstage.engines.duckdb.functions._sql import number, text
from riverstage.expressions.functions import date_time, mathematical
from riverstage.expressions.functions import number as number_functions
from tests.engines.duckdb.functions import agreement

_PAIRS = (
    (mathematical, lower_mathematical), (number_functions, lower_number), (date_time, lower_date_time),
)  # fmt: skip
LOWERED = [
    pytest.param(function, lower.LOWER[function.name.lower()], id=function.name)
    for module, lower in _PAIRS
    for function in module.FUNCTIONS
    if function.name.lower() in lower.LOWER and function.deterministic
]
CONSTANTS = {"Fix": (2, 0), "Int32FromDecimal": ("ceil",)}
IN_PYTHON = {"Ldexp", "Srandom", "VarCmp", "ConvertDatum", "ConvertTimeZone"}


def kinds(function):
    """Return some combinations of types that the function takes."""
    accepted = [list(agreement.ACCEPTED[parameter.accepts].values()) for parameter in function.parameters]
    combinations = list(itertools.product(*accepted))
    return combinations[:: max(len(combinations) // 6, 1)]


@pytest.mark.parametrize(("function", "lower"), LOWERED)
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_duckdb_agrees_with_the_reference(function, lower, data):
    chosen = data.draw(st.sampled_from(kinds(function)))
    types = [kind for kind, _ in chosen]
    fixed = CONSTANTS.get(function.name, ())
    free = [st.one_of(values, values, values, st.none()) for _, values in chosen[: len(chosen) - len(fixed)]]
    rows = [(*row, *fixed) for row in data.draw(st.lists(st.tuples(*free), min_size=20, max_size=60))]
    returns = function.returns(types) if callable(function.returns) else function.returns
    trees = [number(value) if isinstance(value, int) else text(value) for value in fixed]
    for row, found in zip(rows, agreement.in_duckdb(lower, rows, types, returns, trees), strict=True):
        expected = agreement.in_python(function, row, returns)
        assert agreement.same(expected, found), (function.name, row, expected, found)
        assert function.can_fail or expected is not None or None in row, (function.name, row)


def test_what_has_no_sql_is_known():
    without = {
        function.name
        for module, lower in _PAIRS
        for function in module.FUNCTIONS
        if function.name.lower() not in lower.LOWER
    }
    assert without == IN_PYTHON
    assert all(set(lower.LOWER) <= {each.name.lower() for each in module.FUNCTIONS} for module, lower in _PAIRS)


@pytest.mark.parametrize("name", ["Rand", "Random"])
def test_random_numbers_are_uint32(name):
    function = next(each for each in mathematical.FUNCTIONS if each.name == name)
    found = agreement.in_duckdb(lower_mathematical.LOWER[name.lower()], [()] * 1000, [], function.returns)
    assert len(set(found)) > 900
    assert all(0 <= each < 2**32 for each in found)


def test_rnd_stays_below_its_count():
    found = agreement.in_duckdb(
        lower_mathematical.LOWER["rnd"], [(7,)] * 500 + [(0,), (-1,), (None,)], [agreement.NUMBERS["int32"][0]], None
    )
    assert set(found[:500]) == set(range(7))
    assert found[500:] == [0, None, None]
