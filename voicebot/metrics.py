"""Prometheus metrics of one process; `/metrics` shows them."""

from prometheus_client import Counter, Gauge, Histogram

WEBHOOKS = Counter("voicebot_webhooks_total", "Webhooks received", ["kind", "outcome"])
WEBHOOK_SECONDS = Histogram(
    "voicebot_webhook_seconds",
    "Time to answer a webhook",
    ["kind"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5),
)
STAGES = Counter("voicebot_stages_total", "Pipeline stages worked on", ["stage", "outcome"])
STAGE_SECONDS = Histogram(
    "voicebot_stage_seconds", "Time a stage took", ["stage"], buckets=(0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 1800)
)
# These are read from the database when they are asked for: the workers that do the work have no address of their own.
WAITING = Gauge("voicebot_calls_waiting", "Calls whose stage is due or being worked on", ["stage"])
AUDIO_SECONDS = Gauge("voicebot_transcribed_audio_seconds", "Seconds of audio in all transcripts")
TAKEN_SECONDS = Gauge("voicebot_transcribed_taken_seconds", "Seconds that all transcripts took")
