"""One error family. `permanent` says whether trying the same thing again can help."""


class VoicebotError(Exception):
    """Base of every error raised on purpose.

    The message is written for a person and is shown on the call's page, in the logs and by the command line.
    """

    permanent = True


class SettingsError(VoicebotError):
    """The configuration cannot be used."""


class InvalidInput(VoicebotError):  # noqa: N818 - reads better where it is raised
    """A form, file or request does not say what it must."""


class NotFound(VoicebotError):  # noqa: N818
    """The row or file asked for does not exist, or belongs to another company."""


class Conflict(VoicebotError):  # noqa: N818
    """The request contradicts what is stored."""


class CarrierError(VoicebotError):
    """The carrier refused or did not answer.

    Attributes: `code`, the carrier's own error code where it gave one; `permanent`, False when a retry may work.
    """

    def __init__(self, message: str, *, code: int | None = None, permanent: bool = True) -> None:
        super().__init__(message)
        self.code = code
        self.permanent = permanent


class StorageError(VoicebotError):
    """A recording could not be written, read or verified."""

    permanent = False


class AudioError(VoicebotError):
    """The audio is not audio that we can read."""


class ModelError(VoicebotError):
    """Weights or a trained pipeline are missing, damaged or of another version."""


class QueueError(VoicebotError):
    """The broker did not take a message. Nothing is lost: the sweeper brings the work back."""

    permanent = False


class MailError(VoicebotError):
    """A mail could not be handed over. `permanent`: False when a retry may work."""

    def __init__(self, message: str, *, permanent: bool) -> None:
        super().__init__(message)
        self.permanent = permanent
