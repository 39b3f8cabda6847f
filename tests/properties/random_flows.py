"""Random flows of running stages, built through the SDK: every one of them is valid and every row of it is small."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from riverstage.document.fields import field_of
from riverstage.flow import BatchFlow
from riverstage.types import DATE, INT32, STRING, Column, DataType

TYPES: dict[str, DataType] = {"k": INT32, "n": INT32, "s": DataType("string", length=12), "d": DATE}
CYCLES = {
    "k": [{"cycle": {"init": 0, "limit": 6}}, {"random": {"limit": 9, "seed": 3}}, {"nulls": 20}, {}],
    "n": [{"cycle": {"init": -3, "incr": 2, "limit": 40}}, {"random": {"limit": 50, "seed": 5}}, {"nulls": 30}],
    "s": [{"cycle": {"value": ["a", "B", "b", "ä"]}}, {"nulls": 15, "cycle": {"value": ["x", "y"]}}, {}],
    "d": [{}, {"nulls": 50}],
}
CONDITIONS = ["k > 3", "n <= 10", "s = 'a' or k = 1", "k is null", "n between 0 and 20", "not (k = 2)", "true", "false"]
EXPRESSIONS = {
    "k": ["{0}.k + 1", "NullToZero({0}.k)", "If IsNull({0}.n) Then {0}.k Else 5", "Mod(NullToZero({0}.n), 7)"],
    "n": ["{0}.n", "{0}.k * 2", "@INROWNUM", "Len(NullToEmpty({0}.s))"],
    "s": ["UpCase({0}.s)", "{0}.s", "{0}.k : '-'", "Left({0}.s, 1)"],
    "d": ["{0}.d"],
}
FAILING = "{0}.s"  # Often no number, so that a row which derives `n` from it is dropped or rejected.
STATE = "If Mod(NullToZero({0}.n), 3) = 0 Then total + 1 Else total - 2"


@dataclass
class Stream:
    """An output that waits for its link.

    Args:
        stage: The stage that writes it.
        columns: Its columns.
        kind: ``primary`` or ``reject``.
        output: What the port of the stage says, by wire names; ``{0}`` stands for its input link.
        declared: Whether the link's schema says the columns.
        properties: Directives by column.
        is_settled: Whether the order of its rows is the same in every run.
    """

    stage: Any
    columns: tuple[str, ...]
    kind: str = "primary"
    output: dict[str, Any] = field(default_factory=dict)
    declared: bool = True
    properties: dict[str, dict[str, Any]] = field(default_factory=dict)
    is_settled: bool = True


class Maker:
    """Makes one random flow.

    Args:
        seed: What decides everything.
        folder: Where the files that it reads are written.
        stages: Stages at most, without the targets that end what is open.
        is_settled: Whether rows are put in an order wherever a stage's rows depend on it, so that every run, however it
            is cut, has the same rows on every link.
    """

    def __init__(self, seed: int, folder: Path, stages: int = 20, *, is_settled: bool = True) -> None:
        self.is_settled = is_settled
        self.random = random.Random(seed)
        self.folder = folder
        self.flow = BatchFlow(f"random {seed}")
        self.open: list[Stream] = []
        self.numbers = 0
        self.targets: list[str] = []
        self._build(stages)

    def _build(self, stages: int) -> None:
        for _ in range(self.random.randint(1, 2)):
            self.source()
        ways: list[Callable[[], None]] = [
            self.source, self.copy, self.copy, self.filter, self.filter, self.switch, self.sort, self.join, self.join,
            self.lookup, self.lookup, self.aggregate, self.funnel, self.funnel, self.remove_duplicates, self.cut,
            self.peek, self.generate, self.modify, self.transform, self.transform,
        ]  # fmt: skip
        while self.numbers < stages and self.open:
            self.random.choice(ways)()
        while self.open:
            self.end()

    def stage(self, kind: str, **configuration: Any) -> Any:
        self.numbers += 1
        stage = self.flow.add_stage(kind, f"{kind} {self.numbers}")
        for name, value in configuration.items():
            stage.configuration[name] = value
        return stage

    def take(self) -> Stream:
        return self.open.pop(self.random.randrange(len(self.open)))

    def link(self, stream: Stream, target: Any, *, kind: str | None = None, port: dict[str, Any] | None = None) -> str:
        link = stream.stage.connect_output_to(target)
        name = str(link.name)
        if stream.kind == "reject":
            link.reject()
        if kind == "reference":
            link.reference()
        (ref,) = self.flow.document.link_named(self.flow.document.primary_pipeline, name)
        if stream.declared:
            columns = [
                Column(column, TYPES.get(column, STRING), properties=stream.properties.get(column, {}))
                for column in stream.columns
            ]
            self.flow.document.set_link_schema(ref, [field_of(column) for column in columns])
        if stream.output:
            assert ref.source_port is not None
            ref.source_port.setdefault("parameters", {}).update(stream.output)
        if port:
            ref.target_port.setdefault("parameters", {}).update(port)
        return name

    def give(self, stage: Any, columns: tuple[str, ...], **more: Any) -> None:
        self.open.append(Stream(stage, columns, **more))

    def keys(self, columns: tuple[str, ...], most: int = 2) -> list[dict[str, Any]]:
        chosen = self.random.sample(columns, self.random.randint(1, min(most, len(columns))))
        return [{"key": name} for name in chosen]

    def source(self) -> None:
        way = self.random.choice(["generator", "generator", "file", "data set"])
        columns = ("k", "n", "s", "d") if self.random.random() < 0.6 else ("k", "n", "s")
        records = self.random.choice([0, 1, 7, 30, 200])
        if way == "generator":
            stage = self.stage("Row Generator", records=records)
            properties = {name: self.random.choice(CYCLES[name]) for name in columns}
            self.give(stage, columns, properties=properties)
            return
        self.numbers += 1
        lines = [f"{index % 8},{index * 3 % 17},{'ab ä'[index % 4]}" for index in range(records)]
        for index in self.random.sample(range(records), min(records, 3)):
            lines[index] = self.random.choice(["x,1,a", "1,2", "1,2,a,b", ",,", ""])
        name = f"in{self.numbers}.csv"
        (self.folder / name).write_text("".join(f"{line}\n" for line in lines))
        rejects = self.random.random() < 0.5
        stage = self.stage("Sequential file", file=[name], **({"reject_mode": "save"} if rejects else {}))
        self.give(stage, ("k", "n", "s"))
        if rejects:
            self.give(stage, ("rejected",), kind="reject", declared=False, is_settled=False)

    def usable(self) -> Stream | None:
        """Take a stream with columns of ours, if there is one."""
        found = [stream for stream in self.open if "k" in stream.columns]
        if not found:
            return None
        stream = self.random.choice(found)
        self.open.remove(stream)
        return stream

    def settle(self, stream: Stream) -> Stream:
        """Return a stream whose rows have one order only, where that is asked for."""
        if stream.is_settled or not self.is_settled:
            return stream
        stage = self.stage("Sort", key_properties=[{"key": name} for name in stream.columns])
        self.link(stream, stage)
        return Stream(stage, stream.columns)

    def copy(self) -> None:
        stream = self.take()
        stage = self.stage("Copy")
        self.link(stream, stage)
        for _ in range(self.random.randint(1, 3)):
            declared = "k" in stream.columns and self.random.random() < 0.5
            self.give(stage, stream.columns, declared=declared, is_settled=stream.is_settled)

    def filter(self) -> None:
        stream = self.usable()
        if stream is None:
            return
        outputs = self.random.randint(1, 3)
        conditions = [c for c in CONDITIONS if "s " not in c or "s" in stream.columns]
        where = [
            {"where": self.random.choice(conditions), "target": self.random.randrange(outputs)}
            for _ in range(outputs, outputs + self.random.randint(1, 2))
        ]
        where += [{"where": self.random.choice(conditions), "target": number} for number in range(outputs)]
        stage = self.stage(
            "Filter",
            where_properties=where,
            first=self.random.random() < 0.5,
            nulls=self.random.choice(["first", "last"]),
        )
        self.link(stream, stage)
        for _ in range(outputs):
            self.give(stage, stream.columns, is_settled=stream.is_settled)
        if self.random.random() < 0.5:
            self.give(stage, stream.columns, kind="reject", declared=False, is_settled=stream.is_settled)

    def switch(self) -> None:
        stream = self.usable()
        if stream is None:
            return
        outputs = self.random.randint(1, 3)
        cases = [f"{value}={self.random.randrange(outputs)}" for value in self.random.sample(range(8), 5)]
        cases[:outputs] = [f"{10 + number}={number}" for number in range(outputs)]
        missing = self.random.choice(["ignore", "allow"])
        stage = self.stage("Switch", key="k", case=cases, if_not_found=missing)
        self.link(stream, stage)
        for _ in range(outputs):
            self.give(stage, stream.columns, is_settled=stream.is_settled)
        if missing == "allow":
            self.give(stage, stream.columns, kind="reject", declared=False, is_settled=stream.is_settled)

    def sort(self) -> None:
        stream = self.usable()
        if stream is None:
            return
        stream = self.settle(stream)
        keys = self.keys(stream.columns)
        for key in keys:
            if self.random.random() < 0.4:
                key["asc-desc"] = "desc"
            if self.random.random() < 0.3:
                key["nulls"] = "last"
        more = {"unique": "unique"} if self.random.random() < 0.3 else {}
        stage = self.stage("Sort", key_properties=keys, **more)
        self.link(stream, stage)
        self.give(stage, stream.columns, is_settled=stream.is_settled)

    def join(self) -> None:
        left, right = self.usable(), self.usable()
        if left is None or right is None:
            self.open.extend(each for each in (left, right) if each)
            return
        kinds = ["innerjoin", "leftouterjoin", "rightouterjoin", "fullouterjoin"]
        common = tuple(name for name in left.columns if name in right.columns)
        keys = [{"key": "k"}, {"key": "n"}] if self.random.random() < 0.6 else [{"key": "k"}]
        stage = self.stage("Join", operator=self.random.choice(kinds), key_properties=keys)
        self.link(left, stage)
        self.link(right, stage)
        # Rows multiply; cut them, so that what comes below stays small.
        joined = self.settle(Stream(stage, common, is_settled=False))
        head = self.stage("Head", nrecs=self.random.choice([5, 100, 300]))
        self.link(joined, head)
        self.give(head, common, is_settled=joined.is_settled)

    def lookup(self) -> None:
        main, reference = self.usable(), self.usable()
        if main is None or reference is None:
            self.open.extend(each for each in (main, reference) if each)
            return
        action = self.random.choice(["continue", "drop", "reject"])
        reference = self.settle(reference)
        if reference.kind == "reject":
            # One link is not a reject and a reference at once.
            between = self.stage("Copy")
            self.link(reference, between)
            reference = Stream(between, reference.columns, declared=False)
        stage = self.stage("Lookup")
        name = self.link(main, stage)
        entry = {"columnName": "k", "parsedExpression": f"{name}.k", "keyType": "="}
        port: dict[str, Any] = {"lookupDerivation": [entry], "lookupFail": action}
        self.link(reference, stage, kind="reference", port=port)
        self.give(stage, main.columns, is_settled=main.is_settled)
        if action == "reject":
            self.give(stage, main.columns, kind="reject", declared=False, is_settled=main.is_settled)

    def aggregate(self) -> None:
        stream = self.usable()
        if stream is None:
            return
        keys = [{"key": "k"}, {"key": "s"}] if "s" in stream.columns and self.random.random() < 0.5 else [{"key": "k"}]
        function = self.random.choice(["count", "min", "max"])
        stage = self.stage(
            "Aggregator", key_properties=keys, reduce_properties=[[{"reduce": "n"}, {function: "n"}]], nul_res="nul_res"
        )
        self.link(stream, stage)
        self.give(stage, (*(str(key["key"]) for key in keys), "n"), is_settled=False)

    def funnel(self) -> None:
        streams = [stream for stream in (self.usable() for _ in range(self.random.randint(2, 3))) if stream]
        if len(streams) < 2:
            self.open.extend(streams)
            return
        common = tuple(name for name in TYPES if all(name in stream.columns for stream in streams))
        operator = self.random.choice(["funnel", "sequence", "sortfunnel"])
        more = {"key_properties": self.keys(common)} if operator == "sortfunnel" else {}
        stage = self.stage("Funnel", operator=operator, **more)
        for stream in streams:
            self.link(stream, stage)
        self.give(stage, common, is_settled=operator != "funnel" and all(stream.is_settled for stream in streams))

    def remove_duplicates(self) -> None:
        stream = self.usable()
        if stream is None:
            return
        stream = self.settle(stream)
        stage = self.stage(
            "Remove Duplicates",
            key_properties=self.keys(stream.columns),
            keep=self.random.choice(["first", "last"]),
        )
        self.link(stream, stage)
        self.give(stage, stream.columns, is_settled=stream.is_settled)

    def cut(self) -> None:
        stream = self.settle(self.take())
        kind = self.random.choice(["Head", "Tail"])
        more = {"skip": self.random.randrange(5)} if kind == "Head" and self.random.random() < 0.5 else {}
        stage = self.stage(kind, nrecs=self.random.choice([0, 3, 25, 1000]), **more)
        self.link(stream, stage)
        self.give(stage, stream.columns, declared="k" in stream.columns, is_settled=stream.is_settled)

    def peek(self) -> None:
        stream = self.settle(self.take())
        stage = self.stage("Peek", nrecs=self.random.randrange(4), dataset=self.random.random() < 0.3)
        self.link(stream, stage)
        self.give(stage, stream.columns, declared="k" in stream.columns, is_settled=stream.is_settled)

    def generate(self) -> None:
        stream = self.usable()
        if stream is None:
            return
        stream = self.settle(stream)
        stage = self.stage("Column Generator")
        self.link(stream, stage)
        added = tuple(name for name in TYPES if name not in stream.columns)
        properties = {name: self.random.choice(CYCLES[name]) for name in added}
        self.give(stage, (*stream.columns, *added), properties=properties, is_settled=stream.is_settled)

    def modify(self) -> None:
        stream = self.usable()
        if stream is None:
            return
        said = self.random.choice(["k = n; n = k", "n = handle_null(n, 4)", "k:int32 = null()", "KEEP k, n"])
        stage = self.stage("Modify", modifyspec_properties=[{"modifyspec": said, "specsuffix": ";"}])
        self.link(stream, stage)
        self.give(stage, ("k", "n") if "KEEP" in said else stream.columns, is_settled=stream.is_settled)

    def transform(self) -> None:
        stream = self.usable()
        if stream is None:
            return
        stream = self.settle(stream)
        stage = self.stage("Transformer")
        name = self.link(stream, stage)
        has_state = self.random.random() < 0.4
        if has_state:
            stage.configuration["stage_variables"] = [
                {"name": "total", "derivation": STATE.format(name), "initial_value": "0", "sql_type": "INTEGER"}
            ]
        outputs = self.random.randint(1, 3)
        for number in range(outputs):
            made = {column: self.expression(column, stream.columns, name) for column in stream.columns}
            if "s" in stream.columns and self.random.random() < 0.3:
                made["n"] = FAILING.format(name)
            if has_state and self.random.random() < 0.6:
                made["k"] = "total"
            entries = [{"columnName": column, "parsedExpression": text} for column, text in made.items()]
            output: dict[str, Any] = {"valueDerivation": entries}
            if number == outputs - 1 and number and self.random.random() < 0.5:
                output["Reject"] = True
            elif self.random.random() < 0.5:
                output["TransformerConstraint"] = self.random.choice(
                    [f"{name}.k > 2", f"IsNull({name}.n)", f"Mod(NullToZero({name}.k), 2) = 1", "@INROWNUM <= 9"]
                )
            self.give(stage, stream.columns, output=output, is_settled=stream.is_settled)
        if self.random.random() < 0.5:
            self.give(stage, stream.columns, kind="reject", declared=False, is_settled=stream.is_settled)

    def expression(self, column: str, columns: tuple[str, ...], link: str) -> str:
        """Return an expression over a link's columns for a column."""
        absent = [f"{{0}}.{name}" for name in TYPES if name not in columns]
        able = [text for text in EXPRESSIONS[column] if not any(name in text for name in absent)]
        return self.random.choice(able).format(link)

    def end(self) -> None:
        stream = self.settle(self.take())
        way = self.random.choice(["Peek", "Sequential file", "Sequential file", "Data set"])
        if way == "Peek":
            self.link(stream, self.stage("Peek", nrecs=2))
            return
        name = f"out{len(self.targets)}.{'ds' if way == 'Data set' else 'csv'}"
        self.targets.append(name)
        more = {"null_field_value": "NULL"} if way == "Sequential file" and self.random.random() < 0.7 else {}
        stage = self.stage(way, file=name, **more)
        self.link(stream, stage)
        if way == "Sequential file" and self.random.random() < 0.2:
            stage.configuration["reject_mode"] = "save"
            self.give(stage, ("rejected",), kind="reject", declared=False, is_settled=False)
