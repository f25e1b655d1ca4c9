"""How the network misbehaves: the `network` part of a scenario, or a whole network's own. See docs/scenarios.md."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Told = Literal["status", "leg", "recording", "machine", "partial"]
Kind = Literal[
    "unreachable", "no_answer", "answer_lost", "bad_gateway", "not_found", "html_page", "wrong_type", "too_large",
    "redirect_302", "redirect_307", "redirect_loop",
]  # fmt: skip


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Failure(_Part):
    """One way in which a document cannot be had, whatever the product answers.

    `document` counts the call's requests for documents from 1; `all` are those to the host of the number's own voice
    address, so that a fallback elsewhere still works. `tries` of each fail; every one unless told.
    """

    kind: Kind
    document: int | Literal["all"] = 1
    tries: int = Field(1000, ge=1)


class RestSwitches(_Part):
    """What the REST interface does from this call on: refusals (429), errors (503), and seconds before each answer.

    `public_media`: recordings are given to whoever has their address, as from an account that does not enforce a login.
    """

    too_many: int = Field(0, ge=0)
    server_errors: int = Field(0, ge=0)
    delay_seconds: float = Field(0, ge=0, le=60)
    public_media: bool = False


class Switches(_Part):
    """All off unless set.

    `duplicate_callbacks` sends each callback twice and `duplicate_documents` asks for each document twice, with one
    idempotency token, one after the other or `at_once`; `late_callbacks` holds all callbacks back until the call is
    over; `callbacks_out_of_order` does too, and sends those of the call with the last first, then those after it with
    the last first; `lost_callbacks` never arrive; `media_missing_gets` media requests of each recording answer 404;
    each document's way takes `delay_seconds` of the carrier's budget; `failures` are documents that cannot be had;
    the number's own addresses are asked by `method`; webhooks are signed by `signature`; a finished recording is
    `completed`, or `absent` or `failed` after all.
    """

    duplicate_callbacks: bool = False
    duplicate_documents: bool = False
    at_once: bool = False
    late_callbacks: bool = False
    callbacks_out_of_order: bool = False
    lost_callbacks: tuple[Told, ...] = ()
    media_missing_gets: int = Field(0, ge=0)
    delay_seconds: float = Field(0, ge=0, le=15)
    failures: tuple[Failure, ...] = ()
    method: Literal["GET", "POST"] | None = None
    signature: Literal["sha1", "sha256"] = "sha1"
    recording: Literal["completed", "absent", "failed"] = "completed"
    rest: RestSwitches = RestSwitches()

    def over(self, base: "Switches") -> "Switches":
        """These switches, and those of `base` where these say nothing."""
        return base.model_copy(update={name: getattr(self, name) for name in self.model_fields_set})

    def failure_of(self, document: int, *, is_own_host: bool) -> Failure | None:
        """What is to go wrong with the call's n-th request for a document, counted from 1."""
        for one in self.failures:
            if one.document == document or (one.document == "all" and is_own_host):
                return one
        return None
