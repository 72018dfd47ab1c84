#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# tests/run.sh PRESET [CTEST OPTIONS]: runs the tests of a preset that has been built, shows those that
# fail, and ends with the line `N passed, N failed, N skipped`, counted from what ctest reports. Fails if a
# test does.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
preset=$1 report=$PWD/build/$1/junit.xml
shift

rm -f "$report"
jobs=$(($(nproc) + 1))  # many wait, for a disk or somebody else
echo "dev: running the tests of the preset $preset, $jobs at once on $(nproc) CPUs" >&2
# Passes are counted and not shown: what is left is what somebody has to look at. ctest's own status is
# not needed, since the report is read test by test.
{ ctest --preset "$preset" --parallel "$jobs" --output-junit "$report" \
  --test-output-size-passed 65536 --test-output-size-failed 1048576 "$@" || true; } |
  awk '/^ *Start +[0-9]+: / { next }
       /^ *[0-9]+\/[0-9]+ Test +#[0-9]+: .* Passed +[0-9.]+ sec *$/ {
         if (++passed % 100 == 0) { print "dev: " passed " have passed" > "/dev/stderr" }
         next
       }
       { print; fflush() }'
[[ -e $report ]] || : >"$report"
awk -f tests/tally.awk "$report"
