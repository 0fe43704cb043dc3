#!/usr/bin/env bash
# Looks for inputs that break what always holds (docs/fuzzing.md), guided by the code that they reach.
#
#   scripts/fuzz.sh                    every target for ten minutes: the nightly run
#   scripts/fuzz.sh all SECONDS        every target for so long
#   scripts/fuzz.sh TARGET [SECONDS]   one target, for ten minutes
#   scripts/fuzz.sh TARGET FILE        one input
#
# The engine is libFuzzer, which needs a C++ compiler (g++ or clang++). What is found stays in the cache, CITRATE_CACHE/fuzz:
# inputs that reach new code under corpus/, those that break something under found/. Exit status 1: something broke,
# and the last lines say how to see it again.
set -euo pipefail
cd "$(dirname "$0")/.."

CACHE="${CITRATE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/citrate}"
KEPT="$CACHE/fuzz"
# LIMIT: megabytes of memory, and seconds, that one input may take.
MEMORY_MB=3072
SECONDS_MAX=30

fail() { echo "fuzz: $*" >&2; exit 1; }
targets="$(ls fuzz/corpus)"
wanted="${1:-all}"
seconds="${2:-600}"
[ "$wanted" = all ] || echo "$targets" | grep -qx "$wanted" || fail "there is no target $wanted; there are" $targets
[ -f "$seconds" ] || [[ "$seconds" =~ ^[0-9]+$ ]] || fail "$seconds is neither a file nor a number of seconds"
command -v c++ >/dev/null || command -v g++ >/dev/null || fail "a C++ compiler is needed, such as g++"

export RUSTC_WORKSPACE_WRAPPER="$PWD/scripts/instrument.sh"
target_dir="${CARGO_TARGET_DIR:-$PWD/target}"
SKIP_WASM_BUILD=1 cargo build --package citrate-fuzz --bin fuzz --features libfuzzer --locked
program="$target_dir/debug/fuzz"

# fuzz TARGET: whether nothing broke.
fuzz() {
  local corpus="$KEPT/corpus/$1" found="$KEPT/found/$1"
  mkdir -p "$corpus" "$found"
  echo "== $1"
  if [ -f "$seconds" ]; then
    CITRATE_FUZZ="$1" "$program" "$seconds"
    return
  fi
  # Inputs that reach new code go into the first folder.
  if CITRATE_FUZZ="$1" "$program" "$corpus" "fuzz/corpus/$1" -max_total_time="$seconds" -timeout=$SECONDS_MAX \
    -rss_limit_mb=$MEMORY_MB -artifact_prefix="$found/" -print_final_stats=1 -verbosity=1 >"$found.log" 2>&1; then
    grep -E "^(#[0-9]+.*DONE|stat::number_of_executed_units|stat::average_exec_per_sec|stat::new_units_added)" "$found.log" || true
    return 0
  fi
  tail -n 40 "$found.log"
  local input
  input="$(grep -oE "$found/[a-z]+-[0-9a-f]+" "$found.log" | tail -n 1)"
  echo "fuzz: $1 breaks. To see it again:"
  echo "  CITRATE_FUZZ_INPUT=$input cargo test --package citrate-fuzz $1 -- --nocapture"
  echo "fuzz: once it is mended, the input belongs into fuzz/corpus/$1."
  return 1
}

broken=0
for name in $targets; do
  [ "$wanted" = all ] || [ "$wanted" = "$name" ] || continue
  fuzz "$name" || broken=1
done
exit $broken
