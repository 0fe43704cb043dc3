#!/usr/bin/env bash
# Builds the runtime's two blobs as they go on chain, and prints their sizes and hashes. Whoever builds the same sources gets
# the same bytes, wherever they lie: the compiler's version is fixed, and nothing of the caller's environment counts.
#
#   scripts/runtime-release.sh [FOLDER]     where the blobs go [default: target/runtime-release]
#
# BLAKE2-256 is by what an upgrade is authorised (`system.authorize_upgrade`).
set -euo pipefail

TOOLCHAIN=1.95.0
TARGET=wasm32v1-none

cd "$(dirname "$0")/.."
FOLDER="$(mkdir -p "${1:-target/runtime-release}" && cd "${1:-target/runtime-release}" && pwd)"
fail() { echo "runtime-release: $*" >&2; exit 1; }
command -v rustup >/dev/null || fail "rustup is needed for a compiler of one version"
rustup run "$TOOLCHAIN" rustc -V >/dev/null 2>&1 || fail "run: rustup toolchain install $TOOLCHAIN --profile minimal"
rustup target add --toolchain "$TOOLCHAIN" "$TARGET" 2>/dev/null || fail "rustup could not add $TARGET"

# build FEATURES..: the path of the blob.
build() {
  env -i PATH="$PATH" HOME="$HOME" CARGO_TARGET_DIR="$FOLDER/target" \
    ${CARGO_HOME:+CARGO_HOME="$CARGO_HOME"} ${RUSTUP_HOME:+RUSTUP_HOME="$RUSTUP_HOME"} \
    rustup run "$TOOLCHAIN" cargo run --quiet --locked --package citrate-wasm-builder -- runtime/Cargo.toml "$@"
}

for features in "" worker; do
  blob="$(build $features)"
  cp "$blob" "$FOLDER/citrate_runtime${features:+-$features}.compact.compressed.wasm"
done
rustup run "$TOOLCHAIN" rustc -V
python3 - "$FOLDER"/*.wasm <<'PY'
import hashlib, pathlib, sys
for path in map(pathlib.Path, sys.argv[1:]):
    blob = path.read_bytes()
    print(path)
    print(f"  bytes       {len(blob)}")
    print(f"  BLAKE2-256  0x{hashlib.blake2b(blob, digest_size=32).hexdigest()}")
    print(f"  SHA-256     0x{hashlib.sha256(blob).hexdigest()}")
PY
