#!/usr/bin/env bash
# Holds the instruction counts of the main paths against tests/instructions.csv:   tests/instructions.sh
# Stores what is counted now, after a change that is meant to cost or save some:    tests/instructions.sh --store
#
# tests/benches/instructions.rs says what a path is. Each is run under valgrind with one turn and with three, and the
# difference, two warm turns, is its count: the set-up falls out. Counts do not depend on what else the machine
# does. They depend on the compiler, so that other versions than that of the figures are not judged, and on the
# instruction set: valgrind has no AVX-512, so kernels that choose at run time take their AVX2 form here, and a processor
# without AVX2 is not judged either. What only the AVX-512 form costs is not guarded.
set -euo pipefail
cd "$(dirname "$0")/.."
figures=tests/instructions.csv
compiler="$(rustc --version)"
tolerance=3 # per cent

if ! command -v valgrind > /dev/null; then
    echo "no valgrind: instructions are not counted"
    exit 0
fi
if ! grep -qw avx2 /proc/cpuinfo; then
    echo "no AVX2: the figures are those of AVX2 kernels, instructions are not counted"
    exit 0
fi
if [ "${1:-}" != --store ] && ! grep -qxF "# $compiler" "$figures"; then
    echo "$compiler has no figures in $figures: instructions are not counted (tests/instructions.sh --store)"
    exit 0
fi

program="$(cargo build --release --quiet -p equipoise-tests --bench instructions --message-format=json |
    sed -n 's/.*"executable":"\([^"]*\/instructions-[^"]*\)".*/\1/p')"
out="$(mktemp -d)"
trap 'rm -rf "$out"' EXIT

# instructions PATH TURNS: how many the whole run takes
instructions() {
    valgrind --tool=cachegrind --cache-sim=no --cachegrind-out-file="$out/profile" "$program" "$1" "$2" > "$out/log" 2>&1 ||
        { cat "$out/log" >&2; return 1; }
    sed -n 's/^summary: *\([0-9]*\).*/\1/p' "$out/profile"
}

"$program" > "$out/paths"
while read -r path; do
    one="$(instructions "$path" 1)"
    three="$(instructions "$path" 3)"
    echo "$path,$((three - one))"
done < "$out/paths" > "$out/found"

if [ "${1:-}" = --store ]; then
    { echo "# $compiler"; echo "path,instructions"; cat "$out/found"; } > "$figures"
    cat "$figures"
    exit 0
fi

awk -F, -v tolerance="$tolerance" -v figures="$figures" '
    NR == FNR { expected[$1] = $2; next }
    !($1 in expected) { printf "%-16s %12d, no figure stored  MISSED\n", $1, $2; failed = 1; next }
    {
        change = 100 * ($2 / expected[$1] - 1)
        verdict = change > tolerance ? "MISSED" : change < -tolerance ? "ok, the figure can be lowered" : "ok"
        if (change > tolerance) failed = 1
        printf "%-16s found %12d, expected %12d, %+.1f %%  %s\n", $1, $2, expected[$1], change, verdict
    }
    END {
        if (failed) printf "A main path takes over %d %% more instructions than stored. If that is meant: tests/instructions.sh --store\n", tolerance
        exit failed
    }' "$figures" "$out/found"
