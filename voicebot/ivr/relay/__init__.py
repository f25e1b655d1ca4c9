"""ConversationRelay: the same dialogue over a websocket, streamed and interruptible.

The notice is said before the relay begins, by plain TwiML: nothing is streamed before it. Each finished utterance is
one turn of the dialogue, stored like a webhook. When the dialogue is done asking, `end` hands the call back, and the
action's webhook answers what comes next; so does a socket that broke, by forwarding at once.

https://www.twilio.com/docs/voice/conversationrelay/websocket-messages
"""
