#!/usr/bin/env bash
# Mutants of the code, each of which a test of truth must notice: tests/mutants.
set -euo pipefail
exec cargo run --quiet --package equipoise-mutants -- "$@"
