"""`<Connect><ConversationRelay>`: the network hears and speaks, and talks to the product's bot over a websocket.

https://www.twilio.com/docs/voice/conversationrelay/websocket-messages and the pages of errors 64101 to 64107.
"""

from voicebot.simulator.relay.connect import connect

__all__ = ["connect"]
