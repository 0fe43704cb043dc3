#!/usr/bin/env bash
# Follows the guides that are followed literally, with a freshly built node; see scripts/guide.py.
set -euo pipefail
cd "$(dirname "$0")/.."
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}"
scripts/guide.py docs/guides/first-chain.md docs/guides/upgrade.md docs/guides/host-function.md
scripts/guide.py docs/guides/inference.md
scripts/guide.py docs/guides/client.md
