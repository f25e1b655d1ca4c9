"""Settings from the environment and one `.env` file, in groups: `VOICEBOT_DATABASE__URL`, `VOICEBOT_WEB__PUBLIC_URL`.

Any setting may also be given as a file holding its value: `VOICEBOT_CARRIER__AUTH_TOKEN_FILE=/run/secrets/token`.
"""

import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from voicebot.errors import SettingsError

PREFIX = "VOICEBOT_"
PLACEHOLDERS = {"changeme", "change-me", "secret", "password", "your-auth-token", "xxxxx"}

Url = Annotated[str, BeforeValidator(lambda value: str(value).rstrip("/"))]


class DatabaseSettings(BaseModel):
    """Where the truth lives."""

    url: str = Field("", description="SQLAlchemy URL; SQLite in the data folder unless set")
    pool_size: int = Field(20, ge=1, description="connections per process; at least the web process's threads")
    connect_timeout_seconds: float = Field(2.0, gt=0, description="a dead database must be noticed fast")


class QueueSettings(BaseModel):
    """The bell that wakes the workers."""

    broker_url: str = Field("", description="redis://... in production; a folder in the data folder unless set")
    publish_timeout_seconds: float = Field(1.0, gt=0, description="a ringing caller cannot wait for a broker")
    sweep_seconds: float = Field(10.0, gt=0, description="how often whatever is due is queued again")
    lease_seconds: float = Field(30.0, gt=0, description="a stage whose worker died is due again after this")
    recording_wait_seconds: float = Field(180.0, gt=0, description="after this a missing recording is looked for")
    max_attempts: int = Field(10, ge=1, description="a stage that failed this often waits for a person")


class CarrierSettings(BaseModel):
    """The installation's own Twilio account; companies may have another."""

    account_sid: str = Field("", description="AC...")
    auth_token: SecretStr = Field(SecretStr(""), description="primary auth token: signs the webhooks")
    shared_key: SecretStr = Field(SecretStr(""), description="signs SHA-256 webhooks; the auth token unless set")
    api_base_url: Url = Field("https://api.twilio.com", description="another host for a stand-in")
    timeout_seconds: float = Field(10.0, gt=0, description="per REST request")


class WebSettings(BaseModel):
    """The web process."""

    public_url: Url = Field("http://127.0.0.1:8000", description="the address that the carrier and browsers use")
    fallback_base_url: Url = Field("", description="where the documents of `voicebot fallback export` are hosted")
    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8000, ge=0, le=65535, description="port to listen on")
    workers: int = Field(1, ge=1, le=64, description="web processes; one a core is enough")
    secret_key: SecretStr = Field(
        SecretStr(""), description="signs cookies and links; made in the data folder if unset"
    )
    session_hours: int = Field(12, ge=1, description="how long a login lasts")
    webhook_deadline_seconds: float = Field(2.0, gt=0, le=10, description="after this the caller is simply forwarded")


class StorageSettings(BaseModel):
    """Where recordings are kept."""

    url: str = Field("", description="file:///folder or s3://bucket/prefix; the data folder unless set")


class SmtpSettings(BaseModel):
    """The mail server that missed calls and voicemails are mailed by; nothing is mailed without one."""

    host: str = Field("", description="name of the mail server")
    port: int = Field(587, ge=1, le=65535, description="587 for STARTTLS, 465 for TLS, 25 for neither")
    security: Literal["starttls", "tls", "none"] = Field("starttls", description="how the connection is protected")
    username: str = Field("", description="no login where empty")
    password: SecretStr = Field(SecretStr(""), description="of the login")
    sender: str = Field("Voicebot <voicebot@localhost>", description="who the mails are from")
    timeout_seconds: float = Field(10.0, gt=0, description="a mail server that hangs must not hold the others up")


class TranscribeSettings(BaseModel):
    """How recordings become text."""

    engine: Literal["faster-whisper", "openai-whisper"] = Field("faster-whisper", description="which speech engine")
    model: str = Field("base", description="name in models/whisper.toml, or a folder of weights")
    model_dir: Path | None = Field(None, description="where weights are kept; the data folder unless set")
    device: str = Field("auto", description="auto, cpu or cuda")
    compute_type: str = Field("int8", description="int8 on a CPU, float16 on a GPU")
    threads: int = Field(0, ge=0, description="0: as many as the machine has cores")
    language: str = Field("en", description="ISO 639-1 code, or auto")


class ClassifySettings(BaseModel):
    """How a transcript becomes a disposition and sources."""

    model_path: Path | None = Field(None, description="a trained pipeline; the packaged one unless set")
    encoder: bool = Field(True, description="understand answers by a sentence encoder too, fetched once into model_dir")

    @staticmethod
    def packages(data_dir: Path) -> Path:
        """The folder of classifiers that companies retrained on their reviewed calls."""
        return data_dir / "classifiers"


class Settings(BaseSettings):
    """Everything that can be set. Unknown keys under a known group are errors, so that a typing slip is seen."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", env_file=".env", extra="ignore", env_ignore_empty=True
    )

    data_dir: Path = Field(Path("data"), description="database, recordings, weights and broker of the embedded default")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")
    database: DatabaseSettings = DatabaseSettings()
    queue: QueueSettings = QueueSettings()
    carrier: CarrierSettings = CarrierSettings()
    web: WebSettings = WebSettings()
    storage: StorageSettings = StorageSettings()
    smtp: SmtpSettings = SmtpSettings()
    transcribe: TranscribeSettings = TranscribeSettings()
    classify: ClassifySettings = ClassifySettings()

    @model_validator(mode="after")
    def _fill_embedded_defaults(self) -> Self:
        data = self.data_dir.resolve()
        self.data_dir = data
        self.database.url = self.database.url or f"sqlite:///{data / 'voicebot.sqlite3'}"
        self.queue.broker_url = self.queue.broker_url or f"filesystem://{data / 'queue'}"
        self.storage.url = self.storage.url or f"file://{data / 'recordings'}"
        self.transcribe.model_dir = (self.transcribe.model_dir or data / "weights").resolve()
        if self.carrier.auth_token.get_secret_value().lower() in PLACEHOLDERS:
            raise ValueError("VOICEBOT_CARRIER__AUTH_TOKEN still holds a placeholder")
        if self.web.secret_key.get_secret_value().lower() in PLACEHOLDERS:
            raise ValueError("VOICEBOT_WEB__SECRET_KEY still holds a placeholder")
        return self


def _read_secret_files(environment: Mapping[str, str]) -> dict[str, str]:
    """Values named by `..._FILE` variables, as Docker secrets are given."""
    found: dict[str, str] = {}
    for name, path in environment.items():
        if name.startswith(PREFIX) and name.endswith("_FILE") and path:
            try:
                found[name.removesuffix("_FILE")] = Path(path).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise SettingsError(f"{name}: cannot read {path}: {error.strerror}.") from error
    return found


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The process's settings, read once. Raises SettingsError with every fault in plain words."""
    os.environ.update(_read_secret_files(os.environ))
    try:
        return Settings()
    except ValidationError as error:
        faults = [
            f"{PREFIX}{'__'.join(str(part) for part in fault['loc']).upper()}: {fault['msg']}"
            for fault in error.errors()
        ]
        raise SettingsError("The settings cannot be used:\n  " + "\n  ".join(faults)) from error
