"""The kind of route every page is: our errors become pages, and every answer carries the security headers."""

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from voicebot import logs
from voicebot.db import get_database
from voicebot.errors import Conflict, InvalidInput, NotFound, VoicebotError
from voicebot.web.access import Forbidden, LoginNeeded, refuse_cross_site
from voicebot.web.render import render_page
from voicebot.web.sessions import Viewer, find_viewer

log = logs.get(__name__)

STATUS_OF: dict[type[VoicebotError], int] = {
    LoginNeeded: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    InvalidInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    Conflict: HTTPStatus.CONFLICT,
}
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    # Calls are private: nothing of them stays in a shared cache or behind the Back button after logging out.
    "Cache-Control": "private, no-store",
}
# A row's id in an address; a greater number would not fit the column.
RowId = Annotated[int, Path(ge=1, le=2**31 - 1)]
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class PageRoute(APIRoute):
    """A route of the dashboard."""

    def get_route_handler(self) -> Handler:
        """The route's handler, with our errors turned into answers."""
        run = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                response = await run(request)
            except VoicebotError as error:
                response = await run_in_threadpool(error_answer, request, error)
            except RequestValidationError:
                # The types in a path or query come from our own links: anything else was made up.
                response = await run_in_threadpool(error_answer, request, NotFound("There is no such page."))
            response.headers.update(SECURITY_HEADERS)
            return response

        return handle


def page_router() -> APIRouter:
    """A router whose routes are pages and whose forms are refused from other sites."""
    return APIRouter(route_class=PageRoute, dependencies=[Depends(refuse_cross_site)], include_in_schema=False)


def error_answer(request: Request, error: VoicebotError) -> Response:
    """An error as a redirect to the login, a page or JSON, by what was asked for."""
    if isinstance(error, LoginNeeded) and wants_page(request) and request.method == "GET":
        return RedirectResponse(f"/login?next={quote(_here(request), safe='')}", HTTPStatus.SEE_OTHER)
    status = next((code for kind, code in STATUS_OF.items() if isinstance(error, kind)), 0)
    if not status:
        status = HTTPStatus.SERVICE_UNAVAILABLE
        log.error("page_failed", path=request.url.path, error=str(error))
    if not wants_page(request):
        return JSONResponse({"error": str(error)}, status)
    title = HTTPStatus(status).phrase.capitalize()
    return render_page(request, "error.html", _viewer(request), status=status, title=title, message=str(error))


def wants_page(request: Request) -> bool:
    """Whether the answer is looked at in a browser's window rather than read by a program or a player."""
    path = request.url.path
    return not (path.endswith((".json", ".csv")) or path.startswith("/recordings/"))


def _here(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _viewer(request: Request) -> Viewer | None:
    with get_database().reading() as session:
        return find_viewer(session, request)
