# What the sections that train share: `source tests/long/accuracy.bash` from the root of the repository.
program=target/release/equipoise
out="$(mktemp -d)"
trap 'rm -rf "$out"' EXIT
cargo build --release --quiet

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
        }' "$4"
}
