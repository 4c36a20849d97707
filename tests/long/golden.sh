#!/usr/bin/env bash
# One epoch of the default run has the same digest in every build.
set -euo pipefail
out="$(mktemp -d)"
trap 'rm -rf "$out"' EXIT
golden="$(cat crates/cli/tests/golden/one-epoch-of-the-default-run.digest)"
digest_of() {
    "$1" run --quiet --set data.epochs=1 --out "$out/golden" --overwrite > /dev/null
    sed -n 's/^ *"digest": "\(.*\)".*/\1/p' "$out/golden/summary.json"
}
cargo build --release --quiet
RUSTFLAGS="-C target-cpu=native" CARGO_TARGET_DIR=target/native cargo build --release --quiet
cargo build --quiet
failed=0
for build in target/release target/native/release target/debug; do
    found="$(digest_of "$build/equipoise")"
    if [ "$found" = "$golden" ]; then verdict=ok; else verdict=MISSED failed=1; fi
    printf '%-28s golden digest %s, found %s  %s\n' "$build" "$golden" "$found" "$verdict"
done
exit "$failed"
