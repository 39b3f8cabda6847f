"""What every place that keeps assets must do. A backend's tests subclass this and give a ``backend`` fixture."""

import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riverstage.errors import ConflictError, NotFoundError
from riverstage.store import ABSENT, ANY, KINDS, Backend, revision_of

NAMES = [
    "Orders",
    "orders",
    "ORDERS",
    "My batch flow",
    "a/b",
    "a\\b",
    "..",
    ".hidden",
    "con",
    "nul.txt",
    "trailing.",
    "-rf",
    "50%",
    "%41",
    "A~1c168adb",
    "Caf\u00e9",
    "Cafe\u0301",
    "\u58f2\u4e0a",
    "\u1112\u1161\u11ab",
    "\ud55c",
    "stra\u00dfe",
    "strasse",
    "a:b*c?",
    "x.json",
    "tab\there",
    "\U0001f30a",
]


class BackendSuite:
    """The conformance suite of the :class:`Backend` protocol."""

    @pytest.fixture
    def backend(self):
        raise NotImplementedError

    def test_it_is_a_backend(self, backend):
        assert isinstance(backend, Backend)

    def test_what_is_put_is_got(self, backend):
        revision = backend.put("flow", "Orders", b"{}\n", if_revision=ABSENT)
        asset = backend.get("flow", "Orders")
        assert (asset.kind, asset.name, asset.content, asset.revision) == ("flow", "Orders", b"{}\n", revision)
        assert revision == revision_of(b"{}\n")

    def test_an_asset_that_is_not_there_is_not_found_and_a_near_name_is_said(self, backend):
        backend.put("flow", "Orders", b"{}", if_revision=ABSENT)
        with pytest.raises(NotFoundError, match="Did you mean 'Orders'"):
            backend.get("flow", "Ordres")

    def test_kinds_are_apart(self, backend):
        for kind in KINDS:
            backend.put(kind, "same", kind.encode(), if_revision=ABSENT)
        for kind in KINDS:
            assert [(asset.name, asset.content) for asset in backend.list(kind)] == [("same", kind.encode())]

    def test_an_empty_store_lists_nothing(self, backend):
        assert list(backend.list("flow")) == []
        assert list(backend.history("flow", "x")) == []

    def test_assets_are_listed_by_name(self, backend):
        for name in ("b", "c", "a"):
            backend.put("flow", name, b"{}", if_revision=ABSENT)
        assert [asset.name for asset in backend.list("flow")] == ["a", "b", "c"]

    def test_a_second_asset_of_the_name_is_a_conflict(self, backend):
        backend.put("flow", "x", b"1", if_revision=ABSENT)
        with pytest.raises(ConflictError, match="already a flow 'x'"):
            backend.put("flow", "x", b"2", if_revision=ABSENT)
        assert backend.get("flow", "x").content == b"1"

    def test_a_stale_save_is_a_conflict(self, backend):
        first = backend.put("flow", "x", b"1", if_revision=ABSENT)
        backend.put("flow", "x", b"2", if_revision=first)
        with pytest.raises(ConflictError, match="changed since it was read"):
            backend.put("flow", "x", b"3", if_revision=first)
        assert backend.get("flow", "x").content == b"2"

    def test_saving_again_and_again_works_with_the_new_revision(self, backend):
        revision = backend.put("flow", "x", b"0", if_revision=ABSENT)
        for number in range(1, 4):
            revision = backend.put("flow", "x", str(number).encode(), if_revision=revision)
        assert backend.get("flow", "x").content == b"3"

    def test_a_save_of_what_was_deleted_is_a_conflict(self, backend):
        revision = backend.put("flow", "x", b"1", if_revision=ABSENT)
        backend.delete("flow", "x", if_revision=revision)
        with pytest.raises(ConflictError, match="deleted or renamed"):
            backend.put("flow", "x", b"2", if_revision=revision)
        assert list(backend.list("flow")) == []

    def test_any_overwrites_and_makes(self, backend):
        backend.put("flow", "x", b"1", if_revision=ANY)
        backend.put("flow", "x", b"2", if_revision=ANY)
        assert backend.get("flow", "x").content == b"2"

    def test_delete_asks_for_the_revision(self, backend):
        first = backend.put("flow", "x", b"1", if_revision=ABSENT)
        backend.put("flow", "x", b"2", if_revision=first)
        with pytest.raises(ConflictError):
            backend.delete("flow", "x", if_revision=first)
        backend.delete("flow", "x", if_revision=ANY)
        with pytest.raises(NotFoundError):
            backend.delete("flow", "x", if_revision=ANY)

    def test_rename_keeps_content_and_history(self, backend):
        first = backend.put("flow", "old", b"1", if_revision=ABSENT)
        second = backend.put("flow", "old", b"2", if_revision=first)
        backend.rename("flow", "old", "new", if_revision=second)
        assert [asset.name for asset in backend.list("flow")] == ["new"]
        assert [version.revision for version in backend.history("flow", "new")] == [second, first]
        assert backend.get("flow", "new", revision=first).content == b"1"
        assert list(backend.history("flow", "old")) == []

    def test_rename_refuses_a_taken_name_and_a_stale_revision(self, backend):
        first = backend.put("flow", "a", b"1", if_revision=ABSENT)
        backend.put("flow", "b", b"2", if_revision=ABSENT)
        with pytest.raises(ConflictError, match="already a flow 'b'"):
            backend.rename("flow", "a", "b", if_revision=first)
        with pytest.raises(ConflictError, match="changed"):
            backend.rename("flow", "a", "c", if_revision=revision_of(b"other"))
        with pytest.raises(NotFoundError):
            backend.rename("flow", "none", "c", if_revision=ANY)
        assert [asset.name for asset in backend.list("flow")] == ["a", "b"]

    def test_rename_may_change_only_the_case(self, backend):
        revision = backend.put("flow", "orders", b"1", if_revision=ABSENT)
        backend.rename("flow", "orders", "Orders", if_revision=revision)
        assert [asset.name for asset in backend.list("flow")] == ["Orders"]

    def test_history_knows_every_save_and_the_deletion(self, backend):
        first = backend.put("flow", "x", b"1", if_revision=ABSENT)
        second = backend.put("flow", "x", b"2", if_revision=first)
        backend.delete("flow", "x", if_revision=second)
        history = backend.history("flow", "x")
        assert [(version.revision, version.is_deletion) for version in history] == [
            (second, True),
            (second, False),
            (first, False),
        ]
        assert backend.get("flow", "x", revision=second).content == b"2"
        with pytest.raises(NotFoundError):
            backend.get("flow", "x")
        with pytest.raises(NotFoundError, match="no version"):
            backend.get("flow", "x", revision=revision_of(b"never"))

    def test_the_same_bytes_again_are_no_new_version(self, backend):
        revision = backend.put("flow", "x", b"1", if_revision=ABSENT)
        assert backend.put("flow", "x", b"1", if_revision=revision) == revision
        assert len(backend.history("flow", "x")) == 1

    @pytest.mark.parametrize("name", NAMES)
    def test_every_name_comes_back_exactly(self, backend, name):
        backend.put("flow", name, b"x", if_revision=ABSENT)
        assert [asset.name for asset in backend.list("flow")] == [name]
        assert backend.get("flow", name).content == b"x"

    def test_names_that_look_alike_stay_apart(self, backend):
        for name in NAMES:
            backend.put("flow", name, name.encode(), if_revision=ABSENT)
        assert {asset.name: asset.content for asset in backend.list("flow")} == {name: name.encode() for name in NAMES}

    @settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(content=st.binary(max_size=10_000))
    def test_any_bytes_come_back(self, backend, content):
        backend.put("flow", "bytes", content, if_revision=ANY)
        assert backend.get("flow", "bytes").content == content

    def test_a_transaction_may_be_nested(self, backend):
        with backend.transaction(), backend.transaction():
            backend.put("flow", "x", b"1", if_revision=ABSENT)
        assert backend.get("flow", "x").content == b"1"

    def test_of_many_threads_that_save_the_same_revision_one_wins(self, backend):
        first = backend.put("flow", "x", b"0", if_revision=ABSENT)
        start = threading.Barrier(8)
        results = []

        def save(number):
            start.wait()
            try:
                results.append(backend.put("flow", "x", str(number).encode(), if_revision=first))
            except ConflictError:
                results.append(None)

        threads = [threading.Thread(target=save, args=(number,)) for number in range(1, 9)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        won = [result for result in results if result]
        assert len(results) == 8
        assert won == [backend.get("flow", "x").revision]
