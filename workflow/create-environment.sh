#!/usr/bin/env bash
# Create a virtual environment from a lock file: create-environment.sh FOLDER LOCK. Safe to repeat.
set -euo pipefail
folder=$1 lock=$2

python=
for candidate in python3.13 python3.12 python3.11 python3; do
  if command -v "$candidate" >/dev/null &&
    "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    python=$candidate
    break
  fi
done
if [ -z "$python" ]; then
  echo "error: no Python 3.11 or newer on the PATH; install one (Debian: apt-get install python3 python3-venv)" >&2
  exit 1
fi

if ! "$python" -c 'import ensurepip' 2>/dev/null && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
  apt-get update -qq && apt-get install -y -qq --no-install-recommends "$(basename "$python")-venv"
fi
if ! "$python" -c 'import ensurepip' 2>/dev/null; then
  echo "error: $python cannot make virtual environments; install its venv package (Debian: apt-get install python3-venv)" >&2
  exit 1
fi

echo "Setting up $folder with $("$python" --version) from $lock (a few minutes the first time) ..." >&2
"$python" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$lock"
touch "$folder/.installed"
