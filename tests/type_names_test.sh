#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# tests/type_names_test.sh: that type_names.sh names what is twice, and that alone.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

cat >"$work/a.hpp" <<'CPP'
struct Declared;  // defined elsewhere
struct Alone {
  struct Inner {};
};
enum class Kind : char { one };
CPP
cat >"$work/a.cpp" <<'CPP'
namespace {
struct Helper {};
}  // namespace
struct Declared {};
struct Alone::Inner {};
CPP
cat >"$work/b.cpp" <<'CPP'
namespace {
struct Helper {};
}  // namespace
CPP

expect() {  # status, output, what it is about
  local output status=0
  output=$("$here/type_names.sh" "$work") || status=$?
  output=${output//"$work/"/}
  if [[ $status != "$1" || $output != "$2" ]]; then
    printf 'FAILED: %s: status %s, output:\n%s\n' "$3" "$status" "$output"
    failed=1
  fi
}

expect 0 "" "names that differ, or are declared, unnamed or nested"
echo 'class Alone final : Base {};' >"$work/c.hpp"
expect 1 $'a.hpp:2: Alone\nc.hpp:1: Alone' "two types of one name"
echo 'enum class Kind { two };' >"$work/c.hpp"
expect 1 $'a.hpp:5: Kind\nc.hpp:1: Kind' "two enumerations of one name"

exit "$failed"
