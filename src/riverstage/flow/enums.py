"""The choices that flows, annotations and schema fields accept, as enums. Text will do as well."""

from __future__ import annotations

from enum import IntEnum, StrEnum

__all__ = [
    "AnnotationFont",
    "ByteOrder",
    "CharacterSet",
    "CompileMode",
    "CyclePosition",
    "DataFormat",
    "DecimalPacking",
    "DecimalSeparator",
    "Delimiter",
    "ELTMaterializationPolicy",
    "FlowType",
    "GenerateAlgorithm",
    "GenerateType",
    "HAlign",
    "HorizontalAlignment",
    "LinkType",
    "MaterializationPolicy",
    "PadCharacter",
    "ParameterType",
    "PartitionType",
    "Quote",
    "Rounding",
    "SignPosition",
    "TextDecoration",
    "TextSize",
    "TimeExtendedType",
    "VAlign",
    "VerticalAlignment",
]


class CompileMode(StrEnum):
    """Where a flow's work is done: on the engine, partly in the database, or all of it there."""

    ETL = "ETL"
    TETL = "TETL"
    ELT = "ELT"


class MaterializationPolicy(StrEnum):
    """What becomes of a link when a flow is compiled to SQL for a database."""

    NESTED_QUERY = "NESTED_QUERY"
    INTERMEDIATE_TABLE = "INTERMEDIATE_TABLE"
    INTERMEDIATE_VIEW = "INTERMEDIATE_VIEW"
    MATERIALIZE_CARDINALITY_CHANGERS = "MATERIALIZE_CARDINALITY_CHANGERS"


class FlowType(StrEnum):
    """What a flow is; ``BATCH`` is the one that there is here."""

    BATCH = "batch"
    STREAMING = "streaming"
    UDI = "udi"


class ParameterType(StrEnum):
    """What a parameter can hold, with the members named as the published interface has them."""

    Date = "date"
    Email = "email"
    Encrypted = "encrypted"
    Float = "sfloat"
    Integer = "int64"
    List = "enum"
    Multiline_string = "multilinestring"
    Path = "path"
    String = "string"
    Time = "time"
    Timestamp = "timestamp"


class LinkType(StrEnum):
    """What a link is to the stage that it leads to."""

    PRIMARY = "PRIMARY"
    REFERENCE = "REFERENCE"
    REJECT = "REJECT"


class PartitionType(StrEnum):
    """How the rows of a link are spread over partitions."""

    AUTO = "auto"
    ENTIRE = "entire"
    HASH = "hash"
    MODULUS = "modulus"
    RANDOM = "random"
    RANGE = "range"
    ROUND_ROBIN = "roundrobin"
    SAME = "same"
    SEQUENTIAL = "sequential"


class TextDecoration(StrEnum):
    """How the text of an annotation is decorated."""

    UNDERLINE = "underline"
    STRIKETHROUGH = "strikethrough"
    UNDERLINE_STRIKETHROUGH = "underline strikethrough"


class HorizontalAlignment(StrEnum):
    """Where the text of an annotation stands from left to right."""

    LEFT = "align-left"
    CENTER = "align-center"
    MIDDLE = "align-middle"
    RIGHT = "align-right"


class VerticalAlignment(StrEnum):
    """Where the text of an annotation stands from top to bottom."""

    TOP = "align-top"
    MIDDLE = "align-middle"
    CENTER = "align-center"
    BOTTOM = "align-bottom"


class AnnotationFont(StrEnum):
    """The font of an annotation."""

    IBM_PLEX_SANS = "font-ibm-plex-sans"
    IBM_PLEX_SERIF = "font-ibm-plex-serif"
    IBM_PLEX_SANS_CONDENSED = "font-ibm-plex-sans-condensed"
    IBM_PLEX_MONO = "font-ibm-plex-mono"
    ARIAL = "font-arial"
    COMIC_SANS_MS = "font-comic-sans-ms"
    GILL_SANS = "font-gill-sans"
    HELVETICA_NEUE = "font-helvetica-neue"
    TIMES_NEW_ROMAN = "font-times-new-roman"
    VERDANA = "font-verdana"


class TextSize(IntEnum):
    """The size of an annotation's text, in pixels."""

    SIZE_10 = 10
    SIZE_11 = 11
    SIZE_12 = 12
    SIZE_14 = 14
    SIZE_18 = 18
    SIZE_24 = 24
    SIZE_30 = 30
    SIZE_36 = 36
    SIZE_48 = 48
    SIZE_60 = 60
    SIZE_72 = 72
    SIZE_96 = 96


class Delimiter(StrEnum):
    """What ends a column in a text file; any single character will do as well."""

    WHITESPACE = "ws"
    END = "end"
    NONE = "none"
    NULL = "null"
    COMMA = ","
    TAB = "\\t"


class Quote(StrEnum):
    """What stands around a column in a text file; any single character will do as well."""

    SINGLE = "single"
    DOUBLE = "double"
    NONE = "none"


class ByteOrder(StrEnum):
    """The order of the bytes of a binary number."""

    LITTLE_ENDIAN = "little_endian"
    BIG_ENDIAN = "big_endian"
    NATIVE_ENDIAN = "native_endian"


class CharacterSet(StrEnum):
    """The character set of a column in a file."""

    ASCII = "ascii"
    EBCDIC = "ebcdic"


class DataFormat(StrEnum):
    """Whether a column stands in a file as text or as binary."""

    TEXT = "text"
    BINARY = "binary"


class PadCharacter(StrEnum):
    """What fills a column up to its width; any single character will do as well."""

    SPACE = " "
    NULL = "null"


class DecimalSeparator(StrEnum):
    """The decimal point of a number."""

    PERIOD = "."
    COMMA = ","


class DecimalPacking(StrEnum):
    """How the digits of a decimal stand in a file."""

    PACKED = "packed"
    SEPARATE = "separate"
    ZONED = "zoned"
    OVERPUNCH = "overpunch"


class SignPosition(StrEnum):
    """Where the sign of a decimal stands."""

    LEADING = "leading"
    TRAILING = "trailing"


class Rounding(StrEnum):
    """How a decimal is rounded."""

    CEIL = "ceil"
    FLOOR = "floor"
    ROUND_INF = "round_inf"
    TRUNC_ZERO = "trunc_zero"


class GenerateType(StrEnum):
    """How values that are no text are generated."""

    CYCLE = "cycle"
    RANDOM = "random"


class GenerateAlgorithm(StrEnum):
    """How text is generated."""

    CYCLE = "cycle"
    ALPHABET = "alphabet"


class CyclePosition(StrEnum):
    """A generator's number that depends on the partition: its own number, or how many there are."""

    PART = "part"
    PARTCOUNT = "partcount"


class TimeExtendedType(StrEnum):
    """What a time or timestamp has beyond seconds."""

    MICROSECONDS = "microseconds"
    TIMEZONE = "timezone"
    MICROSECONDS_AND_TIMEZONE = "microseconds,timezone"


# The names that the published interface has for them.
ELTMaterializationPolicy = MaterializationPolicy
HAlign = HorizontalAlignment
VAlign = VerticalAlignment
