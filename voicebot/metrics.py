"""Prometheus metrics of one process; `/metrics` shows them."""

from prometheus_client import Counter, Histogram

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
AUDIO_SECONDS = Counter("voicebot_audio_seconds_total", "Seconds of audio transcribed")
