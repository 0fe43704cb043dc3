#!/usr/bin/env bash
# rustc for scripts/fuzz.sh: the workspace's own code counts what of it runs, and is optimised a little but for its checks.
# What comes from the registry is built as ever, so that it is built once.
set -euo pipefail

crate=""
previous=""
for argument in "$@"; do
  [ "$previous" != --crate-name ] || crate="$argument"
  previous="$argument"
done
# Macros and build scripts run in the compiler, without the engine that counts.
case "$crate" in
  build_script* | *_macros) exec "$@" ;;
  citrate_* | pallet_* | fuzz) ;;
  *) exec "$@" ;;
esac
case "$*" in
  *opt-level*) ;;
  *) set -- "$@" -Copt-level=1 ;;
esac
exec "$@" -Cdebug-assertions=on -Coverflow-checks=on -Cpasses=sancov-module \
  -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
  -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares
