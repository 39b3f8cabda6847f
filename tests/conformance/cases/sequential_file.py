"""Sequential file: text in every format, values that are none, rejects, what is written, Parquet and JSON lines."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from tests.conformance.case import Case, Rows

_STAGE = "Sequential file"
_HEADER = {"first_line_is_column_names": "true"}


def _read(
    name: str,
    content: str | bytes,
    columns: str,
    rows: list[tuple[Any, ...]],
    *,
    rejects: list[str] | None = None,
    dropped: int | None = None,
    properties: dict[str, dict[str, Any]] | None = None,
    file: str = "in.csv",
    schema: bool = True,
    **settings: Any,
) -> Case:
    """Return a case that reads one file; with ``rejects`` there is a reject link that must get those records."""
    outputs = {"out": Rows(columns, rows, schema=schema, properties=properties or {})}
    counts = {}
    if rejects is not None:
        outputs["bad"] = Rows("rejected string not null", [(line,) for line in rejects], kind="reject", schema=False)
        settings["reject_mode"] = "save"
    if dropped is not None:
        counts["Stage#rejected"] = dropped
    configuration = {"file_plus": [file], **settings}
    return Case(name, _STAGE, {}, configuration, outputs, files={file: content}, counts=counts, ordered=rejects is None)


def _write(
    name: str,
    columns: str,
    rows: list[tuple[Any, ...]],
    written: Any,
    *,
    before: str | bytes | None = None,
    properties: dict[str, dict[str, Any]] | None = None,
    rejects: list[str] | None = None,
    dropped: int | None = None,
    log: list[str] | None = None,
    file: str = "out.csv",
    **settings: Any,
) -> Case:
    """Return a case that writes one file."""
    outputs = {}
    if rejects is not None:
        outputs["bad"] = Rows("rejected string not null", [(line,) for line in rejects], kind="reject", schema=False)
    return Case(
        name,
        _STAGE,
        {"in": Rows(columns, rows, properties=properties or {})},
        {"file": [file], **settings},
        outputs,
        files={} if before is None else {file: before},
        written={file: written},
        counts={} if dropped is None else {"Stage#rejected": dropped},
        log=log or [],
    )


def _parquet_rows(expected: list[dict[str, Any]]) -> Any:
    def same(path: Path) -> bool:
        import pyarrow.parquet as pq

        return bool(pq.read_table(path).to_pylist() == expected)

    return same


_WIDE = "id int32 not null, d decimal(7,2), dt date, ts timestamp, s string(5), f float64, b boolean"

READING = [
    _read("names in the first line", "a,b\n1,x\n2,y\n", "a int32, b string", [(1, "x"), (2, "y")], **_HEADER),
    _read("no names", "1,x\n2,y\n", "a int32, b string", [(1, "x"), (2, "y")]),
    _read(
        "no schema: text, named by the first line",
        "a,b\n1,\n",
        "a string, b string",
        [("1", "")],
        schema=False,
        **_HEADER,
    ),
    _read("no schema, no names: text", "1,x\n", "column_1 string, column_2 string", [("1", "x")], schema=False),
    _read("columns are found by name", "b,c,a\nx,9,1\ny,8,2\n", "a int32, b string", [(1, "x"), (2, "y")], **_HEADER),
    _read("names in another case are found", "A,B\n1,x\n", "a int32, b string", [(1, "x")], **_HEADER),
    _read("an empty file", "", "a int32", []),
    _read("an empty file that should have names", "", "a int32", [], **_HEADER),
    _read("names and no rows", "a,b\n", "a int32, b string", [], **_HEADER),
    _read("no line end at the end", "1,x\n2,y", "a int32, b string", [(1, "x"), (2, "y")]),
    _read("carriage returns", "1,x\r\n2,y\r\n", "a int32, b string", [(1, "x"), (2, "y")]),
    _read("mixed line ends", "1,x\r\n2,y\n3,z\r\n", "a int32, b string", [(1, "x"), (2, "y"), (3, "z")]),
    _read(
        "quotes, doubled quotes, delimiters and line ends in them",
        '1,"a,b"\n2,"say ""x"""\n3,"two\nlines"\n',
        "a int32, b string",
        [(1, "a,b"), (2, 'say "x"'), (3, "two\nlines")],
    ),
    _read("single quotes", "1,'a,b'\n2,\"\n", "a int32, b string", [(1, "a,b"), (2, '"')], quote="single"),
    _read("no quotes", '1,"a\n2,b"\n', "a int32, b string", [(1, '"a'), (2, 'b"')], quote="none"),
    _read("tabs", "1\tx,y\n", "a int32, b string", [(1, "x,y")], delimiter="tab"),
    _read("a delimiter of one's own", "1|x\n", "a int32, b string", [(1, "x")], delimiter="custom", delim_value="|"),
    _read("a delimiter of several characters", "1||x\n", "a int32, b string", [(1, "x")], delimiter_string="||"),
    _read(
        "a delimiter behind the last column",
        "1,x,\n2,y,\n",
        "a int32, b string",
        [(1, "x"), (2, "y")],
        final_delimiter="comma",
    ),
    _read("a byte order mark", b"\xef\xbb\xbfa,b\n1,x\n", "a int32, b string", [(1, "x")], strip_bom="true", **_HEADER),
    _read(
        "letters of all kinds", "1,Grüße\n2,日本\n3,😀\n", "a int32, b string", [(1, "Grüße"), (2, "日本"), (3, "😀")]
    ),
    _read("windows-1252", "1,€ é\n".encode("cp1252"), "a int32, b string", [(1, "€ é")], map_name="windows-1252"),
    _read("UTF-16", "a,b\n1,é\n".encode("utf-16"), "a int32, b string", [(1, "é")], map_name="UTF-16", **_HEADER),
    _read("gzip", gzip.compress(b"1,x\n"), "a int32, b string", [(1, "x")], file="in.csv.gz"),
    _read(
        "fixed widths",
        "00001abc  2024-01-02\n   -2de   2024-01-03\n",
        "a int32, b string, c date",
        [(1, "abc", "2024-01-02"), (-2, "de", "2024-01-03")],
        properties={"a": {"width": 5}, "b": {"width": 5}},
        delimiter="none",
    ),
    _read(
        "a whole file is one row", "a,b\n1\n", "content string", [("a,b\n1\n",)], read_entire_file_as_one_column=True
    ),
    _read("the first rows", "1\n2\n3\n4\n", "a int32", [(1,), (2,)], read_first_rows=2),
    _read("the number of the row", "x\ny\n", "a string, n int64 not null", [("x", 1), ("y", 2)], row_number_column="n"),
]

VALUES = [
    _read(
        "whole numbers: signs, zeros, blanks, a fraction of zeros",
        "1\n-2\n+3\n007\n 8 \n9.0\n10.\n",
        "a int32",
        [(1,), (-2,), (3,), (7,), (8,), (9,), (10,)],
    ),
    _read(
        "no whole numbers",
        "1.5\n1_000\n0x10\n1e3\nx\n2147483648\n1 2\n-\n.\n",
        "a int32",
        [],
        rejects=["1.5", "1_000", "0x10", "1e3", "x", "2147483648", "1 2", "-", "."],
    ),
    _read(
        "decimals: padded as other tools write them, excess digits cut",
        " 02450.00\n-1.239\n.5\n2\n00000.10\n",
        "a decimal(7,2)",
        [("2450.00",), ("-1.23",), ("0.5",), ("2",), ("0.10",)],
    ),
    _read(
        "decimals rounded",
        "1.235\n-1.235\n1.2\n",
        "a decimal(7,2)",
        [("1.24",), ("-1.24",), ("1.2",)],
        rounding="round_inf",
    ),
    _read(
        "decimals up", "1.231\n-1.239\n1.23\n", "a decimal(7,2)", [("1.24",), ("-1.23",), ("1.23",)], rounding="ceil"
    ),
    _read(
        "decimals down",
        "1.239\n-1.231\n1.230\n",
        "a decimal(7,2)",
        [("1.23",), ("-1.24",), ("1.23",)],
        rounding="floor",
    ),
    _read(
        "decimals with a comma",
        "1,5;-2\n",
        "a decimal(7,2), b decimal(3,0)",
        [("1.5", -2)],
        delimiter=";",
        decimal_separator="comma",
    ),
    _read("no decimals", "1e2\n1_0.5\n123456.7\nx\n", "a decimal(7,2)", [], rejects=["1e2", "1_0.5", "123456.7", "x"]),
    _read("doubles", "1.5\n1e3\n-inf\n+2\n", "a float64", [(1.5,), (1000.0,), (float("-inf"),), (2.0,)]),
    _read("no doubles", "1_0\nx\n0x10\n", "a float64", [], rejects=["1_0", "x", "0x10"]),
    _read("booleans", "true\nF\nYES\n0\n", "a boolean", [(True,), (False,), (True,), (False,)]),
    _read(
        "dates", "2024-02-29\n0001-01-01\n9999-12-31\n", "a date", [("2024-02-29",), ("0001-01-01",), ("9999-12-31",)]
    ),
    _read(
        "no dates",
        "2023-02-29\n2024-1-2\n24-01-02\n01/02/2024\ninfinity\n2024-01-02 00:00:00\n",
        "a date",
        [],
        rejects=["2023-02-29", "2024-1-2", "24-01-02", "01/02/2024", "infinity", "2024-01-02 00:00:00"],
    ),
    _read(
        "timestamps: a T between, a Z behind, no seconds, digits cut",
        "2024-01-02 03:04:05\n2024-01-02T03:04:05Z\n2024-01-02 03:04\n2024-01-02 03:04:05.999\n2024-01-02\n",
        "a timestamp",
        [("2024-01-02 03:04:05",)] * 2 + [("2024-01-02 03:04:00",), ("2024-01-02 03:04:05",), ("2024-01-02 00:00:00",)],
    ),
    _read(
        "an offset would be lost, so it is no timestamp",
        "2024-01-02 03:04:05+02\n2024-01-02 25:00:00\n",
        "a timestamp",
        [],
        rejects=["2024-01-02 03:04:05+02", "2024-01-02 25:00:00"],
    ),
    _read("fractions of a second", "2024-01-02 03:04:05.123456\n", "a timestamp(6)", [("2024-01-02 03:04:05.123456",)]),
    _read("times", "03:04:05\n23:59\n", "a time", [("03:04:05",), ("23:59:00",)]),
    _read("no times", "24:00:00\n1:2:3\nnoon\n", "a time", [], rejects=["24:00:00", "1:2:3", "noon"]),
    _read("a date format", "31/12/1999\n", "a date", [("1999-12-31",)], date_format="%dd/%mm/%yyyy"),
    _read(
        "names of months, two digits of a year",
        "5-Mar-24\n",
        "a date",
        [("2024-03-05",)],
        date_format="%d-%mmm-%2000yy",
    ),
    _read(
        "a timestamp format",
        "02.01.2024 3.04 pm\n",
        "a timestamp",
        [("2024-01-02 15:04:00",)],
        timestamp_format="%dd.%mm.%yyyy %H.%nn %aa",
    ),
    _read(
        "a format of a column's own",
        "31/12/1999\n",
        "a date",
        [("1999-12-31",)],
        properties={"a": {"date_format": "%dd/%mm/%yyyy"}},
    ),
    _read(
        "a text must match its format",
        "31/12/99\n1/2/2000\n",
        "a date",
        [],
        rejects=["31/12/99", "1/2/2000"],
        date_format="%dd/%mm/%yyyy",
    ),
    _read("a string that is too long is bad", "abc\nabcd\n", "a string(3)", [("abc",)], rejects=["abcd"]),
    _read("characters count, not bytes", "äöü\n", "a string(3)", [("äöü",)]),
    _read("a fixed string is filled up", "ab\n", "a fixed string(4)", [("ab  ",)]),
    _read(
        "nothing is null, but for strings",
        ",,,\n",
        "a int32, b date, c string, d decimal(3,1)",
        [(None, None, "", None)],
    ),
    _read(
        "nothing is no value where null is none", "1,\n,2\n", "a int32 not null, b int32", [(1, None)], rejects=[",2"]
    ),
    _read(
        "a text that stands for null",
        "NULL,NULL\n1,x\n,\n",
        "a int32, b string",
        [(None, None), (1, "x"), (None, "")],
        null_field_value="NULL",
    ),
    _read(
        "a null of a column's own, which would be a value",
        "-1,-1\n",
        "a int32, b int32",
        [(None, -1)],
        properties={"a": {"null_field": "-1"}},
    ),
    _read("no text stands for null", ",x\n", "a string, b string", [(None, "x")], null_field_value=""),
]

REJECTS = [
    _read(
        "one reject a record, whatever is wrong with it",
        "id,d,dt,ts,s,f,b\n"
        "1,2.50,2024-01-02,2024-01-02 03:04:05,abc,1.5,true\n"
        "x,y,z,w,toolong,v,u\n"
        "7,1\n"
        "8,1,,,,,,z\n"
        '9,1,"a"b,,,,\n'
        ",1,,,,,\n",
        _WIDE,
        [(1, "2.50", "2024-01-02", "2024-01-02 03:04:05", "abc", 1.5, True)],
        rejects=["x,y,z,w,toolong,v,u", "7,1", "8,1,,,,,,z", '9,1,"a"b,,,,', ",1,,,,,"],
        **_HEADER,
    ),
    _read("an empty field behind the last is not minded", "1,x,\n2,y\n", "a int32, b string", [(1, "x"), (2, "y")]),
    _read("dropped and counted", "1\nx\n2\ny,z\n", "a int32", [(1,), (2,)], dropped=2),
    _read("bytes that are no text", b"1,\xe9\n2,b\n", "a int32, b string", [(2, "b")], dropped=1),
    _read(
        "a record quoted as the file quotes", '"1","a"\n"x","b"\n', "a int32, b string", [(1, "a")], rejects=['"x","b"']
    ),
    _read(
        "quotes where they are needed", '1,a\nx,"b,""c"""\n', "a int32, b string", [(1, "a")], rejects=['x,"b,""c"""']
    ),
    Case(
        "the reason stands beside the record",
        _STAGE,
        {},
        {"file_plus": ["in.csv"], "reject_mode": "save", "reject_reason_column": "why"},
        {
            "out": Rows("a int32, b date", [(1, None)]),
            "bad": Rows(
                "rejected string not null, why string not null",
                [
                    ("x,", "The column 'a' has no int32."),
                    ("1,x", "The column 'b' has no date."),
                    ("1", "There are too few fields."),
                    ("1,,3", "There are too many fields."),
                ],
                kind="reject",
                schema=False,
            ),
        },
        files={"in.csv": "1,\nx,\n1,x\n1\n1,,3\n"},
    ),
    Case(
        "the reject link names its column itself",
        _STAGE,
        {},
        {"file_plus": ["in.csv"], "reject_mode": "save"},
        {
            "out": Rows("a int32", [(1,)]),
            "bad": Rows("rejected string(20)", [("x",)], kind="reject"),
        },
        files={"in.csv": "1\nx\n"},
    ),
    Case(
        "a reject link without rejects",
        _STAGE,
        {},
        {"file_plus": ["in.csv"], "reject_mode": "save"},
        {"out": Rows("a int32", [(1,)]), "bad": Rows("rejected string not null", [], kind="reject", schema=False)},
        files={"in.csv": "1\n"},
    ),
    Case(
        "fail at a value",
        _STAGE,
        {},
        {"file_plus": ["in.csv"], "reject_mode": "fail"},
        {"out": Rows("a int32", [])},
        files={"in.csv": '1\nx"\n'},
        fails="RS-6230",
    ),
    _read("fail, and nothing is wrong", "1\n2\n", "a int32", [(1,), (2,)], reject_mode="fail"),
]

FILES = [
    Case(
        "several files, in their order",
        _STAGE,
        {},
        {"file_plus": ["b.csv", "a.csv"], "first_line_is_column_names": "true"},
        {"out": Rows("x int32, y string", [(1, "b"), (2, "b"), (3, "a")])},
        ordered=True,
        files={"a.csv": "y,x\na,3\n", "b.csv": "x,y\n1,b\n2,b\n"},
    ),
    Case(
        "a pattern, sorted by name",
        _STAGE,
        {},
        {"read_method": "pattern", "file_pattern": ["p*.csv"]},
        {"out": Rows("x int32", [(1,), (2,)])},
        ordered=True,
        files={"p2.csv": "2\n", "p1.csv": "1\n", "q.csv": "3\n"},
    ),
    Case(
        "a pattern among the files",
        _STAGE,
        {},
        {"file_plus": ["p*.csv"]},
        {"out": Rows("x int32", [(1,), (2,)])},
        ordered=True,
        files={"p2.csv": "2\n", "p1.csv": "1\n"},
    ),
    Case(
        "the number of the row is that in its file, and the first rows are those of each",
        _STAGE,
        {},
        {"file_plus": ["a.csv", "b.csv"], "row_number_column": "n", "read_first_rows": 2},
        {"out": Rows("x int32, n int64 not null", [(1, 1), (2, 2), (4, 1)])},
        ordered=True,
        files={"a.csv": "1\n2\n3\n", "b.csv": "4\n"},
    ),
    Case(
        "a missing file that may be missing",
        _STAGE,
        {},
        {"file_plus": ["a.csv", "none.csv"], "missing_file_mode": "okay"},
        {"out": Rows("x int32", [(1,)])},
        files={"a.csv": "1\n"},
    ),
    Case(
        "all files missing, and that is fine",
        _STAGE,
        {},
        {"file_plus": ["none.csv"], "missing_file_mode": "okay"},
        {"out": Rows("x int32", [])},
    ),
    Case("a missing file", _STAGE, {}, {"file_plus": ["none.csv"]}, {"out": Rows("x int32", [])}, problems=["RS-5001"]),
    Case(
        "a column that the first line does not name",
        _STAGE,
        {},
        {"file_plus": ["a.csv"], **_HEADER},
        {"out": Rows("x int32", [])},
        files={"a.csv": "y\n1\n"},
        fails="RS-5002",
    ),
    Case(
        "the file's name is a parameter",
        _STAGE,
        {},
        {"file_plus": ["#name#.csv"]},
        {"out": Rows("x int32", [(1,)])},
        files={"a.csv": "1\n"},
        parameters={"name": "a"},
    ),
]

WRITING = [
    _write("plain", "a int32, b string not null", [(1, "x"), (2, "y")], "1,x\n2,y\n", dropped=0),
    _write("names in the first line", "a int32 not null, b string not null", [(1, "x")], "a,b\n1,x\n", **_HEADER),
    _write("names and no rows", "a int32 not null, b string not null", [], "a,b\n", **_HEADER),
    _write("no rows", "a int32 not null", [], ""),
    _write(
        "quotes where they are needed",
        "a int32 not null, b string not null",
        [(1, "a,b"), (2, 'say "x"'), (3, "two\nlines"), (4, "plain"), (5, "")],
        lambda path: (
            path.read_text().splitlines()[:2] == ['1,"a,b"', '2,"say ""x"""'] and "4,plain\n" in path.read_text()
        ),
    ),
    _write(
        "how types look",
        "d decimal(7,2) not null, e decimal(4,0) not null, dt date not null, t time not null, ts timestamp not null,"
        " u timestamp(3) not null, b boolean not null, f float64 not null",
        [("2450", 7782, "2024-01-02", "03:04:05", "2024-01-02 03:04:05", "2024-01-02 03:04:05.5", True, 0.1)],
        "2450.00,7782,2024-01-02,03:04:05,2024-01-02 03:04:05,2024-01-02 03:04:05.500,true,0.1\n",
    ),
    _write(
        "padded decimals, where a column asks for them",
        "a decimal(7,2) not null, b decimal(4,0) not null, c decimal(2,2) not null",
        [("2450", 7782, "0.12"), ("-0.5", -1, "-0.05")],
        " 02450.00, 7782., .12\n-00000.50,-0001.,-.05\n",
        properties={name: {"decimal_padded": True} for name in "abc"},
    ),
    _write(
        "formats",
        "a date not null, b timestamp not null, c decimal(5,2) not null",
        [("2024-01-02", "2024-01-02 13:04:05", "-1.5")],
        "02/01/2024;2024.01.02 13h04;-1,50\n",
        delimiter=";",
        date_format="%dd/%mm/%yyyy",
        timestamp_format="%yyyy.%mm.%dd %hhh%nn",
        decimal_separator="comma",
    ),
    _write(
        "a text for null",
        "a int32, b string",
        [(None, None), (1, "x")],
        "NULL,NULL\n1,x\n",
        null_field_value="NULL",
    ),
    _write("nothing for null", "a int32, b string not null", [(None, "x")], ",x\n", null_field_value=""),
    _write(
        "nulls of columns' own",
        "a int32, b int32, c date",
        [(None, None, None), (1, 2, "2024-01-02")],
        "-,?,?\n1,2,2024-01-02\n",
        properties={"a": {"null_field": "-"}},
        null_field_value="?",
    ),
    _write(
        "a null for which nothing stands is dropped and counted",
        "a int32, b string",
        [(1, "x"), (None, "y"), (3, None), (None, None)],
        "1,x\n",
        dropped=3,
        log=["3 rows could not be written"],
    ),
    _write(
        "a null for which nothing stands goes to the reject link",
        "a int32, b string",
        [(1, "x"), (None, "y"), (3, None)],
        "1,x\n",
        rejects=[",y", "3,"],
    ),
    _write(
        "without quotes, what needs them cannot be written",
        "a int32 not null, b string not null",
        [(1, "x"), (2, "a,b"), (3, "two\nlines"), (4, '"')],
        '1,x\n4,"\n',
        quote="none",
        dropped=2,
    ),
    _write("single quotes", "a string not null", [("a,'b'",)], "'a,''b'''\n", quote="single"),
    _write(
        "a column that is always quoted",
        "a int32 not null, b string not null",
        [(1, "x")],
        '1,"x"\n',
        properties={"b": {"quote": "double"}},
    ),
    _write(
        "tabs and carriage returns",
        "a int32 not null, b string not null",
        [(1, "x")],
        b"1\tx\r\n",
        delimiter="tab",
        record_delimiter="return_newline",
    ),
    _write(
        "a delimiter behind the last column",
        "a int32 not null, b string not null",
        [(1, "x")],
        "1,x,\n",
        final_delimiter="comma",
    ),
    _write("another character set", "a string not null", [("€ é",)], "€ é\n".encode("cp1252"), map_name="windows-1252"),
    _write(
        "gzip", "a int32 not null", [(1,)], lambda path: gzip.decompress(path.read_bytes()) == b"1\n", file="out.csv.gz"
    ),
    _write("replaced", "a int32 not null", [(1,)], "1\n", before="old\n"),
    _write(
        "added to, without the names again",
        "a int32 not null",
        [(1,)],
        "a\n0\n1\n",
        before="a\n0\n",
        file_update_mode="append",
        **_HEADER,
    ),
    _write(
        "added to a last line without an end",
        "a int32 not null",
        [(1,)],
        "0\n1\n",
        before="0",
        file_update_mode="append",
    ),
    _write("added to what is not there", "a int32 not null", [(1,)], "a\n1\n", file_update_mode="append", **_HEADER),
    _write("made", "a int32 not null", [(1,)], "1\n", file_update_mode="create"),
    Case(
        "made, but it is there",
        _STAGE,
        {"in": Rows("a int32 not null", [(1,)])},
        {"file": ["out.csv"], "file_update_mode": "create"},
        files={"out.csv": "old\n"},
        fails="RS-5007",
    ),
    Case(
        "fail at a row that cannot be written",
        _STAGE,
        {"in": Rows("a int32", [(1,), (None,)])},
        {"file": ["out.csv"], "reject_mode": "fail"},
        fails="RS-6230",
    ),
]

FORMATS = [
    _write(
        "JSON lines",
        "a int32, b string, d decimal(5,2), dt date",
        [(1, 'é"', "1.50", "2024-01-02"), (None, None, None, None)],
        lambda path: (
            [json.loads(line) for line in path.read_text().splitlines()]
            == [{"a": 1, "b": 'é"', "d": 1.5, "dt": "2024-01-02"}, {"a": None, "b": None, "d": None, "dt": None}]
        ),
        file="out.jsonl",
        file_format="json_lines",
    ),
    _write(
        "JSON lines, added to",
        "a int32",
        [(1,)],
        '{"a":0}\n{"a":1}\n',
        before='{"a":0}',
        file="o.jsonl",
        file_format="json_lines",
        file_update_mode="append",
    ),
    _write(
        "Parquet",
        "a int32, b string",
        [(1, "x"), (None, None)],
        _parquet_rows([{"a": 1, "b": "x"}, {"a": None, "b": None}]),
        file="out.parquet",
        file_format="parquet",
        compression_codec="gzip",
        row_group_size=2048,
    ),
    _write("Parquet without rows", "a int32", [], _parquet_rows([]), file="out.parquet", file_format="parquet"),
    _read(
        "lines of JSON",
        '{"b":"x","a":1,"d":1.25,"dt":"2024-01-02"}\n{"a":null}\n{"a":2,"b":true,"d":"3.5","x":[1]}\n{"a":"x"}\nnot\n[1]\n',
        "a int32, b string, d decimal(30,2), dt date",
        [(1, "x", "1.25", "2024-01-02"), (None, None, None, None), (2, "true", "3.5", None)],
        rejects=['{"a":"x"}', "not", "[1]"],
        file="in.jsonl",
        file_format="json_lines",
    ),
    _read(
        "lines of JSON without a schema",
        '{"b":1}\n{"a":"x"}\n',
        "b string, a string",
        [("1", None), (None, "x")],
        schema=False,
        file="in.jsonl",
        file_format="json_lines",
    ),
    _read(
        "lines of JSON, null where there may be none",
        '{"a":null}\n{}\n{"a":1}\n',
        "a int32 not null",
        [(1,)],
        dropped=2,
        file="in.jsonl",
        file_format="json_lines",
    ),
]

CHECKS = [
    Case("no file to read", _STAGE, {}, {}, {"out": Rows("a int32")}, problems=["RS-4260"]),
    Case("no file to write", _STAGE, {"in": Rows("a int32")}, {}, problems=["RS-4260"]),
    Case(
        "a command", _STAGE, {}, {"file_plus": ["a"], "filter": "sort"}, {"out": Rows("a int32")}, problems=["RS-4261"]
    ),
    Case(
        "blanks between fields",
        _STAGE,
        {},
        {"file_plus": ["a"], "delimiter": "ws"},
        {"out": Rows("a int32")},
        problems=["RS-4261"],
    ),
    Case(
        "packed decimals",
        _STAGE,
        {},
        {"file_plus": ["a"], "decimal_packed": "zoned"},
        {"out": Rows("a int32")},
        problems=["RS-4261"],
    ),
    Case(
        "a format that is none",
        _STAGE,
        {},
        {"file_plus": ["a"], "date_format": "%qq"},
        {"out": Rows("a date")},
        problems=["RS-4267"],
    ),
    Case(
        "a month in a time", _STAGE, {"in": Rows("a time")}, {"file": ["a"], "time_format": "%mm"}, problems=["RS-4267"]
    ),
    Case(
        "a custom delimiter that is not said",
        _STAGE,
        {},
        {"file_plus": ["a"], "delimiter": "custom"},
        {"out": Rows("a int32")},
        problems=["RS-4262"],
    ),
    Case(
        "Parquet cannot be added to",
        _STAGE,
        {"in": Rows("a int32")},
        {"file": ["a"], "file_format": "parquet", "file_update_mode": "append"},
        problems=["RS-4266"],
    ),
    Case(
        "rejects to be saved nowhere",
        _STAGE,
        {},
        {"file_plus": ["a"], "reject_mode": "save"},
        {"out": Rows("a int32")},
        problems=["RS-4268"],
    ),
    Case("bytes in text", _STAGE, {"in": Rows("a binary(3)")}, {"file": ["a"]}, problems=["RS-4265"]),
    Case("several files to write", _STAGE, {"in": Rows("a int32")}, {"file": ["a", "b"]}, problems=["RS-4261"]),
    Case(
        "widths that nobody says",
        _STAGE,
        {},
        {"file_plus": ["a"], "delimiter": "none"},
        {"out": Rows("a string")},
        problems=["RS-4270"],
    ),
]

CASES = [*READING, *VALUES, *REJECTS, *FILES, *WRITING, *FORMATS, *CHECKS]
