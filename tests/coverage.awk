# SPDX-License-Identifier: Apache-2.0
# Reads gcovr's CSV and prints the lines covered of each folder of src/. What decides must be reached
# nearly whole; the rest, all folders together, has branches for what the system seldom does.
# Exit status 1 where too little is covered.
BEGIN {
  FS = ","
  strict["src/policy"] = strict["src/decide"] = strict["src/model"] = 95
  rest_wanted = 85
}

FNR > 1 {
  folder = $1
  sub(/\/[^\/]*$/, "", folder)
  lines[folder] += $2
  covered[folder] += $3
  if (!(folder in strict)) {
    rest_lines += $2
    rest_covered += $3
  }
}

function percent(part, whole) { return whole ? 100 * part / whole : 100 }

function row(name, part, whole, wanted,    value) {
  value = percent(part, whole)
  printf "%-12s %6d of %6d lines  %5.1f %%", name, part, whole, value
  if (wanted) printf "  at least %d wanted%s", wanted, value < wanted ? ": TOO LITTLE" : ""
  printf "\n"
  if (wanted && value < wanted) low = 1
}

END {
  if (FNR < 2) {
    print "nothing was measured"
    exit 1
  }
  count = split("base model policy decide os store engine report watch cli", order, " ")
  for (i = 1; i <= count; ++i) {
    name = "src/" order[i]
    if (name in lines) row(name, covered[name], lines[name], strict[name])
  }
  if ("src" in lines) row("src", covered["src"], lines["src"])
  if (rest_lines) row("the rest", rest_covered, rest_lines, rest_wanted)
  exit low
}
