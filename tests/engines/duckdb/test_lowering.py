"""Our own nodes become DuckDB's."""

import datetime as dt

import duckdb
import pytest
from sqlglot import exp, parse_one

from riverstage.engines.duckdb.lowering import lower, needed_udfs, register_udfs
from riverstage.errors import EngineError
from riverstage.expressions import nodes
from riverstage.types import BOOLEAN, STRING, decimal


def test_a_tree_without_our_nodes_is_returned_as_it_is():
    tree = parse_one("SELECT a FROM t WHERE a > 1")
    assert lower(tree) is tree
    assert needed_udfs(tree) == set()


def test_the_tree_given_stays_as_it_was():
    tree = exp.Alias(
        this=nodes.call("trimb", nodes.column("s"), types=(STRING,), returns=STRING), alias=exp.to_identifier("x")
    )
    before = tree.copy()
    assert lower(tree).sql("duckdb") == "RTRIM(\"s\", ' \t') AS x"
    assert tree == before


def test_a_series_is_a_table_of_numbers():
    query = exp.select("*").from_(nodes.series(exp.Literal.number(3)))
    assert duckdb.sql(lower(query).sql("duckdb")).fetchall() == [(0,), (1,), (2,)]
    assert duckdb.sql(lower(query).sql("duckdb")).columns == ["__n"]


def test_a_node_at_the_root():
    assert (
        lower(nodes.call("dquote", nodes.literal("a"), types=(STRING,), returns=STRING)).sql("duckdb")
        == "('\"' || 'a' || '\"')"
    )


def test_nodes_in_nodes():
    inner = nodes.call("trimb", nodes.column("s"), types=(STRING,), returns=STRING)
    outer = nodes.call("upcase", inner, types=(STRING,), returns=STRING)
    assert lower(outer).sql("duckdb") == "UPPER(RTRIM(\"s\", ' \t'))"


def test_a_node_nobody_knows():
    with pytest.raises(EngineError, match="DuckDB has no counterpart for 'nothing'"):
        lower(nodes.call("nothing", nodes.column("s"), types=(STRING,), returns=STRING))


def test_functions_without_sql_run_their_reference():
    tree = nodes.call("soundex", nodes.column("s"), nodes.literal(0), types=(STRING, decimal(5)), returns=STRING)
    (name,) = needed_udfs(tree)
    assert name == "py_rs__soundex__string__decimal_5_0__string"
    connection = duckdb.connect()
    register_udfs(connection, {name})
    query = f"SELECT {lower(tree).sql('duckdb')} FROM (VALUES ('Rivers'), (NULL)) t(s)"
    assert connection.execute(query).fetchall() == [("R162",), (None,)]
    assert connection.cursor().execute(query).fetchall() == [("R162",), (None,)]


def test_the_start_of_the_run():
    tree = nodes.call("currentdate")
    names = needed_udfs(tree)
    connection = duckdb.connect()
    register_udfs(connection, names, {"DSJobStartTimestamp": dt.datetime(2024, 2, 29, 13, 14, 15)})
    query = f"SELECT {lower(tree).sql('duckdb')}"
    assert connection.execute(query).fetchall() == [(dt.date(2024, 2, 29),)]
    assert connection.cursor().execute(query).fetchall() == [(dt.date(2024, 2, 29),)]
    register_udfs(connection, names, {"DSJobStartTimestamp": "2023-01-02 03:04:05"})
    assert connection.execute(query).fetchall() == [(dt.date(2023, 1, 2),)]


def test_failing():
    tree = nodes.call("fail_when", exp.Boolean(this=True), nodes.literal("no"), nodes.literal(1))
    with pytest.raises(duckdb.InvalidInputException, match="no"):
        duckdb.sql(f"SELECT {lower(tree).sql('duckdb')}").fetchall()
    tree = nodes.call("fail_when", exp.Boolean(this=False), nodes.literal("no"), nodes.literal(1))
    assert duckdb.sql(f"SELECT {lower(tree).sql('duckdb')}").fetchall() == [(1,)]


def test_a_batch_of_many_rows_keeps_its_nulls():
    tree = nodes.call("matches", nodes.column("s"), nodes.column("p"), types=(STRING, STRING), returns=BOOLEAN)
    connection = duckdb.connect()
    register_udfs(connection, needed_udfs(tree))
    query = (
        f"SELECT count(*), count(m), count_if(m) FROM (SELECT {lower(tree).sql('duckdb')} AS m FROM "
        "(SELECT CASE WHEN i % 3 <> 0 THEN 'a' || i END AS s, "
        "CASE WHEN i % 2 = 0 THEN '1A0N' ELSE '2A' END AS p FROM range(30000) r(i)))"
    )
    assert connection.execute(query).fetchall() == [(30000, 20000, 10000)]
