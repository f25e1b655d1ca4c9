#!/bin/sh
# The real servers and the browser that the tests run against, and the synthesisers that speak to Whisper. Does nothing when all are there; says plainly what is
# missing when it may not install.
set -eu

missing=""
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || command -v postgres >/dev/null 2>&1 || missing="$missing postgresql"
command -v redis-server >/dev/null 2>&1 || missing="$missing redis-server"
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
command -v flite >/dev/null 2>&1 || missing="$missing flite"
command -v espeak-ng >/dev/null 2>&1 || missing="$missing espeak-ng"
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "The tests need PostgreSQL, Redis, Chromium, flite and espeak-ng. Missing here, without apt-get to install them:$missing"
    exit 1
fi
as_root=""
if [ "$(id -u)" != 0 ]; then
    as_root="sudo -n"
    if ! $as_root true 2>/dev/null; then
        echo "The tests need these Debian packages, and installing them needs root:$missing"
        echo "Run: sudo apt-get install --no-install-recommends$missing"
        exit 1
    fi
fi
echo "Installing Debian packages:$missing"
# RUNLEVEL=1: the packages do not start services of the system, which the tests do not use.
quiet="env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -qq"
$as_root $quiet update
# shellcheck disable=SC2086
$as_root $quiet install -y --no-install-recommends $missing >/dev/null
