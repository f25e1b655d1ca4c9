# One image for every process of Voicebot; docker-compose.yml says which command each container runs.
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1

# Nothing of ours runs as root. Volumes take their owner from these folders when they are first made.
RUN useradd --system --create-home --uid 10001 voicebot \
    && install -d -o voicebot -g voicebot /data /recordings /weights

WORKDIR /app

# The dependencies change seldom and our code often: apart, so that a new version rebuilds the small layer only.
COPY requirements/runtime.lock requirements/runtime.lock
RUN pip install --no-cache-dir --require-hashes --no-deps -r requirements/runtime.lock

COPY pyproject.toml README.md LICENSE NOTICE ./
COPY voicebot voicebot
COPY models models
RUN pip install --no-cache-dir --no-deps --no-build-isolation --editable .

USER voicebot
ENV VOICEBOT_DATA_DIR=/data \
    VOICEBOT_TRANSCRIBE__MODEL_DIR=/weights \
    VOICEBOT_WEB__HOST=0.0.0.0
VOLUME ["/data", "/recordings", "/weights"]
EXPOSE 8000

HEALTHCHECK --interval=15s --timeout=10s --start-period=60s --retries=3 CMD ["voicebot", "health", "web"]
CMD ["voicebot", "web"]
