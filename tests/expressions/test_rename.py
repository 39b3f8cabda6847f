"""Renaming changes names and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverstage.errors import ExpressionError
from riverstage.expressions.parser import parse
from riverstage.expressions.rename import rename
from riverstage.expressions.tree import references
from tests.expressions.test_parser import REAL, WORDS


@pytest.mark.parametrize(
    ("text", "changes", "expected"),
    [
        ("in.in", {"links": {"in": "orders"}}, "orders.in"),
        ("in.x : \"in.x\" : 'in.x'", {"links": {"in": "orders"}}, "orders.x : \"in.x\" : 'in.x'"),
        ("in + in.x", {"links": {"in": "orders"}}, "in + orders.x"),
        ("  in . x", {"links": {"in": "orders"}}, "  in . x"),
        ("in.x", {"links": {"in": "my link"}}, '"my link".x'),
        ('"my link".x', {"links": {"my link": "in"}}, "in.x"),
        ("in.x", {"links": {"in": 'a"b'}}, '"a""b".x'),
        ("a.x : b.x", {"columns": {("a", "x"): "y"}}, "a.y : b.x"),
        ("a.x : b.x", {"columns": {("a", "x"): "y z"}, "links": {"a": "b", "b": "a"}}, 'b."y z" : a.x'),
        ("sv + f(sv) + sv() + L.sv", {"names": {"sv": "total"}}, "total + f(total) + sv() + L.sv"),
        ("#p# # #s.p# : s.p", {"parameters": {"p": "q", "s.p": "t.r"}}, "#q# # #t.r# : t.r"),
        ("If in.x = 1 Then in.x Else in.y", {"links": {"in": "out"}}, "If out.x = 1 Then out.x Else out.y"),
        ("in.x /* in.x */ // in.x\n: in.x", {"links": {"in": "o"}}, "o.x /* in.x */ // in.x\n: o.x"),
        ("Trim(in.x", {"links": {"in": "o"}}, "Trim(o.x"),
        ("in.x : 'open in.x", {"links": {"in": "o"}}, "o.x : 'open in.x"),
        ("amount > 10 and city is not null", {"names": {"amount": "total"}}, "total > 10 and city is not null"),
    ],
)
def test_renames(text, changes, expected):
    assert rename(text, **changes) == expected


@pytest.mark.parametrize("text", REAL)
def test_back_again(text):
    changed = rename(text, links={"in": "a b", "lnkIn": "l2"})
    assert rename(changed, links={"a b": "in", "l2": "lnkIn"}) == text
    renamed = {
        ("a b" if link == "in" else "l2" if link == "lnkIn" else link, name)
        for link, name in references(parse(text)).columns
    }
    assert set(references(parse(changed)).columns) == renamed


@given(st.one_of(st.text(max_size=30), st.lists(WORDS, max_size=25).map(" ".join)))
def test_nothing_to_rename_changes_nothing(text):
    assert rename(text) == text
    assert rename(text, links={"nowhere": "x"}, names={"nothing": "y"}) == text


@given(st.lists(WORDS, max_size=20).map(" ".join))
def test_a_renamed_link_is_a_renamed_link(text):
    try:
        before = references(parse(text))
    except ExpressionError:
        return
    after = references(parse(rename(text, links={"L": "M"})))
    assert after.columns == tuple(("M" if link == "L" else link, name) for link, name in before.columns)
