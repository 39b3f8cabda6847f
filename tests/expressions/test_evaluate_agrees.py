"""Random expressions over random rows mean the same in DuckDB and in Python, failures included."""

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings

from riverstage._arrow import arrow_type
from riverstage.engines.duckdb.lowering import lower, needed_udfs, register_udfs
from riverstage.errors import ExpressionError
from riverstage.expressions import nodes
from riverstage.expressions.elaborate import elaborate
from riverstage.expressions.evaluate import Slot, evaluate
from riverstage.expressions.functions import ConversionFailed
from riverstage.expressions.parser import parse
from riverstage.expressions.scope import Names
from riverstage.expressions.translate import to_sql
from tests.expressions import at_random
from tests.expressions.both import same

_SETTINGS = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def connection():
    """Return a connection, and the functions that are registered on it."""
    with duckdb.connect(config={"threads": 1}) as opened:
        yield opened, set()


def in_duckdb(connection, text, rows, nulls):
    """Return the value of an expression and whether it has failed, for every row."""
    opened, known = connection
    made = to_sql(elaborate(parse(text), Names(variables=at_random.bound_names(nodes.column)), nulls=nulls))
    trees = [lower(made.value), lower(made.fails_when if made.fails_when is not None else nodes.literal(False))]
    needed = set().union(*(needed_udfs(tree) for tree in trees)) - known
    register_udfs(opened, needed)
    known |= needed
    data = {name: pa.array([row[name] for row in rows], arrow_type(kind)) for name, kind in at_random.COLUMNS.items()}
    opened.register("given", pa.table({**data, "#": pa.array(range(len(rows)))}))
    columns = ", ".join(tree.sql("duckdb") for tree in trees)
    return opened.execute(f'SELECT {columns} FROM given ORDER BY "#"').fetchall()


def in_python(text, rows, nulls):
    node = elaborate(parse(text), Names(variables=at_random.slot_names()), nulls=nulls)
    for row in rows:
        try:
            yield evaluate(node, {Slot("column", name): value for name, value in row.items()}), False
        except ConversionFailed:
            yield None, True


@pytest.mark.parametrize("nulls", ["propagate", "legacy"])
@_SETTINGS
@given(at_random.expressions(), at_random.rows())
def test_random_expressions_agree(connection, nulls, text, rows):
    try:
        expected = list(in_python(text, rows, nulls))
    except ExpressionError:
        return
    for row, (value, failed), found in zip(rows, expected, in_duckdb(connection, text, rows, nulls), strict=True):
        assert found[1] == failed, (text, row, value, found)
        assert failed or same(value, found[0]), (text, row, value, found)
