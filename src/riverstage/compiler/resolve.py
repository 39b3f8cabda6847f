"""Resolve a document: bind its parameters, inline its subflows, order its ports; the result is a frozen graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from riverstage._collector import collector_held
from riverstage.catalogue import StageSpec, by_op, find
from riverstage.compiler._loaded import pipeline_problems, row_and_problems
from riverstage.compiler._references import PartlyBound, References
from riverstage.compiler.parameters import Assets, Collected, NoAssets, collect_parameters
from riverstage.compiler.structure import SUBFLOW_PORT
from riverstage.document import Document
from riverstage.errors import Diagnostic, Place
from riverstage.plan import Graph, Link, Stage
from riverstage.types import RowType

__all__ = ["Resolved", "resolve"]

# Copies of the links' columns for a panel, not read here: what they name need not be there.
_COPIES = frozenset({"inputcolProperties", "outputcolProperties"})
# What a port says as a list of entries; whatever else a document holds there is no entry.
_LISTED = frozenset({"valueDerivation", "lookupDerivation", "keyColsPart"})
_KINDS: Mapping[str, Any] = {"PRIMARY": "primary", "REFERENCE": "reference", "REJECT": "reject"}
_Ends = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Resolved:
    """A graph and what was wrong with the document that it comes from.

    Args:
        graph: The graph.
        problems: What is wrong with the document.
        link_keys: The graph's key for each link of the document, by its pipeline and its key there; of a subflow that
            stands in several places, the first.
    """

    graph: Graph
    problems: tuple[Diagnostic, ...]
    link_keys: Mapping[tuple[str, Any], str] = field(default_factory=dict)


def resolve(
    document: Document,
    parameters: Mapping[str, Any] | None = None,
    assets: Assets | None = None,
    *,
    name: str,
    folder: str = ".",
    value_sets: Mapping[str, str] | None = None,
) -> Resolved:
    """Resolve a document for one run.

    Args:
        document: The flow.
        parameters: Values given for this run, by ``name`` or ``set.name``.
        assets: The project around the flow.
        name: The flow's name.
        folder: Where relative file names start.
        value_sets: The value set chosen of each parameter set.

    Returns:
        The graph; problems are in it, never raised.
    """
    with collector_held():
        return _Resolver(document, assets or NoAssets(), name, folder).run(parameters or {}, value_sets or {})


@dataclass(slots=True)
class _Inlined:
    """A pipeline on its way into the graph.

    Args:
        document: Where it stands.
        pipeline: Its id.
        prefix: What its stages' keys start with.
    """

    document: Document
    pipeline: str
    prefix: str = ""
    above: frozenset[str] = field(default_factory=frozenset)


class _Resolver:
    def __init__(self, document: Document, assets: Assets, name: str, folder: str) -> None:
        self.document = document
        self.assets = assets
        self.name = name
        self.folder = folder
        self.problems: list[Diagnostic] = []
        self.references = References(Collected(), assets)
        self.stages: dict[str, Stage] = {}
        self.links: dict[str, Link] = {}
        self.link_keys: dict[tuple[str, Any], str] = {}

    def run(self, given: Mapping[str, Any], value_sets: Mapping[str, str]) -> Resolved:
        tree = self.document.tree
        local = (tree.get("parameters") or {}).get("local_parameters") or []
        sets = [str(entry["name"]) for entry in tree.get("external_paramsets") or [] if entry.get("name")]
        collected = collect_parameters(self.name, local, sets, given=given, value_sets=value_sets, assets=self.assets)
        self.problems.extend(collected.problems)
        self.references = References(collected, self.assets, self.problems)
        self._pipeline(_Inlined(self.document, self.document.primary_pipeline), {}, {})
        self._sort_on_links()
        settings = (tree.get("app_data") or {}).get("additionalProperties") or {}
        graph = PartlyBound(
            name=self.name,
            stages=self.stages,
            links=self.links,
            parameters=self.references.parameters,
            column_propagation=bool(settings.get("enableRCP")),
            settings=settings,
            folder=self.folder,
            unbound=frozenset(self.references.unbound),
        )
        return Resolved(graph, tuple(self.problems), self.link_keys)

    def _pipeline(self, inlined: _Inlined, entries: _Ends, exits: _Ends) -> None:
        """Add a pipeline's stages and links.

        Args:
            inlined: The pipeline.
            entries: For its entry nodes, the keys of the outer links that feed each.
            exits: For its exit nodes, the keys of the outer links that each feeds.
        """
        document, pid = inlined.document, inlined.pipeline
        keys = self._stage_keys(inlined)
        link_keys: dict[Any, str] = {}
        for ref in document.links(pid):
            name = ref.name or f"{keys[ref.source]} to {keys[ref.target]}"
            key = self._unique(inlined.prefix + name)
            link_keys[ref.key] = key
            if document is self.document:
                self.link_keys.setdefault((pid, ref.key), key)
            where = Place(flow=self.name, link=name)
            self.links[key] = Link(
                key=key,
                name=name,
                source=keys[ref.source],
                target=keys[ref.target],
                kind=_KINDS[ref.kind],
                schema=self._schema(document, document.link_schema(ref), where),
                fields=tuple((document.link_schema(ref) or {}).get("fields") or ()),
                output=self._bound(ref.source_port or {}, where, keys[ref.source]),
                input=self._bound(ref.target_port, where, keys[ref.target]),
            )
        self.problems.extend(pipeline_problems(document, pid, self.name))
        for node in document.nodes(pid):
            inputs = tuple(link_keys[ref.key] for ref in document.links_in(pid, node["id"]))
            outputs = tuple(link_keys[ref.key] for ref in document.links_out(pid, node["id"]))
            key = keys[node["id"]]
            if node.get("type") == "super_node":
                self._subflow(inlined, node, key, inputs, outputs)
            elif node["id"] in entries or node["id"] in exits:
                self._port(node, key, inputs, outputs, entries, exits)
            else:
                self._stage(node, key, inputs, outputs)

    def _sort_on_links(self) -> None:
        """Put a Sort stage on every link whose target says that it wants its rows sorted as they arrive."""
        for key, link in list(self.links.items()):
            keys = [entry for entry in link.input.get("keyColsPart") or () if _is_true(entry.get("sorting"))]
            if not _is_true(link.input.get("perform_sort")) or not keys:
                continue
            target = self.stages[link.target]
            sorter, inner = f"{target.key} (sort of {link.name})", f"{key} (sorted)"
            properties = {
                "key_properties": [dict(entry) for entry in keys],
                "unique": "unique" if _is_true(link.input.get("part_unique")) else " ",
                "stable": "stable" if _is_true(link.input.get("part_stable", True)) else "nonStable",
            }
            self.links[key] = replace(link, target=sorter)
            self.links[inner] = replace(link, key=inner, source=sorter, output={}, is_inner=True)
            self.stages[sorter] = Stage(sorter, sorter, "Sort", "PxSort", find("Sort"), properties, (key,), (inner,))
            inputs = tuple(inner if name == key else name for name in target.inputs)
            self.stages[target.key] = replace(target, inputs=inputs)

    def _stage_keys(self, inlined: _Inlined) -> dict[str, str]:
        keys: dict[str, str] = {}
        taken: set[str] = set(self.stages)
        for node in inlined.document.nodes(inlined.pipeline):
            label = _label(node)
            key = inlined.prefix + label
            number = 2
            if key in taken:
                self.problems.append(
                    Diagnostic(
                        "RS-4003",
                        "warning",
                        f"Two stages have the label '{label}'.",
                        Place(flow=self.name, stage=label),
                        "Rename one, so that messages and the log can tell them apart.",
                    )
                )
            while key in taken:
                key = f"{inlined.prefix}{label} ({number})"
                number += 1
            taken.add(key)
            keys[node["id"]] = key
        return keys

    def _unique(self, key: str) -> str:
        number = 2
        found = key
        while found in self.links:
            found = f"{key} ({number})"
            number += 1
        return found

    def _stage(self, node: Mapping[str, Any], key: str, inputs: tuple[str, ...], outputs: tuple[str, ...]) -> None:
        op = node.get("op")
        spec = by_op(op) if isinstance(op, str) else None
        place = Place(flow=self.name, stage=_label(node))
        connection = node.get("connection")
        if not op and node.get("type") == "execution_node":
            code, message, mend = _untyped(node)
            self._say(code, key, message, mend)
            self.references.unbound.add(key)
        self.stages[key] = Stage(
            key=key,
            label=key,
            type=spec.name if spec is not None else None,
            op=op,
            spec=spec,
            properties=self._properties(node, spec, place, key),
            inputs=inputs,
            outputs=outputs,
            connection=self.references.bind(connection, place, key) if isinstance(connection, Mapping) else None,
        )

    def _port(
        self,
        node: Mapping[str, Any],
        key: str,
        inputs: tuple[str, ...],
        outputs: tuple[str, ...],
        entries: _Ends,
        exits: _Ends,
    ) -> None:
        for outer in entries.get(node["id"], ()):
            self.links[outer] = replace(self.links[outer], target=key)
            inputs = (*inputs, outer)
        for outer in exits.get(node["id"], ()):
            self.links[outer] = replace(self.links[outer], source=key)
            outputs = (*outputs, outer)
        self.stages[key] = Stage(key, key, SUBFLOW_PORT, None, None, {}, inputs, outputs)

    def _subflow(
        self, inlined: _Inlined, node: Mapping[str, Any], key: str, inputs: tuple[str, ...], outputs: tuple[str, ...]
    ) -> None:
        """Inline a subflow: a pipeline of the same document, or another asset of the project."""
        reference = node.get("subflow_ref") or {}
        found = self._subflow_document(inlined, reference, key)
        if found is None:
            return
        document, pipeline = found
        marker = f"{id(document)}/{pipeline}"
        if marker in inlined.above:
            self._say("RS-4031", key, f"The subflow '{key}' contains itself.", "Remove the inner one.")
            return
        entries: dict[str, list[str]] = {}
        exits: dict[str, list[str]] = {}
        outer, pid = inlined.document, inlined.pipeline
        begins, ends_of = _ends(document, pipeline)
        for ref, link in zip(outer.links_in(pid, node["id"]), inputs, strict=True):
            entries.setdefault(_end_of(ref.target_port, node.get("inputs"), begins), []).append(link)
        for ref, link in zip(outer.links_out(pid, node["id"]), outputs, strict=True):
            exits.setdefault(_end_of(ref.source_port or {}, node.get("outputs"), ends_of), []).append(link)
        ends = {inner["id"] for inner in document.nodes(pipeline)}
        for inner in [*entries, *exits]:
            if inner not in ends:
                self._say(
                    "RS-4032", key, f"A port of the subflow '{key}' leads to no entry or exit in it.", "Link it anew."
                )
                return
        self._pipeline(_Inlined(document, pipeline, f"{key}/", inlined.above | {marker}), entries, exits)

    def _subflow_document(
        self, inlined: _Inlined, reference: Mapping[str, Any], key: str
    ) -> tuple[Document, str] | None:
        pipeline = reference.get("pipeline_id_ref")
        if pipeline in inlined.document.pipeline_ids:
            return inlined.document, str(pipeline)
        name = reference.get("name") or key
        asset = self.assets.subflow(str(name))
        if isinstance(asset, Document):
            return asset, asset.primary_pipeline
        self._say(
            "RS-4030",
            key,
            f"The subflow '{name}' is not in the project, so it cannot run.",
            "Save it to the project's subflows, or make it a local subflow.",
        )
        return None

    def _say(self, code: str, stage: str, message: str, mend: str) -> None:
        self.problems.append(Diagnostic(code, "error", message, Place(flow=self.name, stage=stage), mend))

    def _schema(self, document: Document, schema: Mapping[str, Any] | None, place: Place) -> RowType | None:
        if schema is None or not schema.get("fields"):
            return None
        row, problems = row_and_problems(document, schema, place)
        self.problems.extend(problems)
        return row

    def _bound(self, port: Mapping[str, Any], place: Place, stage: str) -> dict[str, Any]:
        found = {}
        for name, value in (port.get("parameters") or {}).items():
            bound = self.references.bind(value, replace(place, property=name), stage, name)
            found[name] = self._entries(bound, replace(place, property=name)) if name in _LISTED else bound
        return found

    def _entries(self, value: Any, place: Place) -> list[Any]:
        if value is None or value == "":
            return []
        if isinstance(value, list) and all(isinstance(entry, Mapping) for entry in value):
            return value
        self.problems.append(
            Diagnostic("RS-4023", "error", f"'{place.property}' is not a list of entries.", place, "Set it again.")
        )
        return []

    def _properties(self, node: Mapping[str, Any], spec: StageSpec | None, place: Place, key: str) -> dict[str, Any]:
        """Return what was set, by Python name: the connection's, then the ports', then the node's, the first wins."""
        if spec is None:
            return {}
        found: dict[str, Any] = {}
        for held in _parameter_maps(node):
            for wire, value in held.items():
                said = spec.by_wire.get(wire)
                if said is None or said.name in found or wire in _COPIES:
                    continue
                bound = self.references.bind(value, replace(place, property=said.name), key, wire)
                found[said.name] = _as_list(said.decode(bound), said.kind)
        return found


def _parameter_maps(node: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    connection = node.get("connection")
    if isinstance(connection, Mapping) and isinstance(connection.get("properties"), Mapping):
        yield connection["properties"]
    for side in ("outputs", "inputs"):
        for port in node.get(side) or ():
            if isinstance(port, Mapping) and isinstance(port.get("parameters"), Mapping):
                yield port["parameters"]
    if isinstance(node.get("parameters"), Mapping):
        yield node["parameters"]


def _as_list(value: Any, kind: str) -> Any:
    """Return a value of a property that holds several as a list, also where a document has one alone."""
    if kind not in ("list", "table") or value is None or isinstance(value, str | list | tuple):
        return value
    return [value]


def _ends(document: Document, pipeline: str) -> tuple[list[str], list[str]]:
    """Return the nodes where a subflow begins and those where it ends, in its order."""
    begins: list[str] = []
    ends: list[str] = []
    for node in document.nodes(pipeline):
        if node.get("type") == "binding" and not node.get("op"):
            (ends if node.get("inputs") else begins).append(str(node["id"]))
    return begins, ends


def _end_of(port: Mapping[str, Any], ports: Any, ends: Sequence[str]) -> str:
    """Return the entry or exit that a port leads to; one that does not say takes the one at its own place."""
    said = port.get("subflow_node_ref")
    if said is not None:
        return str(said)
    places = [place for place, other in enumerate(ports or ()) if other is port or other.get("id") == port.get("id")]
    return ends[places[0]] if places and places[0] < len(ends) else ""


def _label(node: Mapping[str, Any]) -> str:
    label = ((node.get("app_data") or {}).get("ui_data") or {}).get("label")
    return str(label) if label else str(node.get("op") or node.get("id"))


def _untyped(node: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return code and message of a stage without an operator, and what to do."""
    said = ((node.get("app_data") or {}).get("riverstage") or {}).get("type")
    if said:
        message = f"Stages of type '{said}' can be drawn and saved, but this version cannot run them."
        return "RS-4011", message, "`riverstage stages` lists the types that run."
    mend = "Say it, such as PxSort, or add the stage again."
    return "RS-4014", "The stage does not say its type: its node has no 'op'.", mend


def _is_true(value: Any) -> bool:
    return value in (True, 1, "1", "true", "True") or (isinstance(value, str) and value.startswith("part_"))
