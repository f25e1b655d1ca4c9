"""Joins the dashboard to an application: routes, static files, and friendly pages for what is not there."""

from fastapi import FastAPI, Request, Response
from fastapi.exception_handlers import http_exception_handler
from fastapi.staticfiles import StaticFiles
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.types import Scope

from voicebot.errors import NotFound
from voicebot.numbers.market import Wanted
from voicebot.web import (
    asking,
    call,
    calls,
    campaign_report,
    campaigns,
    carrier_account,
    company_settings,
    flow_call,
    flows,
    login,
    number_market,
    number_sync,
    numbers,
    overview,
    quality,
    recordings,
    review,
    values,
)
from voicebot.web.flows import FlowTools
from voicebot.web.login import LoginLimits
from voicebot.web.render import STATIC
from voicebot.web.routes import SECURITY_HEADERS, error_answer

ROUTERS = tuple(
    module.router
    for module in (
        login,
        overview,
        calls,
        call,
        recordings,
        campaign_report,
        values,
        campaigns,
        asking,
        flow_call,
        flows,
        numbers,
        number_sync,
        number_market,
        carrier_account,
        review,
        quality,
        company_settings,
    )
)


class VersionedFiles(StaticFiles):
    """Static files, kept by browsers for good: their addresses change with their content."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, with how long it may be kept."""
        response = await super().get_response(path, scope)
        versioned = b"v=" in scope.get("query_string", b"")
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if versioned else "no-cache"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


def install(app: FastAPI, flow_tools: FlowTools, number_addresses: Wanted | None = None) -> None:
    """Put the dashboard's pages on `app`. Webhooks and the JSON API beside them are left as they are.

    In: `number_addresses`, what the carrier is to be told of a number; without it no number is bought or pointed here.
    """
    app.state.flow_tools = flow_tools
    app.state.login_limits = LoginLimits()
    app.state.number_addresses = number_addresses
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/static", VersionedFiles(directory=STATIC), name="static")
    app.add_exception_handler(HTTPException, _explain)


async def _explain(request: Request, error: Exception) -> Response:
    """A page for a person at an address that is not there; the usual JSON for every program."""
    assert isinstance(error, HTTPException)
    if error.status_code != 404 or "text/html" not in request.headers.get("accept", ""):
        return await http_exception_handler(request, error)
    response = await run_in_threadpool(error_answer, request, NotFound("There is no page at this address."))
    response.headers.update(SECURITY_HEADERS)
    return response
