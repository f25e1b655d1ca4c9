#!/bin/sh
# The real servers and the browser that the tests run against. Does nothing when all are there; says plainly what is
# missing when it may not install.
set -eu

missing=""
[ -x /usr/lib/postgresql/15/bin/postgres ] || ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || missing="$missing postgresql"
command -v redis-server >/dev/null 2>&1 || missing="$missing redis-server"
command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || missing="$missing chromium"
[ -n "$missing" ] || exit 0

as_root=""
if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        as_root="sudo -n"
    else
        echo "The tests need these Debian packages, and installing them needs root:$missing"
        echo "Run: sudo apt-get install$missing"
        exit 1
    fi
fi
if ! command -v apt-get >/dev/null 2>&1; then
    echo "The tests need PostgreSQL, Redis and Chromium; there is no apt-get here to install:$missing"
    exit 1
fi
echo "Installing Debian packages:$missing"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq
# shellcheck disable=SC2086
$as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
