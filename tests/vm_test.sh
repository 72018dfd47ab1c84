#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# tests/vm_test.sh: what tests/vm/ makes of its arguments and of what becomes of a machine, with a program in
# qemu's place; and that time-outs are stretched.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

expect() {  # wanted status, wanted line of output, command
  local output status=0 wanted=$1 line=$2
  shift 2
  output=$(PATH=$work/bin:$PATH timeout 60 "$@" 2>&1) || status=$?
  if ((status != wanted)) || ! grep -qxF -- "$line" <<<"$output"; then
    printf 'FAILED: %s\nstatus %s, wanted %s; output:\n%s\nwanted in it: %s\n' \
      "$*" "$status" "$wanted" "$output" "$line"
    failed=1
  fi
}

machine=$work/machine
mkdir "$machine" "$work/bin"

# In the place of qemu: bash, with the files of the ports as $output, $status and $command.
qemu_that() {
  cat >"$work/bin/qemu-system-x86_64" <<BASH
#!/usr/bin/env bash
for argument in "\$@"; do
  case \$argument in
    file,id=output,*) output=\${argument##*path=} ;;
    file,id=status,*) status=\${argument##*path=} ;;
    name=opt/permward/command,*) command=\${argument##*file=} ;;
  esac
done
$1
BASH
  chmod +x "$work/bin/qemu-system-x86_64"
}

boot=(vm/boot.sh --up-within 50 "$machine" -- printf '%s\n' 'a  b' 'c;d')
expect 1 "vm: $machine has no machine; ./dev vm -- true makes one in build/vm" "${boot[@]}"
touch "$machine/about"
expect 64 'vm: usage: boot.sh [OPTIONS] DIRECTORY -- COMMAND...' vm/boot.sh
expect 64 'vm: usage: boot.sh [OPTIONS] DIRECTORY -- COMMAND...' vm/boot.sh "$machine" true
expect 64 'vm: boot.sh: unknown option: --fast' vm/boot.sh --fast "$machine" -- true
expect 64 'vm: --cpus: its value is missing' vm/boot.sh --cpus
expect 64 "vm: --disk $work/none: no such file; truncate -s 1G $work/none makes one" \
  vm/boot.sh --disk "$work/none" "$machine" -- true

# shellcheck disable=SC2016  # for the script
qemu_that 'echo up >"$status"; bash -c "$(<"$command")" >"$output"; echo 7 >>"$status"'
expect 7 'a  b' "${boot[@]}"
expect 7 'c;d' "${boot[@]}"
qemu_that 'exit 1'
expect 125 "vm: the machine ended before the command did; $machine/console.log has what its kernel said" \
  "${boot[@]}"
# shellcheck disable=SC2016
qemu_that 'echo up >"$status"; echo half >"$output"'
expect 125 half "${boot[@]}"
qemu_that 'exec sleep 60'
expect 124 "vm: the machine has not begun after 1 s; $machine/console.log has what its kernel said" \
  vm/boot.sh --up-within 1 "$machine" -- true
if compgen -G "$machine/running-*" >/dev/null; then
  echo "FAILED: boot.sh leaves $(echo "$machine"/running-*)"
  failed=1
fi

stretched=$(awk -v factor=15 -f vm/stretch.awk <<'CMAKE'
set_tests_properties("a" PROPERTIES  LABELS "cli" TIMEOUT "300" SKIP_RETURN_CODE "77")
add_test( [==[b TIMEOUT]==] PROPERTIES TIMEOUT 900 LABELS fs TIMEOUT 7)
CMAKE
)
[[ $stretched == 'set_tests_properties("a" PROPERTIES  LABELS "cli" TIMEOUT "4500" SKIP_RETURN_CODE "77")
add_test( [==[b TIMEOUT]==] PROPERTIES TIMEOUT 13500 LABELS fs TIMEOUT 105)' ]] || {
  printf 'FAILED: time-outs are not stretched:\n%s\n' "$stretched"
  failed=1
}

exit "$failed"
