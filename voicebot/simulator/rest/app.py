"""The application: who may ask, which account it is about, and the resources it is made of."""

import secrets
import time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.security import HTTPBasic, HTTPBasicCredentials

from voicebot.simulator.account import AccountState
from voicebot.simulator.rest import calls, errors, market, numbers, placing, pricing, recordings
from voicebot.simulator.rest.account import PREFIX, Account, get_account
from voicebot.simulator.rest.errors import RestError

Credentials = Annotated[HTTPBasicCredentials | None, Depends(HTTPBasic(auto_error=False))]
router = APIRouter()


def create(account: AccountState) -> FastAPI:
    """The REST interface of one account, and the pricing that the carrier serves beside it."""
    app = FastAPI(openapi_url=None)
    app.state.account = account
    errors.install(app)
    for part in (router, market.router, numbers.router, calls.router, recordings.router):
        app.include_router(part, prefix=PREFIX, dependencies=[Depends(_own_account), Depends(_no_fault)])
    app.include_router(pricing.router, dependencies=[Depends(_known), Depends(_no_fault)])
    app.include_router(placing.router, dependencies=[Depends(_known)])
    return app


def _known(request: Request, given: Credentials) -> None:
    account = get_account(request)
    is_known = given is not None and given.username == account.account_sid
    if given is None or not is_known or not secrets.compare_digest(given.password, account.auth_token):
        raise RestError(401, 20003, "Authenticate")


def _own_account(request: Request, account_sid: str, given: Credentials) -> None:
    if not (get_account(request).faults.public_media and _is_media(request)):
        _known(request, given)
    if account_sid != get_account(request).account_sid:
        raise errors.not_found(request)


def _is_media(request: Request) -> bool:
    folder, _, name = request.url.path.rpartition("/")
    return request.method == "GET" and folder.endswith("/Recordings") and not name.endswith(".json")


def _no_fault(account: Account) -> None:
    faults = account.faults
    time.sleep(faults.delay_seconds)
    with account.lock:
        if faults.too_many > 0:
            faults.too_many -= 1
            raise RestError(429, 20429, "Too Many Requests")
        if faults.server_errors > 0:
            faults.server_errors -= 1
            raise RestError(503, 20503, "Service unavailable")


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
