#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# tests/type_names.sh [FOLDER...]: whether every type outside an unnamed namespace has a name of its
# own. Two types of one name are no error to compiler or linker: the linker takes one of the two
# `std::optional<Name>` for both, and the program reads one as the other.
# Prints one line for each place, `file:line: what`, and exits 1 if a name is given twice.
set -euo pipefail

(($#)) || set -- "$(dirname "$0")/../src"

find "$@" -name '*.[ch]pp' -exec awk '
  FNR == 1 { unnamed = 0 }
  /^namespace \{/ { unnamed = 1 }
  /^\}  \/\/ namespace$/ { unnamed = 0 }
  # A declaration ends with the line; a definition has a body, or a base on the next line.
  /^(struct|class|union|enum|enum class|enum struct) [A-Za-z_]/ && !unnamed && (/\{/ || !/;/) {
    name = $2
    if (name == "class" || name == "struct") name = $3
    sub(/[^A-Za-z0-9_:].*/, "", name)
    sub(/:+$/, "", name)
    places[name] = places[name] FILENAME ":" FNR ": " name "\n"
    if (++times[name] == 2) twice[name]
  }
  END {
    for (name in twice) printf "%s", places[name] | "sort"
    for (name in twice) exit 1
  }' {} +
