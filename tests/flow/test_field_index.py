"""Fields by name: found at once, whoever changed them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverstage import BatchFlow, UsageError
from riverstage.flow import _field_index
from riverstage.flow.link import Link


def linked() -> Link:
    flow = BatchFlow("f")
    return flow.add_stage("Row Generator").connect_output_to(flow.add_stage("Peek"))


@pytest.mark.parametrize("anew", [False, True])
def test_adding_does_not_look_through_all_fields(monkeypatch: pytest.MonkeyPatch, *, anew: bool) -> None:
    looked: list[int] = []
    make = _field_index.FieldIndex._make

    def counted(index: Any, fields: list[Any]) -> None:
        looked.append(len(fields))
        make(index, fields)

    monkeypatch.setattr(_field_index.FieldIndex, "_make", counted)
    link = linked()
    schema = link.create_schema()
    for number in range(500):
        (link.schema if anew else schema).add_field("INTEGER", f"c{number}", nullable=True)
    assert len(schema) == 500
    assert max(looked) == 1, "the field that is made, alone; never those of the schema"


_NAMES = st.sampled_from("abcd")
_STEPS = st.lists(st.tuples(st.sampled_from(["add", "remove", "rename", "again", "only"]), _NAMES, _NAMES), max_size=20)


@given(_STEPS)
def test_two_cursors_see_the_same(steps: list[tuple[str, str, str]]) -> None:
    link = linked()
    first, second = link.create_schema(), link.schema
    names: list[str] = []
    for turn, (step, name, other) in enumerate(steps):
        schema = first if turn % 2 else second
        if step == "add" and name not in names:
            schema.add_field("INTEGER", name)
            names.append(name)
        elif step == "remove" and name in names:
            schema.remove_field(name)
            names.remove(name)
        elif step == "rename" and name in names and (other not in names or other == name):
            schema[name].name = other
            names[names.index(name)] = other
        elif step == "again" and name in names:
            with pytest.raises(UsageError, match="already exists"):
                schema.add_field("INTEGER", name)
        elif step == "only" and name in names:
            schema.select_fields(name)
            names = [name]
        for each in (first, second):
            assert each.names == names
            assert [one for one in "abcd" if one in each] == sorted(names)
            assert [each[one].name for one in names] == names
