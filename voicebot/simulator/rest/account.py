"""The account that a request is about, and where its resources live."""

from typing import Annotated

from fastapi import Depends, Request

from voicebot.simulator.account import AccountState

VERSION = "2010-04-01"
PREFIX = f"/{VERSION}/Accounts/{{account_sid}}"


def get_account(request: Request) -> AccountState:
    """The application's account."""
    account: AccountState = request.app.state.account
    return account


Account = Annotated[AccountState, Depends(get_account)]


def uri_of(account: AccountState, path: str) -> str:
    """A resource's own address, relative as the carrier gives it."""
    return f"/{VERSION}/Accounts/{account.account_sid}/{path}"
