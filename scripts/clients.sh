#!/usr/bin/env bash
# Tests a freshly built node through clients that we did not write, at pinned versions.
set -euo pipefail
cd "$(dirname "$0")/.."

CACHE="${CITRATE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/citrate}"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}"

echo "== JavaScript: polkadot-js, PAPI, chopsticks"
(cd tests/clients/js && npm ci --no-audit --no-fund --silent --ignore-scripts && npm test)

for client in substrate-interface; do
  echo "== Python: $client"
  requirements="tests/clients/python/requirements-$client.txt"
  venv="$CACHE/venv-$client"
  if ! cmp -s "$requirements" "$venv/requirements.txt"; then
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$requirements"
    cp "$requirements" "$venv/requirements.txt"
  fi
  (cd tests/clients/python && "$venv/bin/python" -m pytest -q "test_${client//-/_}.py")
done
