"""Companies, the people who log in, and carrier accounts."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from voicebot.columns import Json, Money, Term, Utc, utc_now
from voicebot.tables.base import Row
from voicebot.terms import CreditModel, Role


class Company(Row, table=True):
    """The business being tracked. Every other row belongs to one.

    `redacts`: card numbers and the like are taken out of text and sound before anybody reads or hears them, in the
    `redacted_categories` (all while None). `deletes_carrier_copy`: None follows `redacts`.
    `hears_names`: the speech engine listens for `spoken_names` beside the company's own and its campaigns'.
    `classifier`: the retrained package that reads its calls, the installation's where empty.
    `review_below`: a verdict less probable than this goes to review, and the dialled campaign keeps the credit until
    then; `review_share`: calls drawn at random for review; `second_review_share`: of the reviewed, those that a second
    person judges too.
    """

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True, max_length=200)
    time_zone: str = Field(default="America/Chicago", max_length=64)
    currency: str = Field(default="USD", max_length=3)
    credit_model: CreditModel = Field(default=CreditModel.LAST_TOUCH, sa_type=Term(CreditModel))
    lead_window_days: int = 90
    redacts: bool = False
    redacted_categories: list[str] | None = Field(default=None, sa_type=Json)
    deletes_carrier_copy: bool | None = None
    hears_names: bool = False
    spoken_names: list[str] = Field(default_factory=list, sa_type=Json)
    alert_emails: list[str] = Field(default_factory=list, sa_type=Json)
    minute_price: Decimal = Field(default=Decimal("0.0240"), sa_type=Money)
    review_below: float = 0.9
    review_share: float = 0.05
    second_review_share: float = 0.2
    classifier: str = Field(default="", max_length=64)
    created_at: datetime = Field(default_factory=utc_now, sa_type=Utc)


class SettingChange(Row, table=True):
    """One setting of a company changed, kept for good. `changed_by` is None for the command line."""

    __tablename__ = "setting_change"

    id: int | None = Field(default=None, primary_key=True)
    company_id: int = Field(foreign_key="company.id", index=True)
    name: str = Field(max_length=64)
    before: str
    after: str
    changed_by: int | None = Field(default=None, foreign_key="user_account.id")
    changed_at: datetime = Field(default_factory=utc_now, sa_type=Utc)


class User(Row, table=True):
    """A person who logs in. `session_version` rises when every open session must end."""

    __tablename__ = "user_account"

    id: int | None = Field(default=None, primary_key=True)
    email: str = Field(unique=True, max_length=254)
    name: str = Field(default="", max_length=200)
    password_hash: str = ""
    session_version: int = 1
    created_at: datetime = Field(default_factory=utc_now, sa_type=Utc)


class Membership(Row, table=True):
    """What a user may do in a company."""

    __table_args__ = (UniqueConstraint("user_id", "company_id"),)

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user_account.id")
    company_id: int = Field(foreign_key="company.id", index=True)
    role: Role = Field(sa_type=Term(Role))


class CarrierAccount(Row, table=True):
    """A company's own carrier account; the installation's settings serve companies without one."""

    id: int | None = Field(default=None, primary_key=True)
    company_id: int = Field(foreign_key="company.id", index=True)
    account_sid: str = Field(unique=True, max_length=64)
    auth_token_encrypted: str
    shared_key_encrypted: str | None = None
    created_at: datetime = Field(default_factory=utc_now, sa_type=Utc)
