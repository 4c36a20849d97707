#!/usr/bin/env bash
# One epoch of the default run has the same digest on other processors: 64-bit ARM, 32-bit x86, and a big-endian one. Each needs its standard
# library (rustup), a linker and an emulator (Debian); where one cannot be had, the target shows as skipped.
set -euo pipefail
golden="$(cat crates/cli/tests/golden/one-epoch-of-the-default-run.digest)"
out="$(mktemp -d)"
trap 'rm -rf "$out"' EXIT
failed=0

# had COMMAND PACKAGE: true if the command is there, or its Debian package could be installed
had() {
    command -v "$1" > /dev/null && return
    DEBIAN_FRONTEND=noninteractive timeout 300 apt-get -qq install -y --no-install-recommends "$2" > /dev/null 2>&1 < /dev/null
    command -v "$1" > /dev/null
}

# try TARGET GNU EMULATOR ARCHITECTURE: builds for the target and holds the digest of its run against the golden one
try() {
    local target="$1" linker="$2-gcc" emulator="$3" variable="${1^^}"
    skip() { printf '%-28s skipped: %s\n' "$target" "$1"; }
    timeout 300 rustup target add "$target" > "$out/rustup" 2>&1 ||
        { skip "its standard library cannot be had: $(tail -n 1 "$out/rustup")"; return; }
    had "$linker" "gcc-$2" || { skip "no linker $linker"; return; }
    had "$emulator" qemu-user || { skip "no emulator $emulator"; return; }
    DEBIAN_FRONTEND=noninteractive timeout 300 apt-get -qq install -y --no-install-recommends "libc6-dev-$4-cross" > /dev/null 2>&1 < /dev/null ||
        { skip "no C library to link with"; return; }
    env "CARGO_TARGET_${variable//-/_}_LINKER=$linker" RUSTFLAGS="-C target-feature=+crt-static" \
        cargo build --release --quiet -p equipoise --target "$target"
    "$emulator" "target/$target/release/equipoise" run --quiet --set data.epochs=1 --out "$out/$target" > /dev/null
    local found verdict=ok
    found="$(sed -n 's/^ *"digest": "\(.*\)".*/\1/p' "$out/$target/summary.json")"
    [ "$found" = "$golden" ] || { verdict=MISSED; failed=1; }
    printf '%-28s golden digest %s, found %s  %s\n' "$target" "$golden" "$found" "$verdict"
}

timeout 300 apt-get -qq update > /dev/null 2>&1 || true
try aarch64-unknown-linux-gnu aarch64-linux-gnu qemu-aarch64 arm64
try i686-unknown-linux-gnu i686-linux-gnu qemu-i386 i386
try s390x-unknown-linux-gnu s390x-linux-gnu qemu-s390x s390x
exit "$failed"
