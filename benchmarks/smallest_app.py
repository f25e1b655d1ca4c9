"""The smallest FastAPI application that a webhook could be answered with: the peer of `voicebot bench webhook`.

One async route that parses the form and checks the signature with the very functions that Voicebot uses, and answers
a fixed document. No database, no call flow, no memory of any call.
"""

import os
from urllib.parse import parse_qsl

from fastapi import FastAPI, Request, Response

from voicebot.carrier import signature

PUBLIC_URL = os.environ["PEER_PUBLIC_URL"]
TOKEN = os.environ["PEER_AUTH_TOKEN"]
TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response><Dial>+15125550199</Dial></Response>'

app = FastAPI()


@app.post("/webhooks/{path:path}")
async def webhook(request: Request) -> Response:
    """Dial the business, whatever the carrier says."""
    body = await request.body()
    form = parse_qsl(body.decode(), keep_blank_values=True)
    url = PUBLIC_URL + request.url.path
    if not signature.verify(url=url, form=form, body=body, headers=request.headers, auth_token=TOKEN):
        return Response(status_code=403)
    return Response(TWIML, media_type="text/xml")
