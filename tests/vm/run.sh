#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# tests/vm/run.sh PRESET [OPTIONS] -- COMMAND...: runs the command in the machine of build/vm, beside a
# copy of this checkout and of what was built of the preset. Ends with the command's exit status.
#
#     --kvm, --emulate   as boot.sh has them. Default: KVM where a guest boots under it, which is tried
#                        once for each boot of the host
#     --cpus N           default: as many as there are here
#     --cuts N           instead of a COMMAND: cut the power N times (cuts.py)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
machine=$PWD/build/vm
tried_within=20 # a guest takes 3 s under KVM, and where it hangs it does so for ever
slowness=15     # how much longer than here a test may take under emulation

say() { printf 'vm: %s\n' "$*" >&2; }

# Whether a guest boots under KVM. That /dev/kvm is there says little: within virtual machines there
# are some in which a guest stands still at its first instructions.
kvm_works() {
  local tried=$machine/kvm boot answer
  boot=$(</proc/sys/kernel/random/boot_id)
  if [[ -r $tried && $(<"$tried") == "$boot "* ]]; then
    answer=$(<"$tried")
  elif [[ ! -w /dev/kvm ]]; then
    answer="$boot no"
  elif tests/vm/boot.sh --kvm --up-within "$tried_within" "$machine" -- true 2>/dev/null; then
    answer="$boot yes"
  else
    say "/dev/kvm is there, but no guest has booted under KVM within $tried_within s"
    answer="$boot no"
  fi
  echo "$answer" >"$tried"
  [[ $answer == *' yes' ]]
}

preset=$1
shift
accelerator='' cpus=$(nproc) cuts=''
while [[ $1 != -- ]]; do
  case $1 in
    --kvm | --emulate) accelerator=$1 ;;
    --cpus | --cuts)
      printf -v "${1#--}" '%s' "$2"
      shift
      ;;
  esac
  shift
done
shift

if [[ $accelerator != --emulate ]] && kvm_works; then
  accelerator=--kvm
elif [[ $accelerator == --kvm ]]; then
  say "no guest boots under KVM here; leave out --kvm, and qemu's emulation is taken"
  exit 1
else
  accelerator=--emulate
fi
[[ $accelerator == --emulate ]] || slowness=2

checkout=$(mktemp -p "$machine" checkout-XXXXXX)
trap 'rm -f "$checkout"' EXIT
tests/vm/checkout.sh "$preset" "$slowness" "$checkout"
say "$(head -n 1 "$machine/about"), on $cpus CPUs, $([[ $accelerator == --kvm ]] && echo under KVM ||
  echo 'emulated: that takes ten to thirty times as long')"
status=0
boot=(tests/vm/boot.sh "$accelerator" --cpus "$cpus" --checkout "$checkout")
if [[ -n $cuts ]]; then
  python3 tests/vm/cuts.py --cuts "$cuts" --program "build/$preset/src/permward" --disk "$machine/cuts.img" -- \
    "${boot[@]}" "$machine" || status=$?
  rm -f "$machine/cuts.img"
else
  "${boot[@]}" "$machine" -- env "PERMWARD_TEST_SLOWNESS=$slowness" "$@" || status=$?
fi
exit "$status"
