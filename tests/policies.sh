#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# tests/policies.sh PROGRAM: whether the shipped policies load here, alone and together, without a
# complaint about what they say, and whether the reference page has just one row for each rule of
# debian-base, in the policy's order. And whether a root with nothing in it but what the page says
# that debian-base requires is in policy, and is not when one of those things is gone.
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

required=(/etc/passwd /etc/group /etc/shadow /etc/gshadow /etc/pam.d /root /tmp /var/tmp /var/log /var/lib/dpkg)
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
umask 022
mkdir -p "$root"/{etc/pam.d,var/{log,lib/dpkg}}
mkdir -m 1777 "$root"/{tmp,var/tmp}
mkdir -m 0700 "$root/root"
echo 'root:x:0:0:root:/root:/bin/bash' >"$root/etc/passwd"
printf 'root:x:0:\nshadow:x:42:\n' >"$root/etc/group"
(umask 037 && echo 'root:*:20000:0:99999:7:::' >"$root/etc/shadow" && echo 'root:*::' >"$root/etc/gshadow")

# What of the root is out of policy, each once, but for the owners, which are root's only where root runs this.
violated() {
  local report
  report=$("$program" check --root "$root" --policy debian-base.toml -f jsonl 2>/dev/null) || true
  [[ $report == *'"event":"summary"'* ]] || echo "there is no report"
  sed -n 's/^{"event":"finding".*"path":"\([^"]*\)".*"aspect":"\([^"]*\)".*/\1 \2/p' <<<"$report" |
    grep -v -E ' (owner|group)$' | sort -u || true
}

[[ -z $(violated) ]] || wrong "the smallest root is out of policy: $(violated)"
for path in "${required[@]}"; do
  # shellcheck disable=SC2016
  grep -q -F "\`$path\`" "$page" || wrong "$page does not say that $path is required"
  mv "$root$path" "$root/aside"
  [[ $(violated) == "$path presence" ]] || wrong "without $path the root is out of policy in: $(violated)"
  mv "$root/aside" "$root$path"
done

exit "$failed"
