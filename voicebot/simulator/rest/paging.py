"""Lists in the carrier's envelope. https://www.twilio.com/docs/usage/twilios-response#response-formats-list-paging

A page after the first is found by the token of the row before it, as at the carrier: rows that came meanwhile do not
move it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Query, Request

MOST = 1000
AFTER, BEFORE = "PA", "PB"


@dataclass(frozen=True, slots=True)
class Page:
    """The page asked for: its number from 0 on, its size, where it begins, and the rest of the question."""

    number: int
    size: int
    token: str
    path: str
    filters: tuple[tuple[str, str], ...]

    def envelope(self, key: str, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """This page of `rows`, each with its `sid`, under `key`; addresses are relative."""
        first = self._first(rows)
        shown = list(rows[first : first + self.size])
        start = self.number * self.size
        has_more, has_less = first + self.size < len(rows), first > 0 and self.number > 0
        return {
            key: shown,
            "page": self.number,
            "page_size": self.size,
            "start": start,
            "end": max(0, start + len(shown) - 1),
            "uri": self._address(self.number, self.token),
            "first_page_uri": self._address(0),
            "next_page_uri": self._address(self.number + 1, AFTER + shown[-1]["sid"]) if has_more and shown else None,
            "previous_page_uri": self._address(self.number - 1, BEFORE + rows[first]["sid"])
            if has_less and shown
            else None,
        }

    def _first(self, rows: Sequence[dict[str, Any]]) -> int:
        """Where the page begins. A row that is gone leaves the page's number to go by."""
        kind, sid = self.token[:2], self.token[2:]
        at = next((index for index, row in enumerate(rows) if row["sid"] == sid), None)
        if at is None:
            return self.number * self.size
        return at + 1 if kind == AFTER else max(0, at - self.size)

    def _address(self, number: int, token: str = "") -> str:
        asked = [*self.filters, ("PageSize", self.size), ("Page", number), *([("PageToken", token)] if token else [])]
        return f"{self.path}?{urlencode(asked)}"


def _asked(
    request: Request,
    number: Annotated[int, Query(alias="Page", ge=0)] = 0,
    size: Annotated[int, Query(alias="PageSize", ge=1)] = 50,
    token: Annotated[str, Query(alias="PageToken")] = "",
) -> Page:
    own = {"Page", "PageSize", "PageToken"}
    filters = tuple((key, value) for key, value in request.query_params.multi_items() if key not in own)
    return Page(number, min(size, MOST), token, request.url.path, filters)


AskedPage = Annotated[Page, Depends(_asked)]
