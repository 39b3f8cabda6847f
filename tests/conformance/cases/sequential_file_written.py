"""Sequential file, writing: text in every format, values that it does not take, Parquet and JSON lines."""

from __future__ import annotations

import gzip
import json

from tests.conformance.case import Case, Rows
from tests.conformance.file_cases import HEADER, STAGE, parquet_rows, read, write

WRITING = [
    write("plain", "a int32, b string not null", [(1, "x"), (2, "y")], "1,x\n2,y\n", dropped=0),
    write("names in the first line", "a int32 not null, b string not null", [(1, "x")], "a,b\n1,x\n", **HEADER),
    write("names and no rows", "a int32 not null, b string not null", [], "a,b\n", **HEADER),
    write("no rows", "a int32 not null", [], ""),
    write(
        "quotes where they are needed",
        "a int32 not null, b string not null",
        [(1, "a,b"), (2, 'say "x"'), (3, "two\nlines"), (4, "plain"), (5, "")],
        lambda path: (
            path.read_text().splitlines()[:2] == ['1,"a,b"', '2,"say ""x"""'] and "4,plain\n" in path.read_text()
        ),
    ),
    write(
        "how types look",
        "d decimal(7,2) not null, e decimal(4,0) not null, dt date not null, t time not null, ts timestamp not null,"
        " u timestamp(3) not null, b boolean not null, f float64 not null",
        [("2450", 7782, "2024-01-02", "03:04:05", "2024-01-02 03:04:05", "2024-01-02 03:04:05.5", True, 0.1)],
        "2450.00,7782,2024-01-02,03:04:05,2024-01-02 03:04:05,2024-01-02 03:04:05.500,true,0.1\n",
    ),
    write(
        "padded decimals, where a column asks for them",
        "a decimal(7,2) not null, b decimal(4,0) not null, c decimal(2,2) not null",
        [("2450", 7782, "0.12"), ("-0.5", -1, "-0.05")],
        " 02450.00, 7782., .12\n-00000.50,-0001.,-.05\n",
        properties={name: {"decimal_padded": True} for name in "abc"},
    ),
    write(
        "formats",
        "a date not null, b timestamp not null, c decimal(5,2) not null",
        [("2024-01-02", "2024-01-02 13:04:05", "-1.5")],
        "02/01/2024;2024.01.02 13h04;-1,50\n",
        delimiter=";",
        date_format="%dd/%mm/%yyyy",
        timestamp_format="%yyyy.%mm.%dd %hhh%nn",
        decimal_separator="comma",
    ),
    write(
        "a text for null",
        "a int32, b string",
        [(None, None), (1, "x")],
        "NULL,NULL\n1,x\n",
        null_field_value="NULL",
    ),
    write("nothing for null", "a int32, b string not null", [(None, "x")], ",x\n", null_field_value=""),
    write(
        "nulls of columns' own",
        "a int32, b int32, c date",
        [(None, None, None), (1, 2, "2024-01-02")],
        "-,?,?\n1,2,2024-01-02\n",
        properties={"a": {"null_field": "-"}},
        null_field_value="?",
    ),
    write(
        "a null for which nothing stands is dropped and counted",
        "a int32, b string",
        [(1, "x"), (None, "y"), (3, None), (None, None)],
        "1,x\n",
        dropped=3,
        log=["3 rows could not be written"],
    ),
    write(
        "a null for which nothing stands goes to the reject link",
        "a int32, b string",
        [(1, "x"), (None, "y"), (3, None)],
        "1,x\n",
        rejects=[",y", "3,"],
    ),
    write(
        "without quotes, what needs them cannot be written",
        "a int32 not null, b string not null",
        [(1, "x"), (2, "a,b"), (3, "two\nlines"), (4, '"')],
        '1,x\n4,"\n',
        quote="none",
        dropped=2,
    ),
    write("single quotes", "a string not null", [("a,'b'",)], "'a,''b'''\n", quote="single"),
    write(
        "a column that is always quoted",
        "a int32 not null, b string not null",
        [(1, "x")],
        '1,"x"\n',
        properties={"b": {"quote": "double"}},
    ),
    write(
        "tabs and carriage returns",
        "a int32 not null, b string not null",
        [(1, "x")],
        b"1\tx\r\n",
        delimiter="tab",
        record_delimiter="return_newline",
    ),
    write(
        "a delimiter behind the last column",
        "a int32 not null, b string not null",
        [(1, "x")],
        "1,x,\n",
        final_delimiter="comma",
    ),
    write("another character set", "a string not null", [("€ é",)], "€ é\n".encode("cp1252"), map_name="windows-1252"),
    write(
        "gzip", "a int32 not null", [(1,)], lambda path: gzip.decompress(path.read_bytes()) == b"1\n", file="out.csv.gz"
    ),
    write("replaced", "a int32 not null", [(1,)], "1\n", before="old\n"),
    write(
        "added to, without the names again",
        "a int32 not null",
        [(1,)],
        "a\n0\n1\n",
        before="a\n0\n",
        file_update_mode="append",
        **HEADER,
    ),
    write(
        "added to a last line without an end",
        "a int32 not null",
        [(1,)],
        "0\n1\n",
        before="0",
        file_update_mode="append",
    ),
    write("added to what is not there", "a int32 not null", [(1,)], "a\n1\n", file_update_mode="append", **HEADER),
    write("made", "a int32 not null", [(1,)], "1\n", file_update_mode="create"),
    Case(
        "made, but it is there",
        STAGE,
        {"in": Rows("a int32 not null", [(1,)])},
        {"file": ["out.csv"], "file_update_mode": "create"},
        files={"out.csv": "old\n"},
        fails="RS-5007",
    ),
    Case(
        "fail at a row that cannot be written",
        STAGE,
        {"in": Rows("a int32", [(1,), (None,)])},
        {"file": ["out.csv"], "reject_mode": "fail"},
        fails="RS-6230",
    ),
]

FORMATS = [
    write(
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
    write(
        "JSON lines, added to",
        "a int32",
        [(1,)],
        '{"a":0}\n{"a":1}\n',
        before='{"a":0}',
        file="o.jsonl",
        file_format="json_lines",
        file_update_mode="append",
    ),
    write(
        "Parquet",
        "a int32, b string",
        [(1, "x"), (None, None)],
        parquet_rows([{"a": 1, "b": "x"}, {"a": None, "b": None}]),
        file="out.parquet",
        file_format="parquet",
        compression_codec="gzip",
        row_group_size=2048,
    ),
    write("Parquet without rows", "a int32", [], parquet_rows([]), file="out.parquet", file_format="parquet"),
    read(
        "lines of JSON",
        '{"b":"x","a":1,"d":1.25,"dt":"2024-01-02"}\n{"a":null}\n{"a":2,"b":true,"d":"3.5","x":[1]}\n{"a":"x"}\nnot\n[1]\n',
        "a int32, b string, d decimal(30,2), dt date",
        [(1, "x", "1.25", "2024-01-02"), (None, None, None, None), (2, "true", "3.5", None)],
        rejects=['{"a":"x"}', "not", "[1]"],
        file="in.jsonl",
        file_format="json_lines",
    ),
    read(
        "lines of JSON without a schema",
        '{"b":1}\n{"a":"x"}\n',
        "b string, a string",
        [("1", None), (None, "x")],
        schema=False,
        file="in.jsonl",
        file_format="json_lines",
    ),
    read(
        "lines of JSON, null where there may be none",
        '{"a":null}\n{}\n{"a":1}\n',
        "a int32 not null",
        [(1,)],
        dropped=2,
        file="in.jsonl",
        file_format="json_lines",
    ),
]

CASES = [*WRITING, *FORMATS]
