"""Functions of the language that Riverstage does not have, each with the reason; a flow that uses one is refused."""

from __future__ import annotations

__all__ = ["GAPS"]

_LOOP = "it belongs to the loop of a Transformer, which is not supported"
_SCD = "it belongs to the Slowly Changing Dimension stage"
_VARIANT = "it belongs to variants of the server engine, which has no counterpart here"
_REPORT = "it reports to a monitor that has no counterpart here"
_TABLES = "it reads a lookup table file of the vendor's engine"
_VECTOR = "columns that are vectors are not supported in expressions"

# fmt: off
GAPS: dict[str, str] = {
    "NextSurrogateKey": "surrogate keys come from a Surrogate Key Generator stage",
    "NextSKChain": _SCD,
    "PrevSKChain": _SCD,
    "LastRow": "the last row of a partition is not known while rows stream",
    "LastRowInGroup": "the next row is not known while rows stream; use Remove Duplicates with 'last'",
    "SaveInputRecord": _LOOP,
    "GetSavedInputRecord": _LOOP,
    "ElementAt": _VECTOR,
    "GetVectorLength": _VECTOR,
    "SetVectorLength": _VECTOR,
    "NumToVar": _VARIANT,
    "StrToVar": _VARIANT,
    "VarToBool": _VARIANT,
    "VarToNum": _VARIANT,
    "VarToNumOrNull": _VARIANT,
    "VarToStr": _VARIANT,
    "VarToStrFixed": _VARIANT,
    "SendCustomInstanceReport": _REPORT,
    "SendCustomReport": _REPORT,
    "SetCustomMetadataInfo": _REPORT,
    "SetCustomSummaryInfo": _REPORT,
    "SetUserStatus": _REPORT,
    "LookupInt16FromString": _TABLES,
    "LookupUint32FromString": _TABLES,
    "LookupStringFromInt16": _TABLES,
    "LookupStringFromUint32": _TABLES,
    "StatusCode": "calls keep no state between them; test what Iconv gives for an empty text",
    "RawNumAt": "no public text says how it reads the bytes",
    "ForceError": "a run is stopped by a link's abort limit, not by an expression",
    "PrintMessage": "an expression has no effects; use a Peek stage",
    "PrintWarning": "an expression has no effects; use a Peek stage",
    "GetEnvironment": "expressions do not read the environment of the machine; use a parameter such as #$NAME#",
    **dict.fromkeys(
        (
            "MaskData", "MaskDataFormat", "MaskDataFormatKeepFirst", "MaskDataFormatKeepLast",
            "MaskDataFormatWithChar", "MaskDataFormatWithCharKeepFirst", "MaskDataFormatWithCharKeepLast",
            "MaskDataKeepFirst", "MaskDataKeepLast", "MaskDataWithChar", "MaskDataWithCharKeepFirst",
            "MaskDataWithCharKeepLast",
        ),
        "no public text says what it masks with",
    ),
    "Dtx": "no public text says how it writes the digits",
    "Xtd": "no public text says what it takes",
    "Ascii": "code pages are a matter of the file that is read or written",
    "Ebcdic": "code pages are a matter of the file that is read or written",
}
