"""Random edits, each followed by an audit of the indexes; what is written reads back as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from riverstage.document import Document
from tests.document.flows import Editor, random_flow, reference_files, soak


@pytest.mark.parametrize("seed", range(soak(4, 20)))
def test_indexes_stay_true_through_random_edits(seed: int) -> None:
    editor = Editor(Document.new("edits"), seed)
    for step in range(soak(300, 1500)):
        name = editor.edit()
        try:
            editor.document.audit()
        except AssertionError as error:
            pytest.fail(f"step {step}, {name}: {error}")
        for pid in editor.document.pipeline_ids:
            for ref in editor.document.links(pid):
                assert ref in editor.document.links_in(pid, ref.target)
                assert ref in editor.document.links_out(pid, ref.source)
                assert ref.source_port is not None


def test_edits_of_the_flows_of_others_keep_the_indexes_true(reference: Path) -> None:
    for seed, file in enumerate(reference_files(reference)):
        editor = Editor(Document.load(file), seed)
        for _ in range(soak(40, 400)):
            editor.edit()
            editor.document.audit()
        text = editor.document.dumps()
        assert Document.loads(text).dumps() == text


@pytest.mark.parametrize("seed", range(soak(25, 300)))
def test_random_flows_round_trip(seed: int) -> None:
    document = random_flow(seed)
    text = document.dumps()
    again = Document.loads(text)
    assert again.dumps() == text
    assert again.tree == document.tree
    again.audit()
    for pid in document.pipeline_ids:
        for node in document.nodes(pid):
            assert [ref.key for ref in again.links_in(pid, node["id"])] == [
                ref.key for ref in document.links_in(pid, node["id"])
            ]
            assert [ref.key for ref in again.links_out(pid, node["id"])] == [
                ref.key for ref in document.links_out(pid, node["id"])
            ]


@pytest.mark.parametrize("seed", range(5))
def test_the_same_steps_give_the_same_bytes(seed: int) -> None:
    assert random_flow(seed).dumps() == random_flow(seed).dumps()


def test_ids_of_what_was_removed_do_not_come_back() -> None:
    document = Document.new("ids")
    editor = Editor(document, 7)
    gone: set[str] = set()
    now: set[str] = set()
    for _ in range(soak(400, 3000)):
        if editor.edit() == "remember":
            editor.past.clear()  # without undo: doing again what was undone gives the same ids, on purpose
        before, now = now, set()
        for pid in document.pipeline_ids:
            now |= {pid, *(node["id"] for node in document.nodes(pid)), *(ref.id for ref in document.links(pid))}
        gone |= before - now
        assert not now & gone
    assert len(gone) > 20


def test_a_copy_is_apart() -> None:
    document = random_flow(3)
    text = document.dumps()
    Editor(document.copy(), 1).edit()
    copied = document.copy()
    assert copied.dumps() == text
    for node in copied.nodes(copied.primary_pipeline):
        copied.remove_node(copied.primary_pipeline, node["id"])
    assert document.dumps() == text
