#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# tests/sources_listed.sh: sources are listed by hand, so a file that no CMake file names would never
# be compiled, and a test in it never run. Also: every source begins with its SPDX line.
set -euo pipefail
cd "$(dirname "$0")/.."
failed=0

# Whether the CMake files of its folder, or of a folder above it, name the file.
listed() {
  local folder=${1%/*} list
  while :; do
    for list in "$folder"/CMakeLists.txt "$folder"/*.cmake; do
      [[ -e $list ]] && grep -qF -- "${1#"$folder"/}" "$list" && return 0
    done
    [[ $folder == */* ]] || break
    folder=${folder%/*}
  done
  [[ $1 == src/main.cpp ]]
}

while IFS= read -r -d '' file; do
  file=${file#./}
  if [[ $file == *.cpp ]] && ! listed "$file"; then
    echo "$file: no CMakeLists.txt names it"
    failed=1
  fi
  if ! head -n 2 "$file" | grep -q 'SPDX-License-Identifier: Apache-2.0'; then
    echo "$file: no SPDX line at its top"
    failed=1
  fi
done < <(find src tests -type f \( -name '*.cpp' -o -name '*.hpp' -o -name '*.sh' \
  -o -name CMakeLists.txt -o -name '*.cmake' \) -print0)

exit "$failed"
