"""Errors in the carrier's own shape: {code, message, more_info, status}."""

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException


class RestError(HTTPException):
    """`status` is HTTP's, `code` the carrier's."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(status, message)
        self.code = code


def not_found(request: Request) -> RestError:
    """What the carrier says of a resource that it does not have."""
    return RestError(404, 20404, f"The requested resource {request.url.path} was not found")


def install(app: FastAPI) -> None:
    """Give every error of the application the carrier's shape, the framework's own ones too."""

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if not isinstance(error, RestError):
            code = 20004 if error.status_code == 405 else 20404
            error = RestError(error.status_code, code, str(error.detail))
        return _body(error)

    async def on_invalid(_request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        faults = "; ".join(f"{fault['loc'][-1]}: {fault['msg']}" for fault in error.errors())
        return _body(RestError(400, 20001, f"Invalid parameter: {faults}"))

    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(RequestValidationError, on_invalid)


def _body(error: RestError) -> JSONResponse:
    body = {
        "code": error.code,
        "message": error.detail,
        "more_info": f"https://www.twilio.com/docs/errors/{error.code}",
        "status": error.status_code,
    }
    headers = {"WWW-Authenticate": 'Basic realm="Twilio API"'} if error.status_code == 401 else {}
    return JSONResponse(body, status_code=error.status_code, headers=headers)
