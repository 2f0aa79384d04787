#!/usr/bin/env bash
# The browser tests use the Chromium or Chrome that is there; as root on Debian it is installed first.
set -eu
for name in chromium chromium-browser google-chrome google-chrome-stable; do
  command -v "$name" >/dev/null && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  (apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-noto-core) >/dev/null
fi
if [ -n "${REQUIRE_BROWSER:-}" ] && ! command -v chromium >/dev/null; then
  echo "REQUIRE_BROWSER is set, and there is no Chromium or Chrome." >&2
  exit 1
fi
