#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# tests/vm/boot.sh [OPTIONS] DIRECTORY -- COMMAND...: boots the machine that system.sh has made in
# DIRECTORY, runs the command in it as root, and ends with the command's exit status. What the command
# writes, to either output, comes to stdout. Nothing that the machine changes stays, but on a disk given
# with --disk.
#
#     --emulate           qemu's own emulation of a CPU, slow, but it works everywhere (the default)
#     --kvm               KVM
#     --cpus N            (default: 1)
#     --memory MIB        (default: 2048)
#     --checkout IMAGE    what checkout.sh has made; it is mounted where this checkout lies, and the
#                         command begins there
#     --disk FILE         one more disk, /dev/vdc, that keeps what is written to it
#     --cache MODE        of that disk, as in qemu(1): writeback (default), none, writethrough, unsafe …
#     --pid-file FILE     the process ID of qemu goes there: kill -KILL it, and the power is cut
#     --append TEXT       more for the kernel's command line
#     --up-within SECONDS give up where the command has not been started by then (default: 180)
#
# Statuses of its own: 64 usage; 124 the command was not started in time; 125 the machine ended before
# the command did. DIRECTORY/console.log has what the kernel said.
set -euo pipefail
here=$(realpath "$(dirname "${BASH_SOURCE[0]}")")

die() {  # status, message
  local status=$1
  shift
  printf 'vm: %s\n' "$*" >&2
  exit "$status"
}

accelerator=tcg cpu=qemu64 cpus=1 memory=2048
checkout='' disk='' cache=writeback pid_file='' append='' up_within=180
while (($#)); do
  case $1 in
    --emulate) accelerator=tcg cpu=qemu64 ;;
    --kvm) accelerator=kvm cpu=host ;;
    --cpus | --memory | --checkout | --disk | --cache | --pid-file | --append | --up-within)
      (($# > 1)) || die 64 "$1: its value is missing"
      name=${1#--} && printf -v "${name//-/_}" '%s' "$2" && shift
      ;;
    -*) die 64 "boot.sh: unknown option: $1" ;;
    *) break ;;
  esac
  shift
done
[[ $# -gt 2 && $2 == -- ]] || die 64 "usage: boot.sh [OPTIONS] DIRECTORY -- COMMAND..."
directory=$1
shift 2
[[ -e $directory/about ]] || die 1 "$directory has no machine; ./dev vm -- true makes one in build/vm"

work=$(mktemp -d -p "$directory" running-XXXXXX)
console=$directory/console.log
qemu='' output=''
# shellcheck disable=SC2317  # the trap calls it
finish() {
  if [[ -n $qemu ]]; then kill -KILL "$qemu" 2>/dev/null || true; fi
  if [[ -n $output ]]; then kill "$output" 2>/dev/null || true; fi
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

printf '%q ' "$@" >"$work/command"
printf '%s' "${checkout:+$(dirname "$(dirname "$here")")}" >"$work/checkout"
: >"$work/status"
mkfifo "$work/output"

drive() { printf '%s\n' -drive "file=$1,if=virtio,format=raw,$2"; }
# shellcheck disable=SC2054  # qemu's options have commas
options=(
  -accel "$accelerator" -cpu "$cpu" -smp "$cpus" -m "$memory"
  -machine q35 -nodefaults -no-user-config -no-reboot -display none
  -kernel "$directory/kernel" -initrd "$directory/initramfs"
  -append "console=ttyS0 panic=-1 mitigations=off net.ifnames=0 $append"
  -serial "file:$console"
  -fw_cfg "name=opt/permward/command,file=$work/command"
  -fw_cfg "name=opt/permward/checkout,file=$work/checkout"
  -device virtio-rng-pci -device virtio-serial-pci
  -chardev "file,id=output,path=$work/output" -device virtserialport,chardev=output,name=permward.output
  -chardev "file,id=status,path=$work/status" -device virtserialport,chardev=status,name=permward.status
)
# What is only read from is shared; what is written to it goes to a file without a name.
mapfile -t -O "${#options[@]}" options < <(drive "$directory/system.ext4" snapshot=on)
# Drives are named in their order: an empty place for the checkout that is not wanted.
mapfile -t -O "${#options[@]}" options < <(drive "${checkout:-$directory/kernel}" snapshot=on)
if [[ -n $disk ]]; then
  [[ -f $disk || -b $disk ]] || die 64 "--disk $disk: no such file; truncate -s 1G $disk makes one"
  mapfile -t -O "${#options[@]}" options < <(drive "$disk" "cache=$cache")
fi
if [[ -n $pid_file ]]; then options+=(-pidfile "$pid_file"); fi

# Not qemu's own stdio, which is closed to the guest where stdin is at its end.
cat "$work/output" &
output=$!
TMPDIR=$directory qemu-system-x86_64 "${options[@]}" </dev/null &
qemu=$!

since=$SECONDS
until grep -q '^up' "$work/status"; do
  kill -0 "$qemu" 2>/dev/null || break
  if ((SECONDS - since >= up_within)); then
    die 124 "the machine has not begun after $up_within s; $console has what its kernel said"
  fi
  sleep 0.2
done
wait "$qemu" || true
qemu=
# A qemu that refused its options has never opened it, and who reads it may not have done so yet.
while kill -0 "$output" 2>/dev/null; do
  : <>"$work/output"
  sleep 0.1
done
wait "$output" || true
output=
status=$(sed -n 2p "$work/status")
[[ $status =~ ^[0-9]+$ ]] || {
  tail -n 5 "$console" >&2 || true
  die 125 "the machine ended before the command did; $console has what its kernel said"
}
exit "$status"
