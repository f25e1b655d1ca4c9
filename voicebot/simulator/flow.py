"""How one document leads to the next."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Next:
    """The next document to fetch, with what its request says beside the usual fields. `url` is absolute."""

    url: str
    method: str = "POST"
    fields: Mapping[str, str] = field(default_factory=dict)


class Over:
    """The call is over by the document's own wish."""


OVER = Over()
Result = Next | Over | None
