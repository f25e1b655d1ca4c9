"""Passwords as argon2id hashes."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_LENGTH = 10

# RFC 9106's second recommended option (64 MiB, 3 passes, 4 lanes), the library's default.
_hasher = PasswordHasher()


def hash_password(password: str) -> str:
    """The password's argon2id hash, with its salt and cost in it."""
    return _hasher.hash(password)


def verify_password(stored: str | None, password: str) -> bool:
    """Whether `password` belongs to the hash `stored`.

    An unknown user (None or empty) costs the same time as a wrong password, so that the time tells nobody who exists.
    """
    try:
        return _hasher.verify(stored or _nobody(), password) and bool(stored)
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(stored: str) -> bool:
    """Whether a right password should be hashed again because the cost was raised since."""
    return _hasher.check_needs_rehash(stored)


@cache
def _nobody() -> str:
    return _hasher.hash("nobody has this password")
