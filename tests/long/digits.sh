#!/usr/bin/env bash
# Accuracy of the default experiment over five seeds.
set -euo pipefail
source tests/long/accuracy.bash
failed=0

# runs NAME MEAN_BAR WORST_BAR ARGUMENTS...: five seeds of the default experiment
runs() {
    local name="$1" mean="$2" worst="$3"
    shift 3
    : > "$out/list"
    for seed in 1 2 3 4 5; do
        "$program" run --quiet --seed "$seed" --out "$out/$seed" --overwrite "$@" > /dev/null
        accuracy "$out/$seed" >> "$out/list"
    done
    bar "$name" "$mean" "$worst" "$out/list" || failed=1
}

runs "digits, edge-rram" 94.5 92 --chip edge-rram
runs "digits, ideal" 95.5 92 --chip ideal
runs "digits, stochastic pulses" 92 0 --chip edge-rram --set learning.update=pulses_stochastic
exit "$failed"
