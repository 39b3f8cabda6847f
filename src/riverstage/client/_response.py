"""The answer to a change: the same whether a project is embedded or behind a service."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from riverstage.errors import StoreError

__all__ = ["Response"]


class Response:
    """How a change went, in the form that HTTP clients know.

    Args:
        status_code: 201 made or saved, 200 changed, 204 removed.
        body: What there is now.
        headers: What else is said, such as the revision (``ETag``).

    Example:
        >>> Response(201)
        <Response [201]>
    """

    __slots__ = ("_body", "headers", "status_code")

    def __init__(
        self, status_code: int, body: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        self.status_code = status_code
        self.headers: dict[str, str] = {} if body is None else {"Content-Type": "application/json"}
        self.headers.update(headers or {})
        self._body = body

    def __repr__(self) -> str:
        return f"<Response [{self.status_code}]>"

    def __bool__(self) -> bool:
        return self.ok

    @property
    def ok(self) -> bool:
        """Whether it went well."""
        return self.status_code < HTTPStatus.BAD_REQUEST

    @property
    def reason(self) -> str:
        """The status in words."""
        return HTTPStatus(self.status_code).phrase

    @property
    def text(self) -> str:
        """The body as text; empty when there is none."""
        return "" if self._body is None else json.dumps(self._body, ensure_ascii=False)

    @property
    def content(self) -> bytes:
        """The body as bytes; empty when there is none."""
        return self.text.encode()

    def json(self) -> Any:
        """Return the body as data.

        Raises:
            ValueError: There is no body.
        """
        return json.loads(self.text)

    def raise_for_status(self) -> None:
        """Raise an error if it did not go well.

        Raises:
            StoreError: It did not.
        """
        if not self.ok:
            raise StoreError(f"The change was refused: {self.status_code} {self.reason}.")
