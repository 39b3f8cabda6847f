"""SQL over several lines: nothing but blanks is changed, clauses and brackets stand where a person looks for them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverstage.runs._sql_text import pretty
from riverstage.runs.compiled import explain_text

_WORDS = st.sampled_from(
    [
        *("SELECT", "FROM", "WITH", "AS", "WHERE", "LEFT", "JOIN", "ON", "UNION ALL", "GROUP BY", "ORDER BY", "CASE"),
        *("AND", "OR", "BETWEEN", "a", "b.c", "1", ",", "(", ")", "||", "::", "'x  y'", '"n  m"', "'it''s'"),
        "'two\nlines'",
    ]
)


def _without_blanks(sql: str) -> list[str]:
    return re.findall(r"""'(?:[^']|'')*'|"[^"]*"|\S""", sql)


@given(st.lists(_WORDS, max_size=40), st.integers(10, 80))
def test_only_blanks_change(words: list[str], columns: int) -> None:
    sql = " ".join(words)
    assert _without_blanks(pretty(sql, columns)) == _without_blanks(sql)


@pytest.mark.parametrize(
    ("sql", "shown"),
    [
        ("SELECT a FROM t", "SELECT a FROM t"),
        (
            "SELECT a, count(*) FROM (SELECT x AS a FROM long_name_of_a_table WHERE x > 1) LEFT JOIN u ON a = b "
            "WHERE a BETWEEN 1 AND 2 AND NOT b IS DISTINCT FROM 3 GROUP BY a ORDER BY a, 2 LIMIT 3",
            """
SELECT a, count(*)
FROM (
  SELECT x AS a
  FROM long_name_of_a_table
  WHERE x > 1
)
LEFT JOIN u ON a = b
WHERE
  a BETWEEN 1 AND 2
  AND NOT b IS DISTINCT FROM 3
GROUP BY a
ORDER BY a, 2
LIMIT 3""",
        ),
        (
            'WITH "a" AS (SELECT 1 AS one), "b" AS (SELECT left("one", 2) AS two FROM "a") SELECT * FROM "b"',
            """
WITH
  "a" AS (SELECT 1 AS one),
  "b" AS (
    SELECT left("one", 2) AS two
    FROM "a"
  )
SELECT *
FROM "b\"""",
        ),
        (
            "CREATE TEMP TABLE t AS SELECT a FROM b UNION ALL SELECT cccccccc FROM dddddd",
            """
CREATE TEMP TABLE t AS
SELECT a
FROM b
UNION ALL
SELECT cccccccc
FROM dddddd""",
        ),
        ("SELECT ')", "SELECT ')"),
        ("SELECT a))", "SELECT a))"),
    ],
)
def test_clauses(sql: str, shown: str) -> None:
    assert pretty(sql, 36) == shown.removeprefix("\n")


@pytest.mark.parametrize(
    ("observed", "unknown", "said"),
    [
        ([], [], "  all links follow from the stages' laws"),
        (["a"], [], "  the other 2 links follow from these by the stages' laws"),
        (["a"], ["b"], "  the other link follows from these by the stages' laws"),
        (["a", "b", "c"], [], None),
    ],
)
def test_only_links_that_there_are_follow(observed: list[str], unknown: list[str], said: str | None) -> None:
    plan = {
        "flow": "f",
        "engine": "duckdb",
        "rounds": [],
        "kernels": [],
        "shortcuts": [],
        "read_plain": [],
        "python_functions": [],
        "order": {"kept": [], "none": []},
        "links": {"a": [], "b": [], "c": []},
        "ledger": {
            "known": {},
            "observed": [{"count": name, "how": "counted", "price": 0} for name in observed],
            "unknown": unknown,
        },
    }
    text = explain_text(plan)
    assert ("laws" in text) is (said is not None)
    assert said is None or said in text
