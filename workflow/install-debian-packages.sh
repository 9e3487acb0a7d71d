#!/usr/bin/env bash
# Install what a list of Debian packages names (workflow/debian-packages.txt where none is given),
# where this user may. Safe to repeat: asks for nothing that is there already. Never fails: what is
# missing is said, with what it costs.
set -uo pipefail
list=${1:-$(dirname "$0")/debian-packages.txt}

lines=$(grep -vE '^[[:space:]]*(#|$)' "$list")
missing=()
while read -r package _; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing+=("$package")
done <<<"$lines"
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
  if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then as_root="sudo -n"; else as_root=no; fi
fi
if [ "$as_root" != no ] && command -v apt-get >/dev/null; then
  echo "Installing Debian packages: ${missing[*]} ..." >&2
  log=$(mktemp)
  if $as_root apt-get update -qq >"$log" 2>&1 &&
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >>"$log" 2>&1; then
    rm -f "$log"
    exit 0
  fi
  echo "apt-get did not install them; its last words (all of them: $log):" >&2
  tail -n 5 "$log" >&2
fi
for package in "${missing[@]}"; do
  cost=$(grep -E "^$package[[:space:]]" <<<"$lines" | sed -E 's/^[^#]*#[[:space:]]*//')
  echo "missing: $package (needs root: apt-get install $package). Without it: $cost" >&2
done
exit 0
