#!/usr/bin/env bash
# Every row of the reference for integer delays, at every delay that tells.
set -euo pipefail
log="$(mktemp)"
trap 'rm -f "$log"' EXIT
if ! EQUIPOISE_LONG=1 cargo test --quiet -p equipoise-tests --test discrete_rows > "$log" 2>&1; then
    cat "$log"
    exit 1
fi
echo "every row of the reference  ok"
