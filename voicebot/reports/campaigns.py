"""The company's campaigns with their numbers and the money entered for them."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from voicebot.columns import utc_now
from voicebot.errors import NotFound
from voicebot.tables import Campaign, NumberAssignment, Spend, TrackingNumber


@dataclass(frozen=True, slots=True)
class CampaignView:
    """A campaign; `numbers` are those that stand for it now, E.164; `spend` is newest first."""

    campaign: Campaign
    numbers: tuple[str, ...]
    spend: tuple[Spend, ...]


def list_campaigns(session: Session, company_id: int) -> list[CampaignView]:
    """All campaigns, the newest start first."""
    mine = select(Campaign).where(col(Campaign.company_id) == company_id)
    campaigns = session.exec(mine.order_by(col(Campaign.starts_on).desc(), col(Campaign.name))).all()
    ids = [campaign.id for campaign in campaigns]
    now = utc_now()
    entered = session.exec(
        select(Spend).where(col(Spend.campaign_id).in_(ids)).order_by(col(Spend.starts_on).desc(), col(Spend.id).desc())
    ).all()
    numbers = session.exec(
        select(NumberAssignment.campaign_id, TrackingNumber.number)
        .join(TrackingNumber, col(TrackingNumber.id) == col(NumberAssignment.tracking_number_id))
        .where(col(NumberAssignment.campaign_id).in_(ids), col(NumberAssignment.starts_at) <= now)
        .where(col(NumberAssignment.ends_at).is_(None) | (col(NumberAssignment.ends_at) > now))
        .order_by(col(TrackingNumber.number))
    ).all()
    return [
        CampaignView(
            campaign=campaign,
            numbers=tuple(number for campaign_id, number in numbers if campaign_id == campaign.id),
            spend=tuple(entry for entry in entered if entry.campaign_id == campaign.id),
        )
        for campaign in campaigns
    ]


def company_campaign(session: Session, company_id: int, campaign_id: int) -> Campaign:
    """The campaign. Raises NotFound when there is none, or another company has it."""
    query = select(Campaign).where(col(Campaign.id) == campaign_id, col(Campaign.company_id) == company_id)
    campaign = session.exec(query).one_or_none()
    if campaign is None:
        raise NotFound("There is no such campaign.")
    return campaign


def company_spend(session: Session, company_id: int, spend_id: int) -> Spend:
    """An entry of money spent. Raises NotFound when there is none, or another company has it."""
    query = (
        select(Spend)
        .join(Campaign, col(Campaign.id) == col(Spend.campaign_id))
        .where(col(Spend.id) == spend_id, col(Campaign.company_id) == company_id)
    )
    entry = session.exec(query).one_or_none()
    if entry is None:
        raise NotFound("There is no such entry.")
    return entry
