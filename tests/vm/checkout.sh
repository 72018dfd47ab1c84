#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# tests/vm/checkout.sh PRESET FACTOR IMAGE: an ext4 image of this checkout and of what was built of a
# preset, without objects and libraries. The time-outs of the tests in it are FACTOR times as long, and
# their Python is Debian's, whichever CMake has found here.
set -euo pipefail
preset=$1 factor=$2 image=$(realpath "$3")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

work=$(mktemp -d -p "$(dirname "$image")" staging-XXXXXX)
trap 'rm -rf "$work"' EXIT
mkdir -m 0755 "$work/checkout"
find . -path ./.git -prune -o -path ./build -prune -o -print0 |
  cpio --quiet -0pdm "$work/checkout"
# Links to the files that were built: they are long.
find "build/$preset" -name CMakeFiles -prune -o -name '*.a' -prune -o -print0 |
  cpio --quiet -0pdml "$work/checkout"

python=$(sed -n 's/^_Python3_EXECUTABLE:INTERNAL=//p' "build/$preset/CMakeCache.txt")
# ctest has no option for time-outs, and what stands in these files goes before its own time-out.
find "$work/checkout/build/$preset" \( -name CTestTestfile.cmake -o -name '*_tests-*.cmake' \) -print0 |
  while IFS= read -r -d '' file; do
    awk -v factor="$factor" -f tests/vm/stretch.awk "$file" |
      sed "s|\"${python:-python3}\"|\"/usr/bin/python3\"|g" >"$work/stretched"
    rm "$file"
    mv "$work/stretched" "$file"
  done

rm -f "$image"
truncate -s "$(($(du -sm "$work/checkout" | cut -f 1) * 5 / 4 + 512))M" "$image"
mkfs.ext4 -q -d "$work/checkout" "$image"
