#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# tests/vm/guest.sh: process 1 of a virtual machine that boot.sh has started. It mounts what a Debian has
# mounted, and the checkout where it lies on the host, runs the command that boot.sh has left in qemu's
# fw_cfg, and switches the machine off.
#
# The command writes to the port `permward.output`. `permward.status` gets a line `up` before it is started
# and its exit status after.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8

port() {  # its name: the device
  local name
  for name in /sys/class/virtio-ports/*/name; do
    [[ $(<"$name") == "$1" ]] && basename "$(dirname "$name")"
  done
}

given() { cat "/sys/firmware/qemu_fw_cfg/by_name/opt/permward/$1/raw"; }

mount -t proc proc /proc
mount -t sysfs sys /sys
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
mount -t tmpfs -o mode=0755 tmpfs /run
mount -t cgroup2 cgroup2 /sys/fs/cgroup
ln -sf /proc/self/fd /dev/fd
ln -sf fd/0 /dev/stdin
ln -sf fd/1 /dev/stdout
ln -sf fd/2 /dev/stderr
for module in virtio_console qemu_fw_cfg loop fuse; do modprobe "$module"; done
hostname permward-vm
ip link set lo up 2>/dev/null

exec 3>"/dev/$(port permward.status)"
echo up >&3
checkout=$(given checkout)
if [[ -n $checkout ]]; then
  mkdir -p "$checkout"
  mount -t ext4 /dev/vdb "$checkout" || echo "guest: no file system with the checkout on /dev/vdb"
  # Who has built it is an ordinary user of the host; here it is root's.
  [[ $(stat -c %u "$checkout/dev") == 0 ]] || chown -R 0:0 "$checkout"
  cd "$checkout" || exit
fi
# A port is opened by one process only, once.
{ bash -c "$(given command)" </dev/null 3>&- 2>&1 && echo 0 >&3 || echo $? >&3; } |
  cat >"/dev/$(port permward.output)"
cd / || exit
sync
umount -a -t ext4,xfs,btrfs,tmpfs 2>/dev/null
sync
echo o >/proc/sysrq-trigger
sleep 60
