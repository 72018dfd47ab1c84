#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# tests/install.sh BUILD PREFIX MANDIR POLICIES...: installs the build directory below a DESTDIR of its
# own and looks at what is there. PREFIX and MANDIR are those that were configured, POLICIES the base
# names of the policies that are shipped.
set -euo pipefail

build=$1 prefix=$2 mandir=$3
shift 3
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
failed=0

wrong() {
  echo "FAILED: $*"
  failed=1
}

# With the widest umask: what is installed must not depend on who installs it.
umask 000
if ! log=$(DESTDIR=$root cmake --install "$build"); then
  echo "$log"
  exit 1
fi

pages=("$mandir/man8/permward.8" "$mandir/man5/permward-policy.5" "$mandir/man5/permward-store.5"
  "$mandir/man5/permward.toml.5")
example=$prefix/share/doc/permward/examples/permward.toml
schemas=(permward-policy.schema.json permward-report.schema.json)
shared=("${@/#/policies/}" "${schemas[@]}")
for file in "${shared[@]/#/$root$prefix/share/permward/}" "${pages[@]/#/$root}" "$root$example"; do
  if [[ ! -f $file ]]; then
    wrong "${file#"$root"} is not installed"
  elif [[ $(stat -c %a "$file") != 644 ]]; then
    wrong "${file#"$root"} has mode $(stat -c %a "$file"), not 644"
  fi
done

# Editors find the schema by the first line of a policy, where the prefix is the usual one.
for policy in "$@"; do
  file=$root$prefix/share/permward/policies/$policy
  schema=$(sed -n '1s/^#:schema //p' "$file")
  [[ -f $root$prefix${schema#/usr} ]] || wrong "the schema of $policy, '$schema', is not installed"
done

for directory in /etc/permward/policy.d "$prefix/lib/permward/policy.d"; do
  if [[ ! -d $root$directory ]]; then
    wrong "$directory is not installed"
  elif [[ -n $(ls -A "$root$directory") ]]; then
    wrong "$directory is not empty"
  fi
done

# A policy below a directory that others may write would not be trusted.
while IFS= read -r -d '' directory; do
  [[ $(stat -c %a "$directory") == 755 ]] ||
    wrong "${directory#"$root"} has mode $(stat -c %a "$directory"), not 755"
done < <(find "$root" -mindepth 1 -type d -print0)

program=$root$prefix/bin/permward
if [[ ! -x $program ]]; then
  wrong "$prefix/bin/permward is not installed"
elif ! "$program" --version | grep -q '^permward '; then
  wrong "$prefix/bin/permward --version does not say what it is"
fi

# Nothing else: a stray file would end in every package.
while IFS= read -r -d '' file; do
  case ${file#"$root"} in
    "$prefix/bin/permward" | "$prefix/share/permward/policies/"*.toml) ;;
    "$prefix/share/permward/permward-policy.schema.json") ;;
    "$prefix/share/permward/permward-report.schema.json") ;;
    "$mandir/man8/permward.8" | "$mandir/man5/permward-policy.5" | "$mandir/man5/permward-store.5" | \
      "$mandir/man5/permward.toml.5") ;;
    "$example") ;;
    *) wrong "${file#"$root"} was not to be installed" ;;
  esac
done < <(find "$root" -type f -print0)

exit "$failed"
