# SPDX-License-Identifier: Apache-2.0
# Reads the JUnit file that ctest writes and says what was sampled, what was skipped and why, and what
# failed; the last line is `N passed, N failed, N skipped`. Exit status 1 if there was a failure, or
# if the file is none, is cut short, or holds no test.
#
# ctest calls a test "skipped" that could not be started at all (its program was not built). Here
# only exit status 77 is a skip; all that did not run, and was not disabled, is a failure.

function unescape(text) {
  gsub(/&lt;/, "<", text)
  gsub(/&gt;/, ">", text)
  gsub(/&quot;/, "\"", text)
  gsub(/&apos;/, "'", text)
  gsub(/&amp;/, "\\&", text)
  return text
}

function attribute(line, name) {
  if (!match(line, " " name "=\"[^\"]*\"")) return ""
  return unescape(substr(line, RSTART + length(name) + 3, RLENGTH - length(name) - 4))
}

/^\t<testcase / {
  name = attribute($0, "name")
  status = attribute($0, "status")
  skip = 0
  reason = ""
  cause = status
}

/^\t\t<skipped / {
  cause = attribute($0, "message")
  skip = cause == "SKIP_RETURN_CODE=77"
}

/^\t\t<failure / {
  if (attribute($0, "message") != "") cause = attribute($0, "message")
}

{
  line = $0
  sub(/^\t\t<system-out>/, "", line)
  sub(/<\/system-out>$/, "", line)
}

line ~ /^skipped: / { reason = reason (reason == "" ? "" : "; ") unescape(substr(line, 10)) }
line ~ /^sampled: / { sampled[++samples] = name ": " unescape(substr(line, 10)) }

/<\/testcase>$/ {
  if (status == "run") {
    ++passed
  } else if (status == "disabled" || skip) {
    if (status == "disabled") reason = "disabled"
    skipped_names[++skipped] = name ": " (reason == "" ? "no reason given" : reason)
  } else {
    failed_names[++failed] = name ": " cause
  }
}

/<\/testsuite>/ { whole = 1 }

END {
  for (i = 1; i <= samples; ++i) print "sampled  " sampled[i]
  for (i = 1; i <= skipped; ++i) print "skipped  " skipped_names[i]
  for (i = 1; i <= failed; ++i) print "FAILED   " failed_names[i]
  if (!whole || passed + failed + skipped == 0) {
    print "FAILED   the results of the tests are not there"
    ++failed
  }
  printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
  exit failed > 0
}
