"""Lists that can be searched, and answers."""

from types import SimpleNamespace

import pytest

from riverstage.client import Response, SeekableList
from riverstage.errors import NotFoundError, StoreError


def test_a_seekable_list():
    items = SeekableList(SimpleNamespace(name=name, size=len(name)) for name in ("a", "bb", "cc"))
    assert items.get(size=2).name == "bb"
    assert [each.name for each in items.get_all(size=2)] == ["bb", "cc"]
    assert isinstance(items.get_all(size=2), SeekableList)
    assert items.get(name="cc", size=2).name == "cc"
    with pytest.raises(NotFoundError, match="no item with name='x'"):
        items.get(name="x")
    with pytest.raises(ValueError, match=r"Cannot filter on nam. Did you mean 'name'"):
        items.get_all(nam="x")
    with pytest.raises(NotFoundError):
        SeekableList().get()


def test_an_answer():
    answer = Response(200, {"a": "\u00e9"}, {"ETag": "1"})
    assert repr(answer) == "<Response [200]>"
    assert answer
    assert answer.json() == {"a": "\u00e9"}
    assert answer.content == '{"a": "\u00e9"}'.encode()
    assert answer.headers == {"Content-Type": "application/json", "ETag": "1"}
    assert answer.raise_for_status() is None


def test_an_answer_without_a_body():
    answer = Response(204)
    assert (answer.text, answer.content, answer.headers) == ("", b"", {})
    with pytest.raises(ValueError):
        answer.json()


def test_an_answer_that_is_no():
    answer = Response(409)
    assert not answer
    with pytest.raises(StoreError, match="409 Conflict"):
        answer.raise_for_status()
