#!/usr/bin/env bash
# Builds the referee's WebAssembly module (client/referee/guest), unless it is there, and prints its path.
#
# It lies in ${CITRATE_CACHE:-~/.cache/citrate}/referee under the hash of all that it is made of: sources, lock file,
# flags and compiler. Its bytes do not depend on where this clone or cargo's folders are, so that everybody who builds
# the same sources with the same compiler gets the hash that is on chain. Two minutes on two processors.
set -euo pipefail

CACHE="${CITRATE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/citrate}/referee"
ROOT="$(cd "$(dirname "$0")/.." && pwd)"
GUEST="$ROOT/client/referee/guest"
TARGET=wasm32-unknown-unknown
CARGO="${CARGO:-cargo}"
# 128-bit SIMD is deterministic; relaxed SIMD is not, and is not asked for.
FLAGS="-Ctarget-feature=+simd128,-relaxed-simd"

sha256() { if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -d' ' -f1; }

cd "$GUEST"
HASH="$({
  echo "$TARGET $FLAGS"
  rustc -vV
  for file in Cargo.toml Cargo.lock src/*.rs ../../../primitives/inference/src/{fault,tensor}.rs; do
    echo "$file"
    cat "$file"
  done
} | sha256)"
MODULE="$CACHE/$HASH.wasm"

if [ ! -f "$MODULE" ]; then
  echo "referee: building the module, once" >&2
  if command -v rustup >/dev/null && ! rustup target list --installed | grep -qx "$TARGET"; then
    rustup target add "$TARGET" >&2
  fi
  mkdir -p "$CACHE"
  SEPARATOR=$'\x1f'
  # Where sources are would be in the messages of panics.
  "$CARGO" fetch --locked --quiet --target "$TARGET" >&2
  PATHS="$SEPARATOR--remap-path-prefix=$ROOT=/citrate"
  for folder in "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*; do
    PATHS="$PATHS$SEPARATOR--remap-path-prefix=$folder=/crates"
  done
  # What the caller's cargo has set for its own build is not for this one.
  env -u RUSTFLAGS -u RUSTC_WRAPPER -u RUSTC_WORKSPACE_WRAPPER -u CARGO_BUILD_TARGET \
    CARGO_ENCODED_RUSTFLAGS="$FLAGS$PATHS" \
    "$CARGO" build --release --locked --quiet --target "$TARGET" --target-dir "$CACHE/target" >&2
  # In one step, and under a name of its own until then: two clones may build at once.
  cp "$CACHE/target/$TARGET/release/citrate_referee_guest.wasm" "$MODULE.$$"
  mv "$MODULE.$$" "$MODULE"
fi
echo "$MODULE"
