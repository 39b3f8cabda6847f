"""Random flows and random edits, and the flows of others."""

from __future__ import annotations

import os
import random
from pathlib import Path

from riverstage.document import Document, LinkRef, blank_node

OPERATORS = (
    ("binding", "PxSequentialFile"),
    ("execution_node", "PxCopy"),
    ("execution_node", "PxJoin"),
    ("super_node", None),
)
KINDS = ("PRIMARY", "PRIMARY", "PRIMARY", "REFERENCE", "REJECT")


def soak(usual: int, long: int) -> int:
    """Return how often to repeat: many times when the suite is asked to soak."""
    return long if os.environ.get("RIVERSTAGE_SOAK") else usual


def reference_files(folder: Path) -> list[Path]:
    files = [*folder.glob("flows/*.json"), *folder.glob("reference/captured/*.json")]
    return sorted(file for file in files if file.name != "http_examples_by_endpoint.json")


def field(name: str, **app_data: object) -> dict[str, object]:
    return {
        "name": name,
        "type": "string",
        "nullable": False,
        "metadata": {"description": "", "max_length": 100, "min_length": 0, "is_key": False, "item_index": 0},
        "app_data": {"time_scale": 0, "type_code": "STRING", "odbc_type": "VARCHAR", **app_data},
    }


def swap(text: str, names: dict[str, str]) -> str:
    """Stand in for the grammar: every name in these tests is a word of its own."""
    for old, new in names.items():
        text = text.replace(f"{old}.", f"{new}.")
    return text


class Editor:
    """Makes random edits of a document."""

    def __init__(self, document: Document, seed: int) -> None:
        self.document = document
        self.random = random.Random(seed)
        self.past: list[bytes] = []

    @property
    def pid(self) -> str:
        return self.random.choice(self.document.pipeline_ids)

    def edit(self) -> str:
        name = self.random.choice(EDITS)
        getattr(self, name)()
        return name

    def _node(self, pid: str) -> str | None:
        nodes = self.document.nodes(pid)
        return self.random.choice(nodes)["id"] if nodes else None

    def _link(self, pid: str) -> LinkRef | None:
        links = self.document.links(pid)
        return self.random.choice(links) if links else None

    def add_node(self) -> None:
        pid = self.pid
        kind, op = self.random.choice(
            [
                ("binding", "PxSequentialFile"),
                ("execution_node", "PxCopy"),
                ("execution_node", "PxJoin"),
                ("super_node", None),
            ]
        )
        label = self.random.choice([self.document.free_label(pid, "Copy"), "twice", None])
        parameters = {"InputlinkOrderingList": [], "mode": 1} if self.random.random() < 0.3 else {}
        node = blank_node(kind, op, label=label, parameters=parameters)
        if self.random.random() < 0.3:
            node["app_data"]["datastage"] = {"inputs_order": "", "outputs_order": ""}
        size = len(self.document.nodes(pid))
        self.document.add_node(pid, node, at=self.random.choice([None, self.random.randint(0, size)]))

    def add_link(self) -> None:
        pid = self.pid
        source, target = self._node(pid), self._node(pid)
        if source and target:
            name = self.random.choice([self.document.free_link_name(pid), "shared", None])
            schemas = self.document.tree.get("schemas", [])
            schema = self.random.choice([None, *[each["id"] for each in schemas[:3]]])
            kind = self.random.choice(KINDS)
            self.document.add_link(pid, source, target, name=name, kind=kind, schema_id=schema)

    def remove_node(self) -> None:
        pid = self.pid
        node = self._node(pid)
        if node and self.random.random() < 0.5:
            self.document.remove_node(pid, node)

    def remove_link(self) -> None:
        ref = self._link(self.pid)
        if ref:
            self.document.remove_link(ref)

    def rename_node(self) -> None:
        pid = self.pid
        node = self._node(pid)
        if node:
            self.document.rename_node(pid, node, self.random.choice(["twice", f"n{self.random.random()}"]))

    def rename_link(self) -> None:
        ref = self._link(self.pid)
        if ref:
            self.document.rename_link(ref, self.random.choice(["shared", f"l{self.random.randint(0, 99)}"]), swap)

    def set_schema(self) -> None:
        ref = self._link(self.pid)
        if ref:
            name = ref.name or "x"
            self.document.set_link_schema(ref, [field("a"), field("b", derivation=f"Trim({name}.a)")])

    def drop_schema(self) -> None:
        ref = self._link(self.pid)
        if ref:
            self.document.drop_link_schema(ref)

    def set_placeholder(self) -> None:
        pid = self.pid
        node = self._node(pid)
        if node:
            side = self.random.choice(["inputs", "outputs"])
            self.document.placeholder(pid, node, side).setdefault("parameters", {})["records"] = 3

    def drop_placeholder(self) -> None:
        pid = self.pid
        node = self._node(pid)
        if node:
            self.document.drop_placeholder(pid, node, self.random.choice(["inputs", "outputs"]))

    def comment(self) -> None:
        pid = self.pid
        refs = [{"node_ref": node} for node in [self._node(pid)] if node]
        self.document.add_comment(pid, {"content": self.random.choice("ab"), "associated_id_refs": refs})

    def remove_comment(self) -> None:
        pid = self.pid
        comments = self.document.comments(pid)
        if comments:
            self.document.remove_comment(pid, self.random.choice(comments)["id"])

    def pipeline(self) -> None:
        if len(self.document.pipeline_ids) < 3:
            self.document.add_pipeline("inner")
        elif self.random.random() < 0.2:
            self.document.remove_pipeline(self.document.pipeline_ids[-1])

    def remember(self) -> None:
        self.past.append(self.document.dumps())

    def undo(self) -> None:
        if self.past:
            self.document.replace(Document.loads(self.past.pop()).tree)


EDITS = [
    *["add_node"] * 6, *["add_link"] * 8, "remove_node", *["remove_link"] * 3, "rename_node", *["rename_link"] * 2,
    *["set_schema"] * 3, "drop_schema", "set_placeholder", "drop_placeholder", "comment", "remove_comment", "pipeline",
    "remember", "undo",
]  # fmt: skip


def random_flow(seed: int, edits: int = 60) -> Document:
    editor = Editor(Document.new("random"), seed)
    for _ in range(edits):
        editor.edit()
    return editor.document
