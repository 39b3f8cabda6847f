"""The functions of the Transformer language about the run, and checksums."""

from __future__ import annotations

import hashlib
import zlib

from riverstage.expressions.functions._function import Function, Parameter
from riverstage.types import INT32, UINT32, string

__all__ = ["FUNCTIONS"]


def _partitions() -> int:
    return 1


def _partition() -> int:
    return 0


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _crc32(text: str) -> int:
    return zlib.crc32(text.encode())


_TEXT = (Parameter("text", "string"),)

FUNCTIONS: tuple[Function, ...] = (
    Function("GetNumOfPartitions", "utility", "How many partitions the stage runs in.", (), INT32, _partitions),
    Function("GetPartitionNum", "utility", "The partition that the row is in, counted from 0.", (), INT32, _partition),
    Function("StringToMD5", "utility", "The MD5 checksum of a text, in hexadecimal.", _TEXT, string(32), _md5,
             aliases=("md5",)),
    Function("CRC32", "utility", "The CRC-32 checksum of a text.", _TEXT, UINT32, _crc32, aliases=("ChecksumCRC32",)),
    Function("RawLength", "utility", "How many bytes a binary has.", (Parameter("raw", "binary"),), INT32, len),
)  # fmt: skip
