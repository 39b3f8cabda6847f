"""Sequential file, reading: text in every format, values that are none, rejects, several files; what is refused."""

from __future__ import annotations

import gzip

from tests.conformance.case import Case, Rows
from tests.conformance.file_cases import HEADER, STAGE, read

_WIDE = "id int32 not null, d decimal(7,2), dt date, ts timestamp, s string(5), f float64, b boolean"

READING = [
    read("names in the first line", "a,b\n1,x\n2,y\n", "a int32, b string", [(1, "x"), (2, "y")], **HEADER),
    read("no names", "1,x\n2,y\n", "a int32, b string", [(1, "x"), (2, "y")]),
    read(
        "no schema: text, named by the first line",
        "a,b\n1,\n",
        "a string, b string",
        [("1", "")],
        schema=False,
        **HEADER,
    ),
    read("no schema, no names: text", "1,x\n", "column_1 string, column_2 string", [("1", "x")], schema=False),
    read("columns are found by name", "b,c,a\nx,9,1\ny,8,2\n", "a int32, b string", [(1, "x"), (2, "y")], **HEADER),
    read("names in another case are found", "A,B\n1,x\n", "a int32, b string", [(1, "x")], **HEADER),
    read("an empty file", "", "a int32", []),
    read("an empty file that should have names", "", "a int32", [], **HEADER),
    read("names and no rows", "a,b\n", "a int32, b string", [], **HEADER),
    read("no line end at the end", "1,x\n2,y", "a int32, b string", [(1, "x"), (2, "y")]),
    read("carriage returns", "1,x\r\n2,y\r\n", "a int32, b string", [(1, "x"), (2, "y")]),
    read("mixed line ends", "1,x\r\n2,y\n3,z\r\n", "a int32, b string", [(1, "x"), (2, "y"), (3, "z")]),
    read(
        "quotes, doubled quotes, delimiters and line ends in them",
        '1,"a,b"\n2,"say ""x"""\n3,"two\nlines"\n',
        "a int32, b string",
        [(1, "a,b"), (2, 'say "x"'), (3, "two\nlines")],
    ),
    read("single quotes", "1,'a,b'\n2,\"\n", "a int32, b string", [(1, "a,b"), (2, '"')], quote="single"),
    read("no quotes", '1,"a\n2,b"\n', "a int32, b string", [(1, '"a'), (2, 'b"')], quote="none"),
    read("tabs", "1\tx,y\n", "a int32, b string", [(1, "x,y")], delimiter="tab"),
    read("a delimiter of one's own", "1|x\n", "a int32, b string", [(1, "x")], delimiter="custom", delim_value="|"),
    read("a delimiter of several characters", "1||x\n", "a int32, b string", [(1, "x")], delimiter_string="||"),
    read(
        "a delimiter behind the last column",
        "1,x,\n2,y,\n",
        "a int32, b string",
        [(1, "x"), (2, "y")],
        final_delimiter="comma",
    ),
    read("a byte order mark", b"\xef\xbb\xbfa,b\n1,x\n", "a int32, b string", [(1, "x")], strip_bom="true", **HEADER),
    read(
        "letters of all kinds", "1,Grüße\n2,日本\n3,😀\n", "a int32, b string", [(1, "Grüße"), (2, "日本"), (3, "😀")]
    ),
    read("windows-1252", "1,€ é\n".encode("cp1252"), "a int32, b string", [(1, "€ é")], map_name="windows-1252"),
    read("UTF-16", "a,b\n1,é\n".encode("utf-16"), "a int32, b string", [(1, "é")], map_name="UTF-16", **HEADER),
    read("gzip", gzip.compress(b"1,x\n"), "a int32, b string", [(1, "x")], file="in.csv.gz"),
    read(
        "fixed widths",
        "00001abc  2024-01-02\n   -2de   2024-01-03\n",
        "a int32, b string, c date",
        [(1, "abc", "2024-01-02"), (-2, "de", "2024-01-03")],
        properties={"a": {"width": 5}, "b": {"width": 5}},
        delimiter="none",
    ),
    read("a whole file is one row", "a,b\n1\n", "content string", [("a,b\n1\n",)], read_entire_file_as_one_column=True),
    read("the first rows", "1\n2\n3\n4\n", "a int32", [(1,), (2,)], read_first_rows=2),
    read("the number of the row", "x\ny\n", "a string, n int64 not null", [("x", 1), ("y", 2)], row_number_column="n"),
]

VALUES = [
    read(
        "whole numbers: signs, zeros, blanks, a fraction of zeros",
        "1\n-2\n+3\n007\n 8 \n9.0\n10.\n",
        "a int32",
        [(1,), (-2,), (3,), (7,), (8,), (9,), (10,)],
    ),
    read(
        "no whole numbers",
        "1.5\n1_000\n0x10\n1e3\nx\n2147483648\n1 2\n-\n.\n",
        "a int32",
        [],
        rejects=["1.5", "1_000", "0x10", "1e3", "x", "2147483648", "1 2", "-", "."],
    ),
    read(
        "decimals: padded as other tools write them, excess digits cut",
        " 02450.00\n-1.239\n.5\n2\n00000.10\n",
        "a decimal(7,2)",
        [("2450.00",), ("-1.23",), ("0.5",), ("2",), ("0.10",)],
    ),
    read(
        "decimals rounded",
        "1.235\n-1.235\n1.2\n",
        "a decimal(7,2)",
        [("1.24",), ("-1.24",), ("1.2",)],
        rounding="round_inf",
    ),
    read("decimals up", "1.231\n-1.239\n1.23\n", "a decimal(7,2)", [("1.24",), ("-1.23",), ("1.23",)], rounding="ceil"),
    read(
        "decimals down",
        "1.239\n-1.231\n1.230\n",
        "a decimal(7,2)",
        [("1.23",), ("-1.24",), ("1.23",)],
        rounding="floor",
    ),
    read(
        "decimals with a comma",
        "1,5;-2\n",
        "a decimal(7,2), b decimal(3,0)",
        [("1.5", -2)],
        delimiter=";",
        decimal_separator="comma",
    ),
    read("no decimals", "1e2\n1_0.5\n123456.7\nx\n", "a decimal(7,2)", [], rejects=["1e2", "1_0.5", "123456.7", "x"]),
    read("doubles", "1.5\n1e3\n-inf\n+2\n", "a float64", [(1.5,), (1000.0,), (float("-inf"),), (2.0,)]),
    read("no doubles", "1_0\nx\n0x10\n", "a float64", [], rejects=["1_0", "x", "0x10"]),
    read("booleans", "true\nF\nYES\n0\n", "a boolean", [(True,), (False,), (True,), (False,)]),
    read(
        "dates", "2024-02-29\n0001-01-01\n9999-12-31\n", "a date", [("2024-02-29",), ("0001-01-01",), ("9999-12-31",)]
    ),
    read(
        "no dates",
        "2023-02-29\n2024-1-2\n24-01-02\n01/02/2024\ninfinity\n2024-01-02 00:00:00\n",
        "a date",
        [],
        rejects=["2023-02-29", "2024-1-2", "24-01-02", "01/02/2024", "infinity", "2024-01-02 00:00:00"],
    ),
    read(
        "timestamps: a T between, a Z behind, no seconds, digits cut",
        "2024-01-02 03:04:05\n2024-01-02T03:04:05Z\n2024-01-02 03:04\n2024-01-02 03:04:05.999\n2024-01-02\n",
        "a timestamp",
        [("2024-01-02 03:04:05",)] * 2 + [("2024-01-02 03:04:00",), ("2024-01-02 03:04:05",), ("2024-01-02 00:00:00",)],
    ),
    read(
        "an offset would be lost, so it is no timestamp",
        "2024-01-02 03:04:05+02\n2024-01-02 25:00:00\n",
        "a timestamp",
        [],
        rejects=["2024-01-02 03:04:05+02", "2024-01-02 25:00:00"],
    ),
    read("fractions of a second", "2024-01-02 03:04:05.123456\n", "a timestamp(6)", [("2024-01-02 03:04:05.123456",)]),
    read("times", "03:04:05\n23:59\n", "a time", [("03:04:05",), ("23:59:00",)]),
    read("no times", "24:00:00\n1:2:3\nnoon\n", "a time", [], rejects=["24:00:00", "1:2:3", "noon"]),
    read("a date format", "31/12/1999\n", "a date", [("1999-12-31",)], date_format="%dd/%mm/%yyyy"),
    read(
        "names of months, two digits of a year",
        "5-Mar-24\n",
        "a date",
        [("2024-03-05",)],
        date_format="%d-%mmm-%2000yy",
    ),
    read(
        "a timestamp format",
        "02.01.2024 3.04 pm\n",
        "a timestamp",
        [("2024-01-02 15:04:00",)],
        timestamp_format="%dd.%mm.%yyyy %H.%nn %aa",
    ),
    read(
        "a format of a column's own",
        "31/12/1999\n",
        "a date",
        [("1999-12-31",)],
        properties={"a": {"date_format": "%dd/%mm/%yyyy"}},
    ),
    read(
        "a text must match its format",
        "31/12/99\n1/2/2000\n",
        "a date",
        [],
        rejects=["31/12/99", "1/2/2000"],
        date_format="%dd/%mm/%yyyy",
    ),
    read("a string that is too long is bad", "abc\nabcd\n", "a string(3)", [("abc",)], rejects=["abcd"]),
    read("characters count, not bytes", "äöü\n", "a string(3)", [("äöü",)]),
    read("a fixed string is filled up", "ab\n", "a fixed string(4)", [("ab  ",)]),
    read(
        "nothing is null, but for strings",
        ",,,\n",
        "a int32, b date, c string, d decimal(3,1)",
        [(None, None, "", None)],
    ),
    read(
        "nothing is no value where null is none", "1,\n,2\n", "a int32 not null, b int32", [(1, None)], rejects=[",2"]
    ),
    read(
        "a text that stands for null",
        "NULL,NULL\n1,x\n,\n",
        "a int32, b string",
        [(None, None), (1, "x"), (None, "")],
        null_field_value="NULL",
    ),
    read(
        "a null of a column's own, which would be a value",
        "-1,-1\n",
        "a int32, b int32",
        [(None, -1)],
        properties={"a": {"null_field": "-1"}},
    ),
    read("no text stands for null", ",x\n", "a string, b string", [(None, "x")], null_field_value=""),
]

REJECTS = [
    read(
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
        **HEADER,
    ),
    read("an empty field behind the last is not minded", "1,x,\n2,y\n", "a int32, b string", [(1, "x"), (2, "y")]),
    read("dropped and counted", "1\nx\n2\ny,z\n", "a int32", [(1,), (2,)], dropped=2),
    read("bytes that are no text", b"1,\xe9\n2,b\n", "a int32, b string", [(2, "b")], dropped=1),
    read(
        "a record quoted as the file quotes", '"1","a"\n"x","b"\n', "a int32, b string", [(1, "a")], rejects=['"x","b"']
    ),
    read(
        "quotes where they are needed", '1,a\nx,"b,""c"""\n', "a int32, b string", [(1, "a")], rejects=['x,"b,""c"""']
    ),
    Case(
        "the reason stands beside the record",
        STAGE,
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
        STAGE,
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
        STAGE,
        {},
        {"file_plus": ["in.csv"], "reject_mode": "save"},
        {"out": Rows("a int32", [(1,)]), "bad": Rows("rejected string not null", [], kind="reject", schema=False)},
        files={"in.csv": "1\n"},
    ),
    Case(
        "fail at a value",
        STAGE,
        {},
        {"file_plus": ["in.csv"], "reject_mode": "fail"},
        {"out": Rows("a int32", [])},
        files={"in.csv": '1\nx"\n'},
        fails="RS-6230",
    ),
    read("fail, and nothing is wrong", "1\n2\n", "a int32", [(1,), (2,)], reject_mode="fail"),
]

FILES = [
    Case(
        "several files, in their order",
        STAGE,
        {},
        {"file_plus": ["b.csv", "a.csv"], "first_line_is_column_names": "true"},
        {"out": Rows("x int32, y string", [(1, "b"), (2, "b"), (3, "a")])},
        ordered=True,
        files={"a.csv": "y,x\na,3\n", "b.csv": "x,y\n1,b\n2,b\n"},
    ),
    Case(
        "a pattern, sorted by name",
        STAGE,
        {},
        {"read_method": "pattern", "file_pattern": ["p*.csv"]},
        {"out": Rows("x int32", [(1,), (2,)])},
        ordered=True,
        files={"p2.csv": "2\n", "p1.csv": "1\n", "q.csv": "3\n"},
    ),
    Case(
        "a pattern among the files",
        STAGE,
        {},
        {"file_plus": ["p*.csv"]},
        {"out": Rows("x int32", [(1,), (2,)])},
        ordered=True,
        files={"p2.csv": "2\n", "p1.csv": "1\n"},
    ),
    Case(
        "the number of the row is that in its file, and the first rows are those of each",
        STAGE,
        {},
        {"file_plus": ["a.csv", "b.csv"], "row_number_column": "n", "read_first_rows": 2},
        {"out": Rows("x int32, n int64 not null", [(1, 1), (2, 2), (4, 1)])},
        ordered=True,
        files={"a.csv": "1\n2\n3\n", "b.csv": "4\n"},
    ),
    Case(
        "a missing file that may be missing",
        STAGE,
        {},
        {"file_plus": ["a.csv", "none.csv"], "missing_file_mode": "okay"},
        {"out": Rows("x int32", [(1,)])},
        files={"a.csv": "1\n"},
    ),
    Case(
        "all files missing, and that is fine",
        STAGE,
        {},
        {"file_plus": ["none.csv"], "missing_file_mode": "okay"},
        {"out": Rows("x int32", [])},
    ),
    Case("a missing file", STAGE, {}, {"file_plus": ["none.csv"]}, {"out": Rows("x int32", [])}, problems=["RS-5001"]),
    Case(
        "a column that the first line does not name",
        STAGE,
        {},
        {"file_plus": ["a.csv"], **HEADER},
        {"out": Rows("x int32", [])},
        files={"a.csv": "y\n1\n"},
        fails="RS-5002",
    ),
    Case(
        "the file's name is a parameter",
        STAGE,
        {},
        {"file_plus": ["#name#.csv"]},
        {"out": Rows("x int32", [(1,)])},
        files={"a.csv": "1\n"},
        parameters={"name": "a"},
    ),
]

CHECKS = [
    Case("no file to read", STAGE, {}, {}, {"out": Rows("a int32")}, problems=["RS-4260"]),
    Case("no file to write", STAGE, {"in": Rows("a int32")}, {}, problems=["RS-4260"]),
    Case(
        "a command", STAGE, {}, {"file_plus": ["a"], "filter": "sort"}, {"out": Rows("a int32")}, problems=["RS-4261"]
    ),
    Case(
        "blanks between fields",
        STAGE,
        {},
        {"file_plus": ["a"], "delimiter": "ws"},
        {"out": Rows("a int32")},
        problems=["RS-4261"],
    ),
    Case(
        "packed decimals",
        STAGE,
        {},
        {"file_plus": ["a"], "decimal_packed": "zoned"},
        {"out": Rows("a int32")},
        problems=["RS-4261"],
    ),
    Case(
        "a format that is none",
        STAGE,
        {},
        {"file_plus": ["a"], "date_format": "%qq"},
        {"out": Rows("a date")},
        problems=["RS-4267"],
    ),
    Case(
        "a month in a time", STAGE, {"in": Rows("a time")}, {"file": ["a"], "time_format": "%mm"}, problems=["RS-4267"]
    ),
    Case(
        "a custom delimiter that is not said",
        STAGE,
        {},
        {"file_plus": ["a"], "delimiter": "custom"},
        {"out": Rows("a int32")},
        problems=["RS-4262"],
    ),
    Case(
        "Parquet cannot be added to",
        STAGE,
        {"in": Rows("a int32")},
        {"file": ["a"], "file_format": "parquet", "file_update_mode": "append"},
        problems=["RS-4266"],
    ),
    Case(
        "rejects to be saved nowhere",
        STAGE,
        {},
        {"file_plus": ["a"], "reject_mode": "save"},
        {"out": Rows("a int32")},
        problems=["RS-4268"],
    ),
    Case("bytes in text", STAGE, {"in": Rows("a binary(3)")}, {"file": ["a"]}, problems=["RS-4265"]),
    Case("several files to write", STAGE, {"in": Rows("a int32")}, {"file": ["a", "b"]}, problems=["RS-4261"]),
    Case(
        "widths that nobody says",
        STAGE,
        {},
        {"file_plus": ["a"], "delimiter": "none"},
        {"out": Rows("a string")},
        problems=["RS-4270"],
    ),
]

CASES = [*READING, *VALUES, *REJECTS, *FILES, *CHECKS]
