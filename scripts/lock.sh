#!/bin/sh
# Resolve every lock anew. Universal: the same files serve Linux and macOS, Python 3.11 and newer.
set -eu
.venv/bin/python -m pip --disable-pip-version-check install --quiet uv
compile() {
    .venv/bin/python -m uv pip compile "$@" --python-version 3.11 --universal --generate-hashes --no-emit-index-url \
        --custom-compile-command "make lock" --quiet
}
compile pyproject.toml requirements/build.in -o requirements/runtime.lock
compile pyproject.toml requirements/build.in --extra test --extra s3 -c requirements/runtime.lock -o requirements/test.lock
compile requirements/openai-whisper.in --no-deps -o requirements/openai-whisper.lock
