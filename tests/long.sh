#!/usr/bin/env bash
# Longer checks of truth, each a script in tests/long.
#   tests/long.sh             all of them
#   tests/long.sh SECTION...  some of them: digits, mnist, delays, golden, ...
# Prints what each found and the seconds that it took; fails if one fails. A section that cannot run here says why and
# passes.
set -euo pipefail
cd "$(dirname "$0")/.."
sections=("$@")
if [ "$#" = 0 ]; then
    mapfile -t sections < <(basename -s .sh -a tests/long/*.sh)
fi
for section in "${sections[@]}"; do
    if [ ! -f "tests/long/$section.sh" ]; then
        echo "no section \"$section\"; accepted: $(basename -s .sh -a tests/long/*.sh | paste -sd, | sed 's/,/, /g')" >&2
        exit 2
    fi
done
failed=()
for section in "${sections[@]}"; do
    printf '\n== long checks: %s\n' "$section"
    start=$SECONDS
    bash "tests/long/$section.sh" || failed+=("$section")
    printf '%s: %d s\n' "$section" $((SECONDS - start))
done
if [ "${#failed[@]}" -gt 0 ]; then
    printf '\nfailed: %s\n' "${failed[*]}"
    exit 1
fi
