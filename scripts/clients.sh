#!/usr/bin/env bash
# Tests a freshly built node through clients that we did not write, at pinned versions.
#
#   scripts/clients.sh             all of them
#   scripts/clients.sh js rust     those of one or more of js, python and rust
#
# Installs what is missing or changed; a second run installs nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

CACHE="${CITRATE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/citrate}"
export CITRATE_CACHE="$CACHE"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}"

# Built here, so that no test waits for it.
echo "== the next runtime, for upgrades"
for features in "upgraded" "upgraded worker"; do
  # shellcheck disable=SC2086 # the features are words
  cargo run --quiet --locked --package citrate-wasm-builder -- runtime/Cargo.toml $features
done

javascript() {
  echo "== JavaScript: polkadot-js, PAPI, chopsticks"
  cd tests/clients/js
  if ! cmp -s package-lock.json node_modules/.installed; then
    # Errors are shown; what npm warns of is that packages want a newer Node than they need.
    npm ci --no-audit --no-fund --ignore-scripts --loglevel=error
    cp package-lock.json node_modules/.installed
  fi
  npm test
}

python() {
  echo "== Python: $1"
  local requirements="$PWD/tests/clients/python/requirements-$1.txt"
  local venv="$CACHE/venv-$1"
  # One environment each: these two packages do not load beside each other.
  if ! cmp -s "$requirements" "$venv/requirements.txt"; then
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$requirements"
    cp "$requirements" "$venv/requirements.txt"
  fi
  cd tests/clients/python
  "$venv/bin/python" -m pytest -q -p no:cacheprovider "test_${1//-/_}.py"
}

rust() {
  echo "== Rust: subxt"
  "${CARGO:-cargo}" test --package citrate-client-tests --locked --quiet
}

[ $# -gt 0 ] || set -- js python rust
for language in "$@"; do
  case "$language" in
    js) (javascript) ;;
    python)
      (python substrate-interface)
      (python async-substrate-interface) ;;
    rust) (rust) ;;
    *) echo "clients: there are tests for js, python and rust, not for $language" >&2; exit 1 ;;
  esac
done
