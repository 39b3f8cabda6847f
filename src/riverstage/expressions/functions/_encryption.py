"""``EncryptString`` and ``DecryptString``: AES-256 with a key of 32 bytes.

The same text and key give the same result, so that a run that is repeated gives the same rows. The initialisation
vector is made of the text itself, by HMAC with a key that comes from the given one (a synthetic one, as in RFC 5297).
It shows nothing but whether two texts are equal, and it tells a wrong key or a damaged text.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from functools import lru_cache

from riverstage.expressions.functions._function import ConversionFailed

__all__ = ["check_key", "decrypted", "encrypted"]

_KEY = 32
_VECTOR = 16
_PURPOSE = b"riverstage text authentication 1"


def check_key(key: str) -> None:
    """Check a key without telling it.

    Raises:
        ConversionFailed: If it does not have 32 bytes in UTF-8.
    """
    length = len(key.encode())
    if length != _KEY:
        raise ConversionFailed(f"A key of EncryptString and DecryptString has {_KEY} bytes, not {length}.")


@lru_cache(maxsize=16)
def _authentication(key: bytes) -> bytes:
    return hmac.digest(key, _PURPOSE, "sha256")


def _vector(key: bytes, data: bytes) -> bytes:
    return hmac.digest(_authentication(key), data, "sha256")[:_VECTOR]


def _run(key: bytes, vector: bytes, data: bytes) -> bytes:
    """Encrypt or decrypt, which are the same in counter mode."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    work = Cipher(algorithms.AES(key), modes.CTR(vector)).encryptor()
    return work.update(data) + work.finalize()


def encrypted(value: str, key: str) -> str:
    """Return a text encrypted, in Base64.

    Raises:
        ConversionFailed: If the key does not have 32 bytes.
    """
    check_key(key)
    secret, data = key.encode(), value.encode()
    vector = _vector(secret, data)
    return base64.b64encode(vector + _run(secret, vector, data)).decode()


def decrypted(value: str, key: str) -> str:
    """Return the text that was encrypted with this key.

    Raises:
        ConversionFailed: If the key does not have 32 bytes, or is another one, or the text is damaged.

    Example:
        >>> decrypted(encrypted("upper weir", "k" * 32), "k" * 32)
        'upper weir'
    """
    check_key(key)
    secret = key.encode()
    try:
        data = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    vector = data[:_VECTOR]
    if len(vector) == _VECTOR:
        text = _run(secret, vector, data[_VECTOR:])
        if hmac.compare_digest(vector, _vector(secret, text)):
            return text.decode()
    raise ConversionFailed("The text was not encrypted with this key, or it is damaged.")
