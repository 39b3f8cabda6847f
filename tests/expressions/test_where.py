"""The conditions of Filter: read, typed, and decided for every row, nulls included."""

import re

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverstage.engines.duckdb.lowering import lower
from riverstage.errors import ExpressionError
from riverstage.expressions import nodes, where
from riverstage.expressions.scope import Bound, Names
from riverstage.expressions.where import columns_of, parse_where
from riverstage.expressions.where_sql import translate_where
from riverstage.types import INT32, STRING, decimal

TYPES = {"a": INT32, "b": INT32, "s": STRING, "n": INT32, "d": decimal(10, 2)}
SCOPE = Names({"in": {name: Bound(nodes.column(name), kind, name != "n") for name, kind in TYPES.items()}})
CONNECTION = duckdb.connect()


GIVEN = (
    "SELECT a::INT a, b::INT b, s::VARCHAR s, n::INT n, d::DECIMAL(10, 2) d, place "
    "FROM (VALUES {}) t(a, b, s, n, d, place)"
)


def decided(text, rows, nulls="less"):
    """Return what DuckDB says of each row (a, b, s, n, d)."""
    translated = translate_where(text, SCOPE, nulls=nulls)
    assert not translated.nullable
    lines = [
        ", ".join("NULL" if cell is None else repr(cell) for cell in (*row, place)) for place, row in enumerate(rows)
    ]
    given_rows = GIVEN.format(", ".join(f"({line})" for line in lines))
    sql = f"SELECT {lower(translated.value).sql('duckdb')} FROM ({given_rows}) ORDER BY place"
    return [found for (found,) in CONNECTION.execute(sql).fetchall()]


def key(value, nulls):
    """Return a value's place in an order where nulls stand first or last."""
    return ((value is not None) if nulls == "less" else (value is None), value if value is not None else 0)


def test_reading():
    tree = parse_where("amount > 10 and (city is not null or not Name like 'A.*') and in.x between -1 and 5")
    assert columns_of(tree) == ((None, "amount"), (None, "city"), (None, "Name"), ("in", "x"))
    assert isinstance(parse_where("TRUE"), where.Everything)
    assert parse_where("a=1 AND b=2 OR c=3").operator == "or"
    assert parse_where("a is not true") == parse_where("a is false")


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        ("", 0, "The condition is empty."),
        ("a >", 3, "A column, a number or a text was expected, and the end stands there."),
        ("a = 1 and", 9, "A column, a number or a text was expected, and the end stands there."),
        ("a = 1 b", 6, "'and', 'or' or the end was expected, and 'b' stands there."),
        ("(a = 1", 6, "')' was expected, and the end stands there."),
        ("a is 5", 5, "'null' was expected, and '5' stands there."),
        ("a like b", 7, "A regular expression in quotes was expected, and 'b' stands there."),
        ("a not 5", 6, "'like' or 'between' was expected, and '5' stands there."),
        ("a between 1 or 2", 12, "'and' was expected, and 'or' stands there."),
        ("1", 1, "A comparison was expected, and the end stands there."),
        ("- a = 1", 2, "A number was expected, and 'a' stands there."),
        ("true = a", 0, "'true' is compared with 'is': write … is true."),
        ("a = 1 &", 6, "'&' means nothing here."),
        ("(" * 500, 100, "The condition is nested more than 100 deep."),
        ("x = 1", 0, "There is no stage variable, parameter or column 'x'."),
        ("s like '('", 0, "'(' is no regular expression: missing ), unterminated subpattern at position 0."),
        ("a = 'x'", 4, "'x' is no number."),
    ],
)  # fmt: skip
def test_mistakes(text, position, message):
    with pytest.raises(ExpressionError, match=re.escape(message)) as caught:
        translate_where(text, SCOPE)
    assert caught.value.place.position == position


NUMBERS = st.one_of(st.none(), st.integers(-3, 3))
ROWS = st.lists(st.tuples(NUMBERS, NUMBERS, st.one_of(st.none(), st.sampled_from(["", "a", "ab", "B"])),
    st.integers(-3, 3), NUMBERS), min_size=1, max_size=20)  # fmt: skip


@pytest.mark.parametrize("nulls", ["less", "greater"])
@given(ROWS)
def test_order_with_nulls(nulls, rows):
    def place(value):
        return key(value, nulls)

    tests = {
        "=": lambda x, y: place(x) == place(y), "<>": lambda x, y: place(x) != place(y), "<": lambda x,
        y: place(x) < place(y),
        ">": lambda x, y: place(x) > place(y), "<=": lambda x, y: place(x) <= place(y), ">=": lambda x,
        y: place(x) >= place(y),
    }  # fmt: skip
    for operator, holds in tests.items():
        assert decided(f"a {operator} b", rows, nulls) == [holds(a, b) for a, b, *_ in rows]
        assert decided(f"a {operator} n", rows, nulls) == [holds(a, n) for a, _, _, n, _ in rows]
        assert decided(f"n {operator} a", rows, nulls) == [holds(n, a) for a, _, _, n, _ in rows]
        assert decided(f"a {operator} 1", rows, nulls) == [holds(a, 1) for a, *_ in rows]
        assert decided(f"d {operator} a", rows, nulls) == [holds(d, a) for a, *_, d in rows]
        assert decided(f"n {operator} 1", rows, nulls) == [holds(n, 1) for *_, n, _ in rows]
    assert decided("a between -1 and b", rows, nulls) == [place(-1) <= place(a) <= place(b) for a, b, *_ in rows]
    assert decided("a not between -1 and b", rows, nulls) == [
        not place(-1) <= place(a) <= place(b) for a, b, *_ in rows
    ]


@given(ROWS)
def test_the_other_tests(rows):
    assert decided("a is null", rows) == [a is None for a, *_ in rows]
    assert decided("a is not null", rows) == [a is not None for a, *_ in rows]
    assert decided("s like 'a.*'", rows) == [s is not None and s.startswith("a") for _, _, s, *_ in rows]
    assert decided("s not like 'a'", rows) == [s != "a" for _, _, s, *_ in rows]
    assert decided("a is true", rows) == [bool(a) for a, *_ in rows]
    assert decided("a", rows) == [bool(a) for a, *_ in rows]
    assert decided("not a or true and s = 'B'", rows) == [not a or s == "B" for a, _, s, *_ in rows]
    assert decided("(a = 1) is false", rows) == [a != 1 for a, *_ in rows]
    assert decided("not (a = 1 or b = 1) and s <> 'a'", rows) == [
        not (a == 1 or b == 1) and s != "a" for a, b, s, *_ in rows
    ]
    assert decided("in.a = '1'", rows) == [a == 1 for a, *_ in rows]
    assert decided("false", rows) == [False for _ in rows]


WORDS = st.sampled_from(
    [
        "a",
        "=",
        "1",
        "'x'",
        "and",
        "or",
        "not",
        "is",
        "null",
        "true",
        "like",
        "between",
        "(",
        ")",
        "-",
        "in.a",
        "#p#",
        "<",
        "'",
    ]
)


@given(st.one_of(st.text(max_size=30), st.lists(WORDS, max_size=15).map(" ".join)))
def test_any_text_is_read_or_refused(text):
    try:
        parse_where(text)
    except ExpressionError as error:
        assert 0 <= error.place.position <= len(text)
