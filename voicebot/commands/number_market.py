"""`voicebot numbers search|buy|release|import`: numbers for sale, bought, given back, and taken over."""

from dataclasses import asdict
from decimal import Decimal, InvalidOperation
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from sqlmodel import Session

from voicebot import db, phone
from voicebot.carrier import accounts, offers, prices
from voicebot.carrier import numbers as carrier
from voicebot.carrier.account import Account
from voicebot.carrier.offers import LOCAL, MOST, TOLL_FREE, Question
from voicebot.carrier.prices import Price
from voicebot.columns import utc_now
from voicebot.commands.output import print_json, print_rows
from voicebot.errors import InvalidInput, SettingsError
from voicebot.ivr.addresses import of_number
from voicebot.numbers import importing, market, names, registering
from voicebot.numbers.history import read_moment
from voicebot.numbers.registering import Place
from voicebot.settings import get_settings

CompanyName = Annotated[str, typer.Option("--company", help="the company's name; needed where there are several")]
CampaignName = Annotated[str, typer.Option("--campaign", help="the campaign that the number is to stand for")]
DestinationLabel = Annotated[
    str, typer.Option("--destination", help="where it rings, by label; needed where there are several")
]
FlowName = Annotated[str, typer.Option("--call-flow", help="the call flow, by name; needed where there are several")]
Rent = Annotated[str, typer.Option("--monthly-rent", help="the rent to note; what the carrier asks unless given")]
Yes = Annotated[bool, typer.Option("--yes", help="do not ask")]
Json = Annotated[bool, typer.Option("--json", help="print it for a program")]


def search(
    area_code: Annotated[str, typer.Option(help="three digits, like 512")] = "",
    city: Annotated[str, typer.Option(help="like Austin; with --region")] = "",
    region: Annotated[str, typer.Option(help="state or province, like TX")] = "",
    zip_code: Annotated[str, typer.Option("--zip", help="postal code")] = "",
    pattern: Annotated[str, typer.Option(help="digits or letters in it, * for any digit: 512***ROOF")] = "",
    near: Annotated[str, typer.Option(help="within 25 miles of this number")] = "",
    toll_free: Annotated[bool, typer.Option("--toll-free", help="toll-free instead of local numbers")] = False,
    country: Annotated[str, typer.Option(help="ISO code")] = "US",
    limit: Annotated[int, typer.Option(min=1, max=MOST, help="how many to show")] = 10,
    company: CompanyName = "",
    json_wanted: Json = False,
) -> None:
    """Show numbers for sale and what one costs each month. Nothing is bought."""
    question = Question(
        country=country.upper(),
        kind=TOLL_FREE if toll_free else LOCAL,
        area_code=area_code,
        city=city,
        region=region,
        postal_code=zip_code,
        contains=pattern,
        near=phone.parse_e164(near, country.upper()) if near else "",
    )
    account = searching_account(company)
    found = offers.find(account, question, limit)
    price = prices.monthly(account, question.country, question.kind)
    if json_wanted:
        print_json({"price": asdict(price), "numbers": [asdict(offer) for offer in found]})
        return
    print_rows([_cells(offer) for offer in found])
    typer.echo(
        f"Each costs {price}." if found else "None is for sale: try a neighbouring area code or a looser pattern."
    )


def buy(
    number: Annotated[str, typer.Argument(help="a number that `numbers search` shows")],
    campaign: CampaignName,
    destination: DestinationLabel = "",
    call_flow: FlowName = "",
    company: CompanyName = "",
    monthly_rent: Rent = "",
    address_sid: Annotated[str, typer.Option(help="AD..., where the country asks for an address")] = "",
    bundle_sid: Annotated[str, typer.Option(help="BU..., where the country asks for a regulatory bundle")] = "",
    yes: Yes = False,
) -> None:
    """Buy a number: configured, registered and assigned in one step, once a signed round trip here has worked."""
    e164 = phone.parse_e164(number)
    with db.get_database().reading() as session:
        place = find_place(session, company, destination, call_flow, campaign)
        account = account_of(session, place.company_id)
        registering.refuse_what_cannot_be(session, e164, place, utc_now())
    price = price_of(account, e164)
    rent = rent_to_note(monthly_rent, price)
    typer.echo(f"{phone.display(e164)} ({e164}) costs {price}.")
    if not yes:
        typer.confirm(f"Buy it for {campaign} of {place.company.name}?", abort=True)
    papers = {"address_sid": address_sid, "bundle_sid": bundle_sid}
    market.buy(account, e164, place, rent, of_number, get_settings().web.public_url, **papers)
    typer.echo(f"{e164} is bought, rings at {place.destination.number} and stands for {campaign} from now on.")


def release(
    number: Annotated[str, typer.Argument(help="a number registered here")],
    yes: Yes = False,
) -> None:
    """Give a number back to the carrier: its calls and history stay, and nobody can call it any more."""
    with db.get_database().reading() as session:
        row = names.tracking_number(session, number)
        account = account_of(session, row.company_id)
        rang = market.calls_lately(session, row)
    typer.echo(
        f"{row.number} had {rang} calls in the last 30 days. Who calls it hereafter hears that it is not in service."
    )
    if not yes:
        typer.confirm("Give it back for good?", abort=True)
    had = market.release(account, row)
    typer.echo(
        f"{row.number} is released." if had else f"{row.number} is released; the account did not have it any more."
    )


def import_numbers(
    numbers: Annotated[list[str] | None, typer.Argument(help="numbers of the account")] = None,
    everything: Annotated[bool, typer.Option("--all", help="all that are not registered here")] = False,
    campaign: CampaignName = "",
    since: Annotated[str, typer.Option("--from", help="since when they stand for it; now unless given")] = "",
    destination: DestinationLabel = "",
    call_flow: FlowName = "",
    company: CompanyName = "",
    monthly_rent: Rent = "",
) -> None:
    """Register numbers that the account has already. What they do at the carrier stays: `numbers sync` changes that."""
    with db.get_database().reading() as session:
        place = find_place(session, company, destination, call_flow, campaign)
        account = account_of(session, place.company_id)
    owned = carrier.owned(account)
    with db.get_database().reading() as session:
        unregistered = importing.sorted_out(session, owned).unregistered
    wanted = (
        list(unregistered) if everything else importing.named(owned, [phone.parse_e164(one) for one in numbers or ()])
    )
    if not wanted:
        _name_unregistered([one.number for one in unregistered])
        return
    starts_at = read_moment(since, ZoneInfo(place.company.time_zone)) or utc_now()
    rents = {number: rent_to_note(monthly_rent, price_of(account, number)) for number in {one.number for one in wanted}}
    with db.get_database().writing() as session:
        made = [one.number for one in wanted if importing.take_over(session, one, place, rents[one.number], starts_at)]
    for one in wanted:
        typer.echo(f"{one.number} " + ("is registered." if one.number in made else "was registered already."))
    if made:
        typer.echo("`voicebot numbers sync` shows what would point them here.")


def _name_unregistered(numbers: list[str]) -> None:
    for number in numbers:
        typer.echo(number)
    typer.echo(
        "Nothing was registered: name numbers, or give --all."
        if numbers
        else "Every number of the account is registered."
    )


def price_of(account: Account, number: str) -> Price:
    """What this number costs each month."""
    kind = TOLL_FREE if phone.is_toll_free(number) else LOCAL
    return prices.monthly(account, phone.country(number), kind)


def find_place(session: Session, company: str, destination: str, call_flow: str, campaign: str) -> Place:
    """What people named, as rows of one company. Raises NotFound or InvalidInput."""
    owner = names.company(session, company)
    assert owner.id is not None
    return Place(
        owner,
        names.destination(session, owner.id, destination),
        names.call_flow(session, owner.id, call_flow),
        names.campaign(session, owner.id, campaign) if campaign else None,
    )


def account_of(session: Session, company_id: int) -> Account:
    """The account that serves the company. Raises SettingsError when there is none."""
    account = accounts.for_company(session, company_id)
    if account is None:
        raise SettingsError(accounts.MISSING)
    return account


def searching_account(company: str) -> Account:
    """The named company's account, else the installation's, else that of the only company."""
    default = accounts.installation()
    if default is not None and not company:
        return default
    with db.get_database().reading() as session:
        return account_of(session, names.company(session, company).id or 0)


def rent_to_note(text: str, price: Price) -> Decimal:
    """The rent that is kept with a number. Raises InvalidInput where nobody says it."""
    if not text and price.monthly is not None:
        return price.monthly
    try:
        rent = Decimal(text)
    except InvalidOperation:
        rent = Decimal(-1)
    if not 0 <= rent < 10_000:
        raise InvalidInput("The monthly rent is not known: give it with --monthly-rent, like 1.15.")
    return rent


def _cells(offer: offers.Offer) -> list[str]:
    place = " ".join(part for part in (offer.city, offer.region, offer.postal_code) if part)
    papers = "needs an address on file" if offer.needs_address else ""
    return [offer.number, phone.display(offer.number), offer.kind.replace("_", "-"), place, papers]
