#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# tests/dev_test.sh: what ./dev says without doing anything.
set -euo pipefail
cd "$(dirname "$0")/.."
failed=0

wrong() {
  echo "FAILED: $*"
  failed=1
}

usage=$(./dev) || wrong "./dev alone exits with $?"
for verb in check test build run asan tsan vm tidy format fuzz coverage bench; do
  grep -q "^  $verb " <<<"$usage" || wrong "./dev alone does not list $verb"
done
grep -q '^Presets: dev release guest asan tsan clang fuzz coverage$' <<<"$usage" ||
  wrong "./dev alone does not list the presets"

exits_with_64() {
  local status=0
  ./dev "$@" >/dev/null 2>&1 || status=$?
  ((status == 64)) || wrong "./dev $* exits with $status, not 64"
}
exits_with_64 no-such-verb
exits_with_64 test --no-such-option
exits_with_64 build no-such-preset
exits_with_64 run check
exits_with_64 format --no-such-option
exits_with_64 vm --no-such-option
exits_with_64 vm --cpus none
exits_with_64 vm --cuts
exits_with_64 vm --cuts 3 fs
exits_with_64 vm fs -- true
exits_with_64 vm --
exits_with_64 tidy anything
exits_with_64 tidy --sampled anything
exits_with_64 coverage anything

exit "$failed"
