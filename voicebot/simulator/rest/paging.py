"""Lists in the carrier's envelope. https://www.twilio.com/docs/usage/twilios-response#response-formats-list-paging"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Query, Request

MOST = 1000


@dataclass(frozen=True, slots=True)
class Page:
    """The page asked for: its number from 0 on, its size, and the rest of the question."""

    number: int
    size: int
    path: str
    filters: tuple[tuple[str, str], ...]

    def envelope(self, key: str, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """This page of `rows`, under `key`; addresses are relative."""
        first = self.number * self.size
        shown = list(rows[first : first + self.size])
        return {
            key: shown,
            "page": self.number,
            "page_size": self.size,
            "start": first,
            "end": max(0, first + len(shown) - 1),
            "uri": self._address(self.number),
            "first_page_uri": self._address(0),
            "next_page_uri": self._address(self.number + 1) if first + self.size < len(rows) else None,
            "previous_page_uri": self._address(self.number - 1) if self.number else None,
        }

    def _address(self, number: int) -> str:
        return f"{self.path}?{urlencode([*self.filters, ('PageSize', self.size), ('Page', number)])}"


def _asked(
    request: Request,
    number: Annotated[int, Query(alias="Page", ge=0)] = 0,
    size: Annotated[int, Query(alias="PageSize", ge=1)] = 50,
) -> Page:
    own = {"Page", "PageSize", "PageToken"}
    filters = tuple((key, value) for key, value in request.query_params.multi_items() if key not in own)
    return Page(number, min(size, MOST), request.url.path, filters)


AskedPage = Annotated[Page, Depends(_asked)]
