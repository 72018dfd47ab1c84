#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# tests/policies.sh PROGRAM: whether the shipped policies load here, alone and together, without a
# complaint about what they say, and whether the reference page has just one row for each rule of
# debian-base, in the policy's order.
set -euo pipefail

program=${1:?the program to be tested}
cd "$(dirname "$0")/../policies"
page=../docs/reference/policies.md
failed=0

wrong() {
  echo "FAILED: $*"
  failed=1
}

ids() { sed -n 's/^id *= *"\([^"]*\)".*/\1/p' "$1"; }
# shellcheck disable=SC2016  # the page's own backticks
rows() { sed -n 's/^| `\([^`]*\)` |.*/\1/p' "$page"; }

[[ -n $(ids debian-base.toml) ]] || wrong "debian-base.toml has no ids that this test can read"
[[ $(ids debian-base.toml | wc -l) == $(grep -c '^\[\[rule\]\]' debian-base.toml) ]] ||
  wrong "debian-base.toml: not every rule has its id on a line of its own"
diff --label debian-base.toml <(ids debian-base.toml) --label "$page" <(rows) ||
  wrong "the rules of debian-base.toml and the rows of $page differ"

# 0 and 2 are both results; everything else is a policy that was not checked.
loads() {
  local status=0 messages
  messages=$("$program" check "$@" 2>&1 >/dev/null) || status=$?
  ((status == 0 || status == 2)) || wrong "check $* exits with $status: $messages"
  # E… and W… are about the policy, wherever it is loaded.
  ! grep -E '\[[EW][0-9]{4}\]$' <<<"$messages" || wrong "check $* complains of the policy"
}

together=()
for policy in *.toml; do
  [[ $(head -1 "$policy") == "#:schema /usr/share/permward/permward-policy.schema.json" ]] ||
    wrong "$policy does not begin with its schema"
  # shellcheck disable=SC2016
  grep -q "^| \`$policy\` |" README.md || wrong "README.md does not list $policy"
  loads --policy "$policy"
  together+=(--policy "$policy")
done
loads "${together[@]}" /etc

exit "$failed"
