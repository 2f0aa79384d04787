#!/usr/bin/env bash
# The last lines of `make test`: what was not run here, if anything.
set -eu
found=
for name in chromium chromium-browser google-chrome google-chrome-stable; do
  command -v "$name" >/dev/null && found=$name
done
[ -n "$found" ] || echo "NOT RUN: the browser tests; there is no Chromium or Chrome here. Install one and run: make browser"
command -v node >/dev/null && command -v npm >/dev/null || echo "NOT RUN: the interop tests that need Node; there is none here. Install it and run: make interop"
