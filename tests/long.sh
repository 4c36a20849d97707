#!/usr/bin/env bash
# Accuracy over five seeds on the digits, and on MNIST where EQUIPOISE_DATA has it; the golden digest in three
# builds. Fails where a bar or a digest is missed.
set -euo pipefail
cd "$(dirname "$0")/.."
program=target/release/equipoise
out="$(mktemp -d)"
trap 'rm -rf "$out"' EXIT
failed=0

# accuracy FOLDER: test accuracy in per cent, from summary.json
accuracy() { sed -n 's/^ *"test": \([0-9.]*\).*/\1/p' "$1/summary.json" | awk '{ printf "%.4f\n", 100 * $1 }'; }

# bar NAME MEAN_BAR WORST_BAR FILE: holds the accuracies in FILE against both bars
bar() {
    awk -v name="$1" -v mean_bar="$2" -v worst_bar="$3" '
        { sum += $1; n += 1; if (n == 1 || $1 < worst) worst = $1; list = list " " $1 }
        END {
            mean = sum / n; ok = mean >= mean_bar && worst >= worst_bar
            printf "%-28s mean %.2f (bar %.1f), worst %.2f (bar %.1f):%s  %s\n", name, mean, mean_bar, worst, worst_bar, list, ok ? "ok" : "MISSED"
            exit !ok
        }' "$4" || failed=1
}

# runs NAME MEAN_BAR WORST_BAR ARGUMENTS...: five seeds of the default experiment
runs() {
    local name="$1" mean="$2" worst="$3"
    shift 3
    : > "$out/list"
    for seed in 1 2 3 4 5; do
        "$program" run --quiet --seed "$seed" --out "$out/$seed" --overwrite "$@" > /dev/null
        accuracy "$out/$seed" >> "$out/list"
    done
    bar "$name" "$mean" "$worst" "$out/list"
}

runs "digits, edge-rram" 94.5 92 --chip edge-rram
runs "digits, ideal" 95.5 92 --chip ideal
runs "digits, stochastic pulses" 92 0 --chip edge-rram --set learning.update=pulses_stochastic

if [ -d "${EQUIPOISE_DATA:-}/mnist" ]; then
    printf 'chip = "ideal"\n[network]\nlayers = [784, 512, 10]\n[data]\nsource = "idx:mnist"\nepochs = 1\n' > "$out/mnist.toml"
    for chip in ideal:96.5 edge-rram:95.5; do
        "$program" run "$out/mnist.toml" --chip "${chip%:*}" --set 'hardware.mesh="auto"' --quiet --out "$out/learned" --overwrite > /dev/null
        accuracy "$out/learned" > "$out/list"
        bar "MNIST, ${chip%:*}, one epoch" "${chip#*:}" 0 "$out/list"
    done
else
    echo "MNIST: not run, EQUIPOISE_DATA has no mnist/"
fi
# Every row of the reference for integer delays, at every delay that tells.
if EQUIPOISE_LONG=1 cargo test --quiet -p equipoise-tests --test discrete_rows > "$out/rows" 2>&1; then
    echo "delays: every row of the reference  ok"
else
    cat "$out/rows"
    failed=1
fi
# One epoch of the default run has the same digest in every build.
golden="$(cat crates/cli/tests/golden/one-epoch-of-the-default-run.digest)"
digest_of() {
    "$1" run --quiet --set data.epochs=1 --out "$out/golden" --overwrite > /dev/null
    sed -n 's/^ *"digest": "\(.*\)".*/\1/p' "$out/golden/summary.json"
}
RUSTFLAGS="-C target-cpu=native" CARGO_TARGET_DIR=target/native cargo build --release --quiet
cargo build --quiet
for build in target/release target/native/release target/debug; do
    found="$(digest_of "$build/equipoise")"
    if [ "$found" = "$golden" ]; then verdict=ok; else verdict=MISSED failed=1; fi
    printf '%-28s golden digest %s, found %s  %s\n' "$build" "$golden" "$found" "$verdict"
done
exit "$failed"
