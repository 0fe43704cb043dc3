#!/usr/bin/env bash
# Starts a development chain, runs one real inference job on it and prints it. The node stays up.
#
#   make dev                    what `make dev` runs
#   CITRATE_DEV_ONCE=1 make dev stops the node after the job
set -euo pipefail
cd "$(dirname "$0")/.."

CACHE="${CITRATE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/citrate}"
BINARY="${CITRATE_BIN:-${CARGO_TARGET_DIR:-target}/debug/citrate}"
PORT="${CITRATE_RPC_PORT:-9944}"
MODEL="$(ls "$CACHE"/magika-*/model.onnx)"
BASE="$(mktemp -d)"

"$BINARY" --dev --base-path "$BASE" --rpc-port "$PORT" --log "${RUST_LOG:-warn}" &
NODE=$!
trap 'kill "$NODE" 2>/dev/null || true; wait "$NODE" 2>/dev/null || true; rm -rf "$BASE"' EXIT

for _ in $(seq 300); do
  kill -0 "$NODE" 2>/dev/null || { echo "the node stopped; see its log above" >&2; exit 1; }
  if "$BINARY" model --node "http://127.0.0.1:$PORT" ls >/dev/null 2>&1; then break; fi
  sleep 0.2
done

"$BINARY" demo --node "http://127.0.0.1:$PORT" \
  --model "$MODEL" --card scripts/models/magika.json --file README.md

echo
echo "node                  http://127.0.0.1:$PORT  ws://127.0.0.1:$PORT"
echo "explorer              https://polkadot.js.org/apps/?rpc=ws://127.0.0.1:$PORT"
echo "your own file         $BINARY infer --model magika --file FILE"
[ -z "${CITRATE_DEV_ONCE:-}" ] || exit 0
echo "stop                  Ctrl-C"
wait "$NODE"
