#!/usr/bin/env bash
# Accuracy of one epoch of MNIST, where EQUIPOISE_DATA has it.
set -euo pipefail
if [ ! -d "${EQUIPOISE_DATA:-}/mnist" ]; then
    echo "skipped: EQUIPOISE_DATA has no mnist/"
    exit 0
fi
source tests/long/accuracy.bash
failed=0
printf 'chip = "ideal"\n[network]\nlayers = [784, 512, 10]\n[data]\nsource = "idx:mnist"\nepochs = 1\n' > "$out/mnist.toml"
for chip in ideal:96.5 edge-rram:95.5; do
    "$program" run "$out/mnist.toml" --chip "${chip%:*}" --set 'hardware.mesh="auto"' --quiet --out "$out/learned" --overwrite > /dev/null
    accuracy "$out/learned" > "$out/list"
    bar "MNIST, ${chip%:*}, one epoch" "${chip#*:}" 0 "$out/list" || failed=1
done
exit "$failed"
