"""The application: who may ask, which account it is about, and the resources it is made of."""

import secrets
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.security import HTTPBasic, HTTPBasicCredentials

from voicebot.simulator.account import AccountState
from voicebot.simulator.rest import calls, errors, numbers, recordings
from voicebot.simulator.rest.account import PREFIX, Account, get_account
from voicebot.simulator.rest.errors import RestError

Credentials = Annotated[HTTPBasicCredentials | None, Depends(HTTPBasic(auto_error=False))]
router = APIRouter()


def create(account: AccountState, *, refuse_first: int = 0) -> FastAPI:
    """The REST interface of one account. `refuse_first`: so many requests are answered 429 before any is served."""
    app = FastAPI(openapi_url=None)
    app.state.account, app.state.refusals_left = account, refuse_first
    errors.install(app)
    for part in (router, numbers.router, calls.router, recordings.router):
        app.include_router(part, prefix=PREFIX, dependencies=[Depends(_guard)])
    return app


def _guard(request: Request, account_sid: str, given: Credentials) -> None:
    account = get_account(request)
    is_known = given is not None and given.username == account.account_sid
    if given is None or not is_known or not secrets.compare_digest(given.password, account.auth_token):
        raise RestError(401, 20003, "Authenticate")
    if account_sid != account.account_sid:
        raise errors.not_found(request)
    with account.lock:
        if request.app.state.refusals_left > 0:
            request.app.state.refusals_left -= 1
            raise RestError(429, 20429, "Too Many Requests")


@router.get(".json")
def fetch_account(account: Account) -> dict[str, Any]:
    """The account itself."""
    return {
        "sid": account.account_sid,
        "owner_account_sid": account.account_sid,
        "friendly_name": "Simulated account",
        "status": "active",
        "type": "Full",
        "auth_token": account.auth_token,
        "date_created": None,
        "date_updated": None,
        "uri": f"/2010-04-01/Accounts/{account.account_sid}.json",
        "subresource_uris": {},
    }
