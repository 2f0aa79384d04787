#!/usr/bin/env bash
# Debian splits `venv` off its python3: as root it is installed, else this says what to do.
set -eu
python=$1
version=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  apt-get update -qq && apt-get install -y -qq --no-install-recommends "$version" || apt-get install -y -qq --no-install-recommends python3-venv
else
  echo "This Python has no venv. Install it first, for example: sudo apt-get install $version" >&2
  exit 1
fi
