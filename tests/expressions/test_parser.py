"""Texts become trees; those that cannot say where."""

import re
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from riverstage.errors import ExpressionError
from riverstage.expressions import functions
from riverstage.expressions.parser import parse
from riverstage.expressions.problems import problems
from riverstage.expressions.tree import (
    Binary,
    ColumnReference,
    FunctionCall,
    If,
    Literal,
    Macro,
    NameReference,
    ParameterReference,
    Substring,
    SystemVariable,
    Unary,
    references,
    walk,
)
from riverstage.types import FLOAT64, INT32, INT64, decimal, string


def shape(node):
    """Return a tree as nested brackets."""
    match node:
        case Binary():
            return f"({shape(node.left)} {node.operator} {shape(node.right)})"
        case Unary():
            return f"({node.operator} {shape(node.operand)})"
        case If():
            return f"(if {shape(node.condition)} {shape(node.then)} {shape(node.otherwise)})"
        case Substring():
            first = "" if node.first is None else f"{shape(node.first)},"
            return f"{shape(node.text)}[{first}{shape(node.length)}]"
        case FunctionCall():
            return f"{node.name}({', '.join(shape(argument) for argument in node.arguments)})"
        case Literal():
            return repr(node.value) if isinstance(node.value, str) else str(node.value)
        case ColumnReference():
            return f"{node.link}.{node.name}"
        case ParameterReference():
            return f"#{node.set + '.' if node.set else ''}{node.name}#"
        case _:
            return node.name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a or b and c", "(a or (b and c))"),
        ("a AND b Or c", "((a and b) or c)"),
        ("not a and b", "((not a) and b)"),
        ("Not(a) = b", "(Not(a) = b)"),
        ("not a = b", "(not (a = b))"),
        ("a = b and c <> d", "((a = b) and (c <> d))"),
        ("a : b = c : d", "((a : b) = (c : d))"),
        ("a + b : c - d", "((a + b) : (c - d))"),
        ("a - b - c", "((a - b) - c)"),
        ("a + b * c", "(a + (b * c))"),
        ("-a * b", "((- a) * b)"),
        ("a * -b", "(a * (- b))"),
        ("-a ^ b", "(- (a ^ b))"),
        ("a ** b ^ c", "((a ^ b) ^ c)"),
        ("a ^ -b", "(a ^ (- b))"),
        ("a[1,2][3]", "a[1,2][3]"),
        ("-a[1,2]", "(- a[1,2])"),
        ("(a : b)[1, 3]", "(a : b)[1,3]"),
        ("a[',', 2, 1]", "Field(a, ',', 2, 1)"),
        ("a # b", "(a <> b)"),
        ("a != b", "(a <> b)"),
        ("a eq b", "(a = b)"),
        ("a GE b", "(a >= b)"),
        ("a => b", "(a >= b)"),
        ("a cats b", "(a : b)"),
        ("a Matches '3N'", "(a matches '3N')"),
        ("a like b", "(a matches b)"),
        ("If a Then b Else If c Then d Else e : f", "(if a b (if c d (e : f)))"),
        ("x : IF a THEN b ELSE c", "(x : (if a b c))"),
        ("If (a) Then (b) Else (c)", "(if a b c)"),
        ("#p# # 3", "(#p# <> 3)"),
        ("#Set.p# : #$ENV#", "(#Set.p# : #$ENV#)"),
        ("a#b", "(a <> b)"),
        ("L.EMP# = 1", "(L.EMP# = 1)"),
        ("L.A$B : L._x : L.1st", "((L.A$B : L._x) : L.1st)"),
        ('"my link"."odd column" : \'x\'', "(my link.odd column : 'x')"),
        ("straße.größe", "straße.größe"),
        ("f(g(h()), 1)", "f(g(h()), 1)"),
        ("@inrownum + @TRUE", "(@INROWNUM + @TRUE)"),
        ("dsjobname : DSProjectName", "(DSJobName : DSProjectName)"),
        ("If.x", "If.x"),
        ("L.then + L.else", "(L.then + L.else)"),
        ("a /* : b */ : // c\n d", "(a : d)"),
        ("'it''s'", '"it\'s"'),
        ('""', "''"),
        ("+a", "(+ a)"),
        (" \t\n a \ufeff", "a"),
    ],
)
def test_shapes(text, expected):
    assert shape(parse(text)) == expected


# Shapes of expressions as real flows have them, names changed.
REAL = [
    'If IsNull(lnkIn.CODE) Or Trim(lnkIn.CODE) = "" Then SetNull() Else UpCase(Trim(lnkIn.CODE))',
    'Trim(Convert(BadCharacters : "\t", " ", lnkIn.ADDRESS_1))',
    "If Trim(Ln_LU.ID) <> '' And Len(Ln_LU.ID) > 3 Then Ln_LU.ID[1,3] Else Field(Ln_LU.NAME, '-', 2)",
    'StringToTimestamp(lnkIn.D : " " : lnkIn.T, "%yyyy%mm%dd %hh%nn%ss")',
    "NullToValue(lnkIn.AMOUNT, 0) * (1 + #Rates.VAT# / 100)",
    'EReplace(EReplace(in.TEXT, Char(13), ""), Char(10), " ")',
    'If svCount = 0 Then 1 Else If svPrevious = in.KEY Then svCount + 1 Else 1',
    "@INROWNUM + (@PARTITIONNUM * 1000)",
    'DecimalToString(in.AMT, "suppress_zero") : "|" : DateToString(CurrentDate(), "%yyyy-%mm-%dd")',
    "in.STATUS MATCHES '1A3N' OR in.STATUS = 'X'",
    "DSJobStartTimestamp",
    "Right('000' : in.N, 3)",
    "if (in.A>0)and(in.B<10)then'y'else'n'",
]  # fmt: skip


@pytest.mark.parametrize("text", REAL)
def test_real_shapes(text):
    tree = parse(text)
    assert (tree.start, tree.end) == (0, len(text))
    assert problems(text) == ()


def test_long_chains_are_no_deep_ones():
    text = " : ".join(["a"] * 3000)
    assert len(list(walk(parse(text)))) == 5999
    chain = "".join(f'If x = {n} Then "{n}" Else ' for n in range(1500)) + '"?"'
    assert sum(isinstance(node, If) for node in walk(parse(chain))) == 1500


def test_literals():
    assert parse("12") == Literal(12, INT32)
    assert parse("3000000000") == Literal(3000000000, INT64)
    assert parse("99999999999999999999") == Literal(Decimal("99999999999999999999"), decimal(20))
    assert parse("1.50") == Literal(Decimal("1.50"), decimal(3, 2))
    assert parse("00012.5") == Literal(Decimal("12.5"), decimal(6, 1))
    assert parse(".5") == Literal(Decimal("0.5"), decimal(1, 1))
    assert parse("1e3") == Literal(1000.0, FLOAT64)
    assert parse('"ab"') == Literal("ab", string(2))


def test_spans():
    text = ' Trim( "in"."my x" ) : (#s.p# + 2)[1,2]'
    tree = parse(text)
    said = [text[node.start : node.end] for node in walk(tree)]
    assert said[:3] == ['Trim( "in"."my x" ) : (#s.p# + 2)[1,2]', 'Trim( "in"."my x" )', '"in"."my x"']
    assert "(#s.p# + 2)" in said and "#s.p#" in said
    column = next(node for node in walk(tree) if isinstance(node, ColumnReference))
    assert [text[slice(*span)] for span in (column.link_span, column.name_span)] == ['"in"', '"my x"']


def test_equal_wherever_they_stand():
    assert parse("a  +  b") == parse("a+b")
    assert hash(parse("a  +  b")) == hash(parse("a+b"))


def test_references():
    found = references(
        parse("If IsNull(in.A) Then in.A : #s.p# Else DSJobName : sv : @INROWNUM : in.B : sv : trim(in.A)")
    )
    assert found.columns == (("in", "A"), ("in", "B"))
    assert found.names == ("sv",)
    assert found.parameters == (("s", "p"),)
    assert found.macros == ("DSJobName",)
    assert found.system_variables == ("@INROWNUM",)
    assert found.functions == ("IsNull", "trim")


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        ("", 0, "The expression is empty."),
        ("   ", 0, "The expression is empty."),
        ("a +", 3, "A value was expected, and the end stands there."),
        ("a b", 2, "An operator or the end was expected, and 'b' stands there."),
        ('a "b"', 2, 'An operator or the end was expected, and the text "b" stands there.'),
        ('a ""', 2, 'An operator or the end was expected, and the text "" stands there.'),
        ("(a", 2, "')' was expected, and the end stands there."),
        ("a)", 1, "An operator or the end was expected, and ')' stands there."),
        ("f(a", 3, "',' or ')' was expected, and the end stands there."),
        ("f(a,)", 4, "A value was expected, and ')' stands there."),
        ("f(,a)", 2, "A value was expected, and ',' stands there."),
        ("a[1", 3, "',' or ']' was expected, and the end stands there."),
        ("a[]", 1, "Between '[' and ']' stand a start and a length, or the number of last characters."),
        ("If a Then b", 11, "'Else' was expected, and the end stands there."),
        ("If a b Else c", 5, "'Then' was expected, and 'b' stands there."),
        ("a = = b", 4, "A value was expected, and '=' stands there."),
        ("'abc", 0, "This text is not closed."),
        ('x : "abc', 4, "This text is not closed."),
        ("a /* b", 2, "This comment is not closed."),
        ("L.", 2, "A name was expected behind the point, and the end stands there."),
        ("L.+", 2, "A name was expected behind the point, and '+' stands there."),
        ("a ! b", 2, "'!' means nothing here."),
        ("a ; b", 2, "';' means nothing here."),
        ("@INROW", 0, "There is no system variable '@INROW'."),
        ("#p", 0, "A value was expected, and '#' stands there."),
        ("then", 0, "A value was expected, and 'then' stands there."),
        ("1." + "1" * 40, 0, "A number has at most 38 digits."),
        ("1" * 5000, 0, "A number has at most 38 digits."),
        ("(" * 5000, 100, "The expression is nested more than 100 deep."),
        ("-" * 5000 + "1", 100, "The expression is nested more than 100 deep."),
        ("not " * 5000 + "1", 400, "The expression is nested more than 100 deep."),
    ],
)  # fmt: skip
def test_mistakes(text, position, message):
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert (caught.value.place.position, caught.value.message) == (position, message)
    assert caught.value.code == "RS-3001"


def test_problems_name_near_functions():
    (found,) = problems("a : Tirm(b)")
    assert (found.code, found.place.position) == ("RS-3002", 4)
    assert found.mend == "Did you mean 'Trim' or 'TrimF' or 'TrimB'?"
    assert [each.code for each in problems("Tirm(a) : Left(b) : NextSurrogateKey()")] == [
        "RS-3002",
        "RS-3003",
        "RS-3006",
    ]
    assert [each.code for each in problems("Tirm(a) : (")] == ["RS-3002", "RS-3001"]


def test_every_gap_has_a_reason_and_is_no_function():
    known = {name.lower() for name in functions.names()}
    for name, reason in functions.GAPS.items():
        assert reason and name.lower() not in known
        with pytest.raises(ExpressionError, match=re.escape(reason)):
            functions.find(name.upper())


WORDS = st.sampled_from(
    ["If", "Then", "Else", "a", "L.x", '"t"', "'", '"', "1", "1.5", "(", ")", "[", "]", ",", ":", "+", "-", "^", "#",
        "#p#", "and",
     "not", "@TRUE", ".", "/*", "*/", "//", "f(", "e", "1e", "=", "<", ">", "\\", "é", "\x00", "😀", "\n", "Matches",
         "DSJobName", "$"]
)  # fmt: skip


@given(
    st.one_of(
        st.text(max_size=30), st.lists(WORDS, max_size=25).map(" ".join), st.lists(WORDS, max_size=25).map("".join)
    )
)
@example("1e")
@example("a.'b'.c")
def test_any_text_is_read_or_refused(text):
    try:
        tree = parse(text)
    except ExpressionError as error:
        assert 0 <= error.place.position <= len(text)
    else:
        for node in walk(tree):
            assert 0 <= node.start <= node.end <= len(text)
    assert all(0 <= found.place.position <= len(text) for found in problems(text))


def test_a_bare_name():
    assert parse("sv") == NameReference("sv")
    assert parse("DSHostName") == Macro("DSHostName")
    assert parse("@null") == SystemVariable("@NULL")
