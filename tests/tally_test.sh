#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# tests/tally_test.sh: that tally.awk counts what ctest writes, and never a test that did not run as
# anything but a failure.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

expect() {  # what, wanted status, wanted output
  local output status=0
  output=$(awk -f tally.awk "$work/junit.xml") || status=$?
  if [[ $status != "$2" || $output != "$3" ]]; then
    printf 'FAILED: %s: status %s, output:\n%s\nwanted status %s, output:\n%s\n' \
      "$1" "$status" "$output" "$2" "$3"
    failed=1
  fi
}

cat >"$work/junit.xml" <<'XML'
<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="x"
	tests="6"
	skipped="2"
	>
	<testcase name="unit/a &lt; b &amp; &quot;c&quot;" classname="x" time="0.1" status="run">
		<system-out>Filters: x
sampled: 10 of 1000 cases of: sum
All tests passed</system-out>
	</testcase>
	<testcase name="fs/xfs" classname="x" time="0" status="notrun">
		<skipped message="SKIP_RETURN_CODE=77"/>
		<system-out>skipped: needs root &amp; more</system-out>
	</testcase>
	<testcase name="fs/silent" classname="x" time="0" status="notrun">
		<skipped message="SKIP_RETURN_CODE=77"/>
		<system-out></system-out>
	</testcase>
	<testcase name="old" classname="x" time="0" status="disabled">
		<system-out></system-out>
	</testcase>
	<testcase name="gone" classname="x" time="0" status="notrun">
		<skipped message="Unable to find executable"/>
		<system-out>Unable to find executable: gone</system-out>
	</testcase>
	<testcase name="slow" classname="x" time="0" status="fail">
		<failure message="Timeout"/>
		<system-out>skipped: not really</system-out>
	</testcase>
</testsuite>
XML
expect "each kind of outcome" 1 'sampled  unit/a < b & "c": 10 of 1000 cases of: sum
skipped  fs/xfs: needs root & more
skipped  fs/silent: no reason given
skipped  old: disabled
FAILED   gone: Unable to find executable
FAILED   slow: Timeout
1 passed, 2 failed, 3 skipped'

sed -i '/"fs\/xfs"/,$d' "$work/junit.xml"
expect "a file that ends early" 1 'sampled  unit/a < b & "c": 10 of 1000 cases of: sum
FAILED   the results of the tests are not there
1 passed, 1 failed, 0 skipped'

echo '</testsuite>' >>"$work/junit.xml"
expect "nothing but passes" 0 'sampled  unit/a < b & "c": 10 of 1000 cases of: sum
1 passed, 0 failed, 0 skipped'

: >"$work/junit.xml"
expect "an empty file" 1 'FAILED   the results of the tests are not there
0 passed, 1 failed, 0 skipped'

exit "$failed"
