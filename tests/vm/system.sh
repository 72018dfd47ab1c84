#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# tests/vm/system.sh DIRECTORY PACKAGE...: the machine that tests are run in, made of packages of
# Debian 12:
#
#     DIRECTORY/system.ext4   its root file system, with these packages and the kernel's modules
#     DIRECTORY/kernel        the kernel of linux-image-amd64
#     DIRECTORY/modules/      those of its modules that stand between it and the root file system
#     DIRECTORY/initramfs     what loads them, mounts that root (init.sh) and goes on there (guest.sh)
#     DIRECTORY/about         `kernel VERSION`, and what the machine was made of
#
# Only the initramfs is made where the others are there and were made of the same. Packages come from
# the mirrors that this machine has for Debian 12, or from deb.debian.org; for newer ones, remove
# DIRECTORY. Needs root, or sudo, since the files of a system belong to root.
set -euo pipefail
directory=$1
shift
here=$(dirname "${BASH_SOURCE[0]}")

# Besides PACKAGE...: modprobe and ps.
own_packages=(kmod procps)
# Of the kernel's modules those that no test can need are left out: four fifths of their bytes.
unneeded_modules=(
  sound drivers/{gpu,hwmon,iio,infiniband,input,isdn,media,mmc,net,platform,scsi,staging,usb}
)
# What stands between the kernel and its root file system.
boot_modules=(virtio_pci virtio_blk crc32c_generic ext4)

die() {
  printf 'vm: %s\n' "$*" >&2
  exit 1
}

about() {
  printf '%s\n' "packages ${own_packages[*]} $*" "without ${unneeded_modules[*]}" \
    "boot ${boot_modules[*]}"
  sha256sum <"$here/system.sh"
}

up_to_date() {
  [[ -e $directory/system.ext4 && -e $directory/kernel && -e $directory/modules/order &&
    -e $directory/about && $(tail -n +2 "$directory/about") == "$(about "$@")" ]]
}

# Lines for sources.list(5).
mirrors() {
  local from
  from=$(apt-get indextargets --format "deb \$(SITE) \$(RELEASE) \$(COMPONENT)" 'Created-By: Packages' |
    grep -E '^deb [^ ]+ bookworm(-updates|-security)? main$' | sort -u) || true
  if [[ $from == *' bookworm main'* ]]; then
    printf '%s\n' "$from"
  else
    printf '%s\n' 'deb http://deb.debian.org/debian bookworm main' \
      'deb http://deb.debian.org/debian-security bookworm-security main'
  fi
}

# The kernel is unpacked, not installed: its scripts would make an initramfs that nobody boots.
write_kernel_hook() {
  local packages=$work/packages
  mkdir "$packages"
  cat >"$work/hook" <<'HOOK'
#!/bin/sh
set -eu
cd "$PERMWARD_PACKAGES"
export APT_CONFIG="$MMDEBSTRAP_APT_CONFIG"
apt-get -qq -o APT::Sandbox::User=root download "$(apt-cache depends linux-image-amd64 | sed -n 's/^ *Depends: \(linux-image-6.*\)/\1/p')"
dpkg-deb --fsys-tarfile linux-image-*.deb | tar -x --keep-directory-symlink -C "$1"
HOOK
  chmod +x "$work/hook"
}

make_system() {
  local tree=$work/tree version name
  write_kernel_hook
  # A sparse file, with room for what tests make.
  truncate -s 16G "$work/system.ext4"
  mirrors | PERMWARD_PACKAGES=$work/packages mmdebstrap --quiet --variant=minbase \
    --include="$(IFS=, && echo "${own_packages[*]} $*" | tr ' ' ,)" \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --customize-hook="$work/hook" bookworm "$tree" - ||
    die "mmdebstrap could not make a Debian 12 in $tree: see above. Are the mirrors reachable?"
  version=$(basename "$(echo "$tree"/lib/modules/*)")
  for name in "${unneeded_modules[@]}"; do rm -rf "$tree/lib/modules/$version/kernel/$name"; done
  depmod -b "$tree" "$version"
  [[ -L $tree/lib ]] || die "the kernel has put a directory in the place of the link /lib"
  cp "$tree/boot/vmlinuz-$version" "$work/kernel"
  rm -rf "${tree:?}/boot"
  echo permward-vm >"$tree/etc/hostname"
  echo '127.0.0.1 localhost permward-vm' >"$tree/etc/hosts"
  take_modules "$tree" "$version"
  mkfs.ext4 -q -N 1000000 -d "$tree" "$work/system.ext4"
  { echo "kernel $version" && about "$@"; } >"$work/about"
}

take_modules() {  # the root of the system, the version of the kernel
  local name
  mkdir "$work/modules"
  for name in "${boot_modules[@]}"; do
    modprobe -d "$1" -S "$2" --show-depends "$name"
  done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' >"$work/needed"
  while IFS= read -r name; do
    cp "$name" "$work/modules/"
    echo "${name##*/}" >>"$work/modules/order"
  done <"$work/needed"
}

make_initramfs() {
  local root
  root=$(mktemp -d -p "$directory" initramfs-XXXXXX)
  mkdir -p "$root"/{bin,dev,proc,root}
  cp "$(command -v busybox)" "$root/bin/busybox"
  cp -r "$directory/modules" "$root/modules"
  install -m 0755 "$here/init.sh" "$root/init"
  install -m 0755 "$here/guest.sh" "$root/guest"
  (cd "$root" && find . -print0 | cpio --quiet -0 -o -H newc -R 0:0) | gzip -1 >"$directory/initramfs"
  rm -rf "$root"
}

if up_to_date "$@"; then
  make_initramfs
  exit 0
fi
if ((EUID != 0)); then
  command -v sudo >/dev/null ||
    die "making the virtual machine takes root: its files belong to root. Run it as root, or install sudo."
  exec sudo -- "$0" "$directory" "$@"
fi
printf 'vm: making a machine of Debian 12 packages in %s\n' "$directory" >&2
mkdir -p "$directory"
work=$(mktemp -d -p "$directory" making-XXXXXX)
trap 'rm -rf "$work"' EXIT
chmod 0755 "$work"
make_system "$@"
rm -rf "$directory"/{about,modules}
mv "$work"/{system.ext4,kernel,modules} "$directory/"
mv "$work/about" "$directory/about"
make_initramfs
