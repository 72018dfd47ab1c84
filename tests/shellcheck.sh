#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# tests/shellcheck.sh: shellcheck over every shell script of the project, told by its first line.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v shellcheck >/dev/null; then
  echo "skipped: shellcheck is not installed"
  exit 77
fi

scripts=()
while IFS= read -r -d '' file; do
  first=
  IFS= read -r first <"$file" 2>/dev/null || true
  case $first in
    '#!'*[/\ ]sh | '#!'*[/\ ]bash | '#!'*[/\ ]dash) scripts+=("$file") ;;
  esac
done < <(find . -name .git -prune -o -name build -prune -o -type f \( -executable -o -name '*.sh' \) -print0)

((${#scripts[@]} > 0)) || { echo "no scripts found: this test looks in the wrong place"; exit 1; }
shellcheck --external-sources -- "${scripts[@]}"
echo "${#scripts[@]} scripts"
