"""Webhooks signed with SHA-256, by the account's shared key, and requests that the carrier repeats."""

import base64
import hashlib
import hmac

import pytest
from sqlmodel import select

from tests.conftest import SettingsEnvironment
from tests.integration.ivr.conftest import PUBLIC, TOKEN, Carrier, tags
from voicebot.db import get_database
from voicebot.tables import CallEvent

KEY = "the-accounts-shared-key"
SHA_256 = {"X-Twilio-Webhooks-Signature-Settings": "key=SK1,algorithm=HMAC_SHA256"}


@pytest.fixture(autouse=True)
def shared_key(settings_env: SettingsEnvironment) -> None:
    """Set before the product reads its settings."""
    settings_env.set(CARRIER__SHARED_KEY=KEY)


def signature(form: dict[str, str], secret: str, algorithm: str) -> str:
    text = f"{PUBLIC}/webhooks/voice" + "".join(f"{name}{form[name]}" for name in sorted(form))
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), getattr(hashlib, algorithm)).digest()).decode()


def voice(carrier: Carrier, secret: str, algorithm: str, **headers: str):
    form = carrier.form()
    signed = {"X-Twilio-Signature": signature(form, secret, algorithm)}
    return carrier.client.post("/webhooks/voice", data=form, headers={**signed, **headers})


def stored() -> list[CallEvent]:
    with get_database().reading() as session:
        return list(session.exec(select(CallEvent)).all())


@pytest.mark.parametrize(
    ("secret", "algorithm", "headers", "status"),
    [
        (KEY, "sha256", SHA_256, 200),
        # Requests from before the account changed to its key.
        (TOKEN, "sha1", {}, 200),
        (TOKEN, "sha256", SHA_256, 403),
        (KEY, "sha1", {}, 403),
        (KEY, "sha256", {}, 403),
        (KEY, "sha1", SHA_256, 403),
        (KEY, "sha256", {next(iter(SHA_256)): "key=SK1,algorithm=HMAC_MD5"}, 403),
        (KEY, "sha256", {next(iter(SHA_256)): "=,;algorithm"}, 403),
    ],
)
def test_only_the_key_signs_by_sha_256_and_only_the_token_by_sha_1(
    carrier: Carrier, secret: str, algorithm: str, headers: dict[str, str], status: int
) -> None:
    assert voice(carrier, secret, algorithm, **headers).status_code == status
    assert len(stored()) == (status == 200)


def test_a_repeated_request_with_its_idempotency_token_gets_the_first_answer_and_is_kept_once(carrier: Carrier) -> None:
    first, second = (
        voice(carrier, KEY, "sha256", **SHA_256, **{"I-Twilio-Idempotency-Token": "one-and-the-same"}) for _ in range(2)
    )
    assert first.text == second.text and "Gather" in tags(first)
    assert len(stored()) == 1
