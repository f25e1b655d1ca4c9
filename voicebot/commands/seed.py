"""Fill an installation from a file, make logins, and print the webhook addresses."""

import json
import secrets
from dataclasses import asdict
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from sqlmodel import Session, col, select

from voicebot import db, passwords, phone, taxonomy
from voicebot.commands.companies import company_named
from voicebot.errors import InvalidInput
from voicebot.ivr import flow as flows
from voicebot.ivr import versions
from voicebot.ivr.addresses import addresses
from voicebot.settings import get_settings
from voicebot.tables import (
    CallFlow,
    Campaign,
    Company,
    Destination,
    Membership,
    NumberAssignment,
    Spend,
    TrackingNumber,
    User,
)
from voicebot.terms import CreditModel, Role


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CompanyEntry(_Entry):
    """The business."""

    name: str = Field(min_length=1, max_length=200)
    time_zone: str = "America/Chicago"
    currency: str = Field("USD", pattern=r"^[A-Z]{3}$")
    credit_model: CreditModel = CreditModel.LAST_TOUCH
    redacts: bool = False
    alert_emails: list[str] = Field(default_factory=list)

    @field_validator("time_zone")
    @classmethod
    def _exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{value!r} is no time zone") from error
        return value


class UserEntry(_Entry):
    """A login. Without a password one is made and printed once."""

    email: str = Field(pattern=r"^[^@\s]+@[^@\s]+$", max_length=254)
    name: str = ""
    role: Role = Role.ADMIN
    password: str | None = Field(None, min_length=10)


class DestinationEntry(_Entry):
    """A number of the business."""

    label: str
    number: str


class FlowEntry(_Entry):
    """A call flow; an empty document is the shipped one."""

    name: str
    document: dict[str, Any] = Field(default_factory=dict)


class SpendEntry(_Entry):
    """Money spent over a span of days."""

    starts_on: date
    ends_on: date
    amount: Decimal = Field(ge=0)
    note: str = ""


class CampaignEntry(_Entry):
    """A campaign with its spend."""

    name: str
    source: str
    starts_on: date
    ends_on: date | None = None
    spend: list[SpendEntry] = Field(default_factory=list)

    @field_validator("source")
    @classmethod
    def _is_a_source(cls, value: str) -> str:
        try:
            return taxonomy.source(value).id
        except InvalidInput as error:
            raise ValueError(str(error)) from error


class NumberEntry(_Entry):
    """A tracking number and what hangs on it."""

    number: str
    campaign: str
    destination: str
    call_flow: str
    kind: str = Field("local", pattern="^(local|toll_free)$")
    monthly_rent: Decimal = Field(Decimal("1.15"), ge=0)


class Seed(_Entry):
    """The whole file; docs/seed.md describes it."""

    company: CompanyEntry
    users: list[UserEntry] = Field(default_factory=list)
    destinations: list[DestinationEntry] = Field(min_length=1)
    call_flows: list[FlowEntry] = Field(min_length=1)
    campaigns: list[CampaignEntry] = Field(default_factory=list)
    tracking_numbers: list[NumberEntry] = Field(default_factory=list)


def seed(file: Annotated[Path, typer.Argument(help="a YAML file; see docs/seed.md")]) -> None:
    """Create or complete a company from a file. What is already there stays: running it twice changes nothing."""
    entries = read(file)
    db.migrate(db.get_database())
    with db.get_database().writing() as session:
        made = sow(session, entries)
    for email, password in made.items():
        typer.echo(f"Login {email} with password {password}")
    typer.echo(f"{entries.company.name}: {len(entries.tracking_numbers)} tracking numbers are in place.")


def read(file: Path) -> Seed:
    """The file, validated. Raises InvalidInput naming every fault by its place."""
    try:
        return Seed.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError) as error:
        raise InvalidInput(f"{file} cannot be read: {error}") from error
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
        raise InvalidInput(f"{file}: " + "; ".join(faults)) from error


def sow(session: Session, entries: Seed) -> dict[str, str]:
    """Write what is missing. Out: the passwords made for new logins, by email."""
    company = _company(session, entries.company)
    made = {
        entry.email: password
        for entry in entries.users
        if (password := add_user(session, company, entry.email, entry.name, entry.role, entry.password))
    }
    for destination in entries.destinations:
        _destination(session, company, destination)
    for flow in entries.call_flows:
        _call_flow(session, company, flow)
    for campaign in entries.campaigns:
        _campaign(session, company, campaign)
    for number in entries.tracking_numbers:
        _tracking_number(session, company, number)
    return made


def _company(session: Session, entry: CompanyEntry) -> int:
    row = session.exec(select(Company).where(col(Company.name) == entry.name)).first()
    if row is None:
        row = Company(**entry.model_dump())
        session.add(row)
        session.flush()
    assert row.id is not None
    return row.id


def add_user(
    session: Session, company_id: int, email: str, name: str, role: Role, password: str | None = None
) -> str | None:
    """A login with a role in the company. Out: the password when one had to be made, else None."""
    user_row = session.exec(select(User).where(col(User.email) == email.lower())).first()
    made = None
    if user_row is None:
        made = None if password else secrets.token_urlsafe(12)
        chosen = password or made
        assert chosen is not None
        user_row = User(email=email.lower(), name=name, password_hash=passwords.hash_password(chosen))
        session.add(user_row)
        session.flush()
    assert user_row.id is not None
    of_user = select(Membership).where(col(Membership.user_id) == user_row.id, col(Membership.company_id) == company_id)
    if session.exec(of_user).first() is None:
        session.add(Membership(user_id=user_row.id, company_id=company_id, role=role))
    return made


def _destination(session: Session, company_id: int, entry: DestinationEntry) -> None:
    number = phone.parse_e164(entry.number)
    row = _named(session, Destination, Destination.label, company_id, entry.label)
    if row is None:
        session.add(Destination(company_id=company_id, label=entry.label, number=number))
        session.flush()


def _call_flow(session: Session, company_id: int, entry: FlowEntry) -> None:
    company = session.get_one(Company, company_id)
    document = entry.document or flows.shipped(company.name)
    versions.store(session, company_id, entry.name, flows.parse(document))


def _campaign(session: Session, company_id: int, entry: CampaignEntry) -> None:
    if _named(session, Campaign, Campaign.name, company_id, entry.name) is not None:
        return
    company = session.get_one(Company, company_id)
    row = Campaign(company_id=company_id, **entry.model_dump(exclude={"spend"}))
    session.add(row)
    session.flush()
    assert row.id is not None
    for spent in entry.spend:
        session.add(Spend(campaign_id=row.id, currency=company.currency, **spent.model_dump()))


def _tracking_number(session: Session, company_id: int, entry: NumberEntry) -> None:
    number = phone.parse_e164(entry.number)
    row = session.exec(select(TrackingNumber).where(col(TrackingNumber.number) == number)).first()
    if row is not None:
        if row.company_id != company_id:
            raise InvalidInput(f"{number} belongs to another company of this installation.")
        return
    destination = _required(session, Destination, Destination.label, company_id, entry.destination)
    call_flow = _required(session, CallFlow, CallFlow.name, company_id, entry.call_flow)
    campaign = _required(session, Campaign, Campaign.name, company_id, entry.campaign)
    row = TrackingNumber(
        company_id=company_id,
        number=number,
        destination_id=destination.id,
        call_flow_id=call_flow.id,
        kind=entry.kind,
        monthly_rent=entry.monthly_rent,
        rented_on=campaign.starts_on,
    )
    session.add(row)
    session.flush()
    assert row.id is not None
    starts = datetime.combine(campaign.starts_on, time(), UTC)
    session.add(NumberAssignment(tracking_number_id=row.id, campaign_id=campaign.id, starts_at=min(starts, _now())))


def _now() -> datetime:
    return datetime.now(UTC)


def _named(session: Session, table: Any, column: Any, company_id: int, name: str) -> Any:
    return session.exec(select(table).where(table.company_id == company_id, col(column) == name)).first()


def _required(session: Session, table: Any, column: Any, company_id: int, name: str) -> Any:
    row = _named(session, table, column, company_id, name)
    if row is None:
        raise InvalidInput(f"{table.__name__} {name!r} is named by a tracking number and is not in the file.")
    return row


def user(
    email: Annotated[str, typer.Argument(help="the login's email address")],
    company: Annotated[str, typer.Option(help="the company's name")],
    role: Annotated[Role, typer.Option(help="what the user may do")] = Role.ADMIN,
    name: Annotated[str, typer.Option(help="the user's name")] = "",
) -> None:
    """Make a login for a company; its password is printed once."""
    with db.get_database().writing() as session:
        row = company_named(session, company)
        assert row.id is not None
        password = add_user(session, row.id, email, name, role)
    typer.echo(f"Login {email} with password {password}" if password else f"{email} now belongs to {company}.")


def webhooks(
    json_file: Annotated[Path | None, typer.Option("--json", help="write them to this file")] = None,
) -> None:
    """Print the webhook addresses to configure for each tracking number."""
    if json_file is None:
        print_addresses()
        return
    json_file.write_text(json.dumps(number_addresses(), indent=2) + "\n", encoding="utf-8")


def number_addresses() -> list[dict[str, str]]:
    """Per tracking number: `number`, `voice_url`, `voice_fallback_url`, `status_callback`, `method`."""
    wanted = asdict(addresses(get_settings().web.public_url))
    with db.get_database().reading() as session:
        numbers = session.exec(select(TrackingNumber.number).order_by(col(TrackingNumber.number))).all()
    return [{"number": number, **wanted, "method": "POST"} for number in numbers]


def print_addresses() -> None:
    """The addresses as text."""
    wanted = addresses(get_settings().web.public_url)
    typer.echo("Configure each tracking number with these addresses (POST), or let `voicebot numbers sync` do it:")
    typer.echo(f"  A call comes in:      {wanted.voice_url}")
    typer.echo(f"  Primary handler fails: {wanted.voice_fallback_url}")
    typer.echo(f"  Call status changes:  {wanted.status_callback}")
    for row in number_addresses():
        typer.echo(f"  {row['number']}")
