#!/usr/bin/env bash
# Starts a development chain, runs a real inference job for each model on it and prints them. The node stays up.
#
#   make dev                    magika, MiniLM and EfficientNet-Lite0, and SmolLM2 if it is there
#   make dev MODELS=all         fetches and builds SmolLM2 first, which takes a minute
#   CITRATE_DEV_ONCE=1 make dev stops the node after the jobs
set -euo pipefail
cd "$(dirname "$0")/.."

CACHE="${CITRATE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/citrate}"
BINARY="${CITRATE_BIN:-${CARGO_TARGET_DIR:-target}/debug/citrate}"
PORT="${CITRATE_RPC_PORT:-9944}"
MODEL="$CACHE/magika-1.0.3/model.onnx"
URL="http://127.0.0.1:$PORT"
BASE="$(mktemp -d)"

answers() { "$BINARY" model --node "$URL" ls >/dev/null 2>&1; }
if answers; then
  echo "a node answers at $URL already; stop it, or set CITRATE_RPC_PORT to another port" >&2
  exit 1
fi

"$BINARY" --dev --base-path "$BASE" --rpc-port "$PORT" --log "${RUST_LOG:-warn}" &
NODE=$!
trap 'kill "$NODE" 2>/dev/null || true; wait "$NODE" 2>/dev/null || true; rm -rf "$BASE"' EXIT

for _ in $(seq 600); do
  kill -0 "$NODE" 2>/dev/null || { echo "the node stopped; see its log above" >&2; exit 1; }
  if answers; then break; fi
  sleep 0.2
done
answers || { echo "the node does not answer at $URL" >&2; exit 1; }

"$BINARY" demo --node "$URL" --model "$MODEL" --card scripts/models/magika.json --file README.md

# buy NAME FOLDER ASSETS ARGUMENT...: registers a model that setup.sh has built, serves it, and buys a run of it.
# Its ASSETS, names between spaces, are in that folder or beside its card.
buy() {
  local name="$1" folder="$CACHE/$2" assets=() asset
  for asset in $3; do
    if [ -f "$folder/$asset" ]; then assets+=(--asset "$folder/$asset"); else assets+=(--asset "scripts/models/$asset"); fi
  done
  shift 3
  echo
  "$BINARY" artifact --base-path "$BASE" add "$folder/model.onnx" >/dev/null
  "$BINARY" model --node "$URL" --signer //Bob register "$folder/model.onnx" --card "scripts/models/$name.json" \
    --price 10000000000 "${assets[@]}" >/dev/null
  "$BINARY" provider --node "$URL" start --stake 1000000000000000 --model "$name" --wait 120 >/dev/null
  "$BINARY" infer --node "$URL" --signer //Charlie --model "$name" --blocks 400 "$@"
}

buy minilm minilm-1.0.0 tokenizer.json --text "A chain that sells inference."
buy efficientnet efficientnet-lite0-0.1.0 labels.txt --image "$CACHE/pictures-0.26.0/cat.png"
TEXT="make dev MODELS=all"
if [ -f "$CACHE/smollm2-0.1.2/model.onnx" ]; then
  buy smollm2 smollm2-0.1.2 "tokenizer.json smollm2-chat.txt" --text "What is the capital of France?"
  TEXT="$BINARY infer --node $URL --model smollm2 --text TEXT"
fi

cat <<END

node              $URL  ws://127.0.0.1:$PORT
explorer          https://polkadot.js.org/apps/?rpc=ws://127.0.0.1:$PORT
your own file     $BINARY infer --node $URL --model magika --file FILE
your own picture  $BINARY infer --node $URL --model efficientnet --image FILE
your own text     $TEXT
END
[ -z "${CITRATE_DEV_ONCE:-}" ] || exit 0
echo "stop              Ctrl-C"
wait "$NODE"
