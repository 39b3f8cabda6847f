"""Write the data files of ``riverstage.catalogue`` from a folder of published interface facts.

``python tools/build_catalogue.py REFERENCE_FOLDER`` reads ``stage_properties.json`` and ``stage_catalog.json`` there,
applies ``catalogue_overrides.json`` beside this file (every departure from the facts, each with its reason), and writes
one file a stage type, a file of the definitions that several types share, a file of long choice lists, the index, and
the module of stage type names. The same facts give the same bytes.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "riverstage" / "catalogue"
OVERRIDES = Path(__file__).resolve().parent / "catalogue_overrides.json"

Json = dict[str, Any]

GROUPS = {
    "parameters": "node",
    "input_port": "input",
    "output_port": "output",
    "connection_source": "source",
    "connection_target": "target",
}
SENT = {
    "node.parameters": "node",
    "input_port.parameters": "input",
    "output_port.parameters": "output",
    "connection.properties(source)": "source",
    "connection.properties(target)": "target",
}
KINDS = {"str": "string", "int": "integer", "float": "number", "bool": "boolean", "dict": "map", "list": "list"}
SAME_CHOICES = {"Collate": "CollationSequence", "NlsMapName": "MapName"}  # one list under two names
SHARED_FROM = 3  # a definition is shared when so many types say it, otherwise it stands in its type's file


def camel(name: str) -> str:
    """Return the class name that the published client gives the choices of a property."""
    return "".join(word.capitalize() for word in name.split("_"))


def slug(name: str) -> str:
    """Return the file name, without ending, of a stage type."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def kind_of(declared: str, fact: Json) -> Json:
    """Return kind and what belongs to it, for one declared type."""
    said: Json = {}
    parts = [part.strip() for part in declared.split("|")]
    if "None" not in parts:
        said["nullable"] = False
    main = next(part for part in parts if part != "None")
    others = [part for part in parts if part not in (main, "None")]
    if "enum" in fact or "enum_ref" in fact:
        said["kind"] = "choice"
        if others or fact.get("enum") == {
            "custom": " "
        }:  # a sample of what a person picks from the columns of the link
            said["open"] = True
        said["enum"] = main.removeprefix("enum ").split(".")[-1]
        said["choices"] = (
            SAME_CHOICES.get(ref, ref) if (ref := fact.get("enum_ref", "").split(".")[-1]) else fact["enum"]
        )
        if fact.get("default") == []:
            said["multiple"] = True
    elif others:
        said["kind"] = "any"
    elif main.startswith("list["):
        inner = main[5:-1]
        if inner in KINDS:
            said["kind"] = "list"
            said["of"] = KINDS[inner]
        else:
            said["kind"] = "table"
            said["items"] = {name: definition(name, field) for name, field in fact["item_models"][inner].items()}
    else:
        said["kind"] = KINDS.get(main, "any")
    return said


def definition(name: str, fact: Json) -> Json:
    """Return one property as the catalogue says it: what is usual is left out."""
    said: Json = {}
    if fact["alias"] != name:
        said["wire"] = fact["alias"]
    said.update(kind_of(fact["type"], fact))
    default = fact["default"]
    if default is not None and not (isinstance(default, dict) and "<model>" in default):
        said["default"] = default
    return said


def tidy(name: str, said: Json) -> Json:
    """Return a definition with its keys in order and without what a reader knows anyway."""
    order = (
        "wire",
        "kind",
        "of",
        "nullable",
        "as_number",
        "open",
        "multiple",
        "enum",
        "choices",
        "items",
        "default",
        "in",
        "secret",
    )
    kept = {key: said[key] for key in order if key in said and said[key] is not None}
    if kept.get("enum") == camel(name):
        del kept["enum"]
    choices = kept.get("choices")
    if isinstance(choices, dict) and all(label == wire for label, wire in choices.items()):
        kept["choices"] = list(choices)
    return kept


def cardinality(fact: Json, key: str) -> list[int] | None:
    """Return the least and greatest number of links, -1 for any number, or None where the facts have none."""
    said = fact.get(key) or {}
    low, high = said.get("min"), said.get("max")
    return [low, high] if isinstance(low, int) and isinstance(high, int) else None


class Overrides:
    """The departures from the facts; remembers which were used, so that none outlives its reason."""

    def __init__(self, path: Path) -> None:
        said = json.loads(path.read_text("utf-8"))
        self.stages: list[Json] = said["stages"]
        self.properties: list[Json] = said["properties"]
        self.secrets: Json = said["secrets"]
        self.used: set[int] = set()

    def stage(self, stage: Json) -> None:
        """Apply what is said about a whole stage type."""
        for rule in self.stages:
            if stage["name"] in rule["types"]:
                stage.update(rule["set"])
                self.used.add(id(rule))

    def property(self, stage: Json, name: str, said: Json) -> None:
        """Apply what is said about one property of a stage type."""
        for rule in self.properties:
            if self._meant(rule, stage, name, said) and self._apply(rule, said):
                self.used.add(id(rule))

    @staticmethod
    def _meant(rule: Json, stage: Json, name: str, said: Json) -> bool:
        if rule["types"] != "*" and stage["name"] not in rule["types"]:
            return False
        if rule["properties"] != "*" and name not in rule["properties"]:
            return False
        if "inputs" in rule and stage["inputs"][1] != rule["inputs"]:
            return False
        if rule.get("connector") and not stage["is_connector"]:
            return False
        return not (rule.get("unplaced") and (said["in"] or said.get("settled")))

    @staticmethod
    def _apply(rule: Json, said: Json) -> bool:
        before = json.dumps(said)
        said.update(rule.get("set", {}))
        if rule.get("unplaced"):
            said["settled"] = True
        if "choices" in rule:
            said["choices"] = {**said["choices"], **rule["choices"]}
        places = rule.get("places")
        if places and said["in"]:
            said["in"] = [place for place in said["in"] if place not in places["drop"]] or places["else"]
        return json.dumps(said) != before

    def is_secret(self, stage: str, name: str, said: Json) -> bool:
        """Say whether the property is on the reviewed list of secrets."""
        named = name in self.secrets["yes"]["*"] or name in self.secrets["yes"].get(stage, ())
        return named and said["kind"] in ("string", "any", "map")

    def unused(self) -> list[str]:
        """Return the reasons of the rules that changed nothing."""
        return [rule["reason"] for rule in [*self.stages, *self.properties] if id(rule) not in self.used]


def stage_of(fact: Json, line: Json, overrides: Overrides) -> Json:
    """Return everything the catalogue says about one stage type, properties in full."""
    op = fact["op"]
    stage: Json = {
        "name": fact["type"],
        "class": fact["class"],
        "config": fact.get("config_class"),
        "op": op,
        "node_type": fact["node_type"],
        "image": fact.get("icon"),
        "listed": bool(fact.get("in_StageTypeEnum")),
        "is_connector": line["connector"],
        "inputs": cardinality(fact, "input_cardinality"),
        "outputs": cardinality(fact, "output_cardinality"),
        "link_limits": fact.get("link_limits"),
    }
    overrides.stage(stage)
    groups = fact.get("serialisation_groups") or {}
    connection = fact.get("connection") or {}
    known = fact["properties"].keys() | (connection.get("fields") or {}).keys()
    stage["always_sent"] = {
        GROUPS[group]: [name for name in said["always_sent"] if name in known]
        for group, said in groups.items()
        if said["always_sent"]
    }
    sent = fact.get("sent_when_untouched") or {}
    stage["sent_when_untouched"] = {SENT[group]: values for group, values in sent.items() if values}
    if connection.get("fields"):
        stage["connection"] = {"class": connection["class"], "datasource_type": connection.get("datasource_type")}
    stage["properties"] = properties(stage, fact, groups, overrides)
    if connection.get("fields"):
        stage["connection"]["fields"] = fields(stage["name"], connection["fields"], overrides)
    return stage


def properties(stage: Json, fact: Json, groups: Json, overrides: Overrides) -> Json:
    """Return the properties of a stage type in the order of the facts."""
    done: Json = {}
    for name, declared in fact["properties"].items():
        said = definition(name, declared)
        said["in"] = [GROUPS[group] for group, carried in groups.items() if name in carried["may_carry"]]
        overrides.property(stage, name, said)
        if not said["in"] and name != "connection":
            raise SystemExit(f"{stage['name']}: {name} has no place; add an override with its reason.")
        if overrides.is_secret(stage["name"], name, said):
            said["secret"] = True
        done[name] = tidy(name, said)
    return done


def fields(stage: str, declared: Json, overrides: Overrides) -> Json:
    """Return the fields of a connector's connection."""
    done: Json = {}
    for name, fact in declared.items():
        said = definition(name, fact)
        if overrides.is_secret(stage, name, said):
            said["secret"] = True
        done[name] = tidy(name, said)
    return done


def share(stages: list[Json]) -> Json:
    """Replace what several types say by the name of a shared definition, and return those definitions."""
    counts: Counter[tuple[str, str]] = Counter()
    tables = [
        table for stage in stages for table in (stage["properties"], stage.get("connection", {}).get("fields", {}))
    ]
    for table in tables:
        counts.update((name, json.dumps(said)) for name, said in table.items())
    keys: dict[tuple[str, str], str] = {}
    numbers: Counter[str] = Counter()
    shared: Json = {}
    for (name, text), count in sorted(counts.items(), key=lambda entry: (entry[0][0], -entry[1], entry[0][1])):
        if count >= SHARED_FROM:
            numbers[name] += 1
            key = name if numbers[name] == 1 else f"{name}.{numbers[name]}"
            keys[name, text] = key
            shared[key] = json.loads(text)
    for table in tables:
        for name, said in table.items():
            table[name] = keys.get((name, json.dumps(said)), said)
    return shared


def one_line(value: Any) -> str:
    """Return a value as JSON on one line."""
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))


def lines(value: Json, *, depth: int, indent: int = 0) -> str:
    """Return a JSON object with one line a key down to a depth: short diffs, few bytes."""
    pad = " " * (indent + 1)
    rows = []
    for key, item in value.items():
        nested = (
            isinstance(item, dict)
            and item
            and depth > 1
            and key in ("properties", "fields", "connection", "sent_when_untouched", "always_sent")
        )
        text = lines(item, depth=depth - 1, indent=indent + 1) if nested else one_line(item)
        rows.append(f"{pad}{one_line(key)}: {text}")
    return "{\n" + ",\n".join(rows) + "\n" + " " * indent + "}"


def names_module(stages: list[Json]) -> str:
    """Return the source of the module with the names of the stage types."""
    members = "\n".join(f'    {slug(stage["name"]).upper()} = "{stage["name"]}"' for stage in stages)
    literals = "\n".join(f'    "{stage["name"]}",' for stage in stages)
    return (
        '"""The names of the stage types. Written by ``tools/build_catalogue.py``; do not edit."""\n\n'
        "from __future__ import annotations\n\n"
        "from enum import StrEnum\n"
        "from typing import Literal\n\n"
        '__all__ = ["StageType", "StageTypeName"]\n\n\n'
        "class StageType(StrEnum):\n"
        '    """A stage type by name; every place that takes a type\'s name takes a member too."""\n\n'
        f"{members}\n\n\n"
        f"StageTypeName = Literal[\n{literals}\n]\n"
    )


def build(reference: Path) -> dict[str, str]:
    """Return every generated file: path below the catalogue package to text."""
    facts = json.loads((reference / "stage_properties.json").read_text("utf-8"))
    lines_by_type = {line["type"]: line for line in json.loads((reference / "stage_catalog.json").read_text("utf-8"))}
    overrides = Overrides(OVERRIDES)
    stages = [stage_of(fact, lines_by_type[name], overrides) for name, fact in facts["stages"].items()]
    if overrides.unused():
        raise SystemExit("Overrides that change nothing:\n  " + "\n  ".join(overrides.unused()))
    shared = share(stages)
    long = {name: said for name, said in facts["shared_enums"].items() if name not in SAME_CHOICES}
    if any(facts["shared_enums"][twin] != long[name] for twin, name in SAME_CHOICES.items()):
        raise SystemExit("SAME_CHOICES names lists that differ.")
    files = {
        "data/_index.json": index(stages),
        "data/_shared.json": lines(shared, depth=1),
        "data/_choices.json": json.dumps(
            {name: tidy(name, {"choices": said})["choices"] for name, said in long.items()},
            ensure_ascii=False,
            indent=1,
        ),
        "_names.py": names_module(stages),
    }
    for stage in stages:
        del stage["listed"]
        files[f"data/{slug(stage['name'])}.json"] = lines(stage, depth=4)
    return {path: text if text.endswith("\n") else text + "\n" for path, text in files.items()}


def index(stages: list[Json]) -> str:
    """Return the index: what finds a type without opening its file."""
    rows = {
        stage["name"]: [slug(stage["name"]), stage["op"], stage["class"], stage["config"], stage["listed"]]
        for stage in stages
    }
    return lines(rows, depth=1)


def main(arguments: list[str]) -> int:
    """Write the files and say what was written."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("reference", type=Path, help="folder with stage_properties.json and stage_catalog.json")
    files = build(parser.parse_args(arguments).reference)
    data = PACKAGE / "data"
    data.mkdir(parents=True, exist_ok=True)
    for stale in data.glob("*.json"):
        if f"data/{stale.name}" not in files:
            stale.unlink()
    for path, text in files.items():
        (PACKAGE / path).write_text(text, "utf-8")
    print(
        f"{len(files)} files, {sum(len(text) for text in files.values())} characters below {PACKAGE.relative_to(ROOT)}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
