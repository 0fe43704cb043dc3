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

cat <<END

node              $URL  ws://127.0.0.1:$PORT
explorer          https://polkadot.js.org/apps/?rpc=ws://127.0.0.1:$PORT
your own file     $BINARY infer --node $URL --model magika --file FILE
END
[ -z "${CITRATE_DEV_ONCE:-}" ] || exit 0
echo "stop              Ctrl-C"
wait "$NODE"
