# SPDX-License-Identifier: Apache-2.0
# Reads a file of ctest's and writes it again with every time-out `factor` times as long.

{
  rest = $0
  line = ""
  while (match(rest, /TIMEOUT "?[0-9]+/)) {
    found = substr(rest, RSTART, RLENGTH)
    number = found
    gsub(/[^0-9]/, "", number)
    sub(/[0-9]+/, number * factor, found)
    line = line substr(rest, 1, RSTART - 1) found
    rest = substr(rest, RSTART + RLENGTH)
  }
  print line rest
}
