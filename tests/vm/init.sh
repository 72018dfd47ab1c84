#!/bin/busybox sh
# SPDX-License-Identifier: Apache-2.0
#
# tests/vm/init.sh: process 1 of the initramfs of a virtual machine. It mounts the root file system and
# hands over to guest.sh.
#
# shellcheck shell=dash
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t devtmpfs dev /dev
while read -r module; do
  /bin/busybox insmod "/modules/$module" 2>/dev/null # some are for other CPUs
done </modules/order
/bin/busybox mount -t ext4 /dev/vda /root || echo "init: no root file system on /dev/vda"
/bin/busybox mount --move /dev /root/dev
/bin/busybox umount /proc
/bin/busybox cp /guest /root/sbin/permward-guest
exec /bin/busybox switch_root /root /sbin/permward-guest
