"""The key that signs cookies and links: from the settings, or made once in the data folder."""

import os
import secrets
from pathlib import Path

from voicebot.errors import SettingsError
from voicebot.settings import get_settings

FILE_NAME = "secret.key"


def secret_key() -> str:
    """The installation's signing key. Raises SettingsError when the data folder can hold none."""
    given = get_settings().web.secret_key.get_secret_value()
    return given or _kept_key(get_settings().data_dir)


def _kept_key(folder: Path) -> str:
    path = folder / FILE_NAME
    try:
        if not path.exists():
            _make(path)
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise SettingsError(
            f"The signing key {path} cannot be used: {error.strerror}. Set VOICEBOT_WEB__SECRET_KEY instead."
        ) from error


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
        file.flush()
        os.fsync(file.fileno())
    try:
        # A hard link fails when the name is taken: of several processes that start together one wins, whole.
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()
