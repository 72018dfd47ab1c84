#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""trust_ctime_test.py --program PERMWARD: what `check --trust-ctime` does not read, and what it has to."""

import fcntl
import json
import os
import re
import subprocess
import sys
import time

import cli_test
import sandbox

SHUTDOWN = 0x8004587D  # FS_IOC_SHUTDOWN, _IOR('X', 125, __u32)
NO_LOG_FLUSH = (2).to_bytes(4, sys.byteorder)
STORE = "--state-dir /w/state"
CHECK = f"permward check -f json -p pins.toml {STORE}"
CREATE = f"permward snapshot create -q -p pins.toml {STORE}"


class TrustCtime(cli_test.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not sandbox.real_root():
            sandbox.skip("needs root")
        (cls.box.work / "pins.toml").write_text(sandbox.pinned("/w/there/etc"), encoding="ascii")

    def setUp(self):
        """Two files on a file system whose device, by its loop device, can be mounted again as the same."""
        self.box.run("rm -rf state there; mkdir there")
        image = self.box.work / "image"
        self.assertEqual(self.box.run("truncate -s 8M image && mkfs.ext4 -q -F image")[0], 0)
        self.device = subprocess.run(["losetup", "-f", "--show", image], capture_output=True, check=True).stdout.strip()
        self.addCleanup(subprocess.run, ["losetup", "-d", self.device], check=False)
        self.mount()
        self.addCleanup(subprocess.run, ["umount", "-l", self.box.work / "there"], check=False)
        self.shell("mkdir there/etc; printf AAAA-what-was-accepted >there/etc/a; echo two >there/etc/b")

    def mount(self):
        subprocess.run(["mount", self.device, self.box.work / "there"], check=True)

    def found(self, *options):
        """Of each finding its path and aspect."""
        out = self.shell(" ".join((CHECK, *options)), (0, 2))
        return [(one["path"].removeprefix("/w/there/etc/"), one["aspect"]) for one in json.loads(out)["findings"]]

    def accept(self):
        time.sleep(0.1)  # until another change has another time
        self.shell(CREATE)

    def change_the_disk(self):
        """What no file system sees has no time of change."""
        subprocess.run(["umount", self.box.work / "there"], check=True)
        image = self.box.work / "image"
        data = image.read_bytes()
        places = [match.start() for match in re.finditer(b"AAAA-what-was-accepted", data)]  # of a deleted one, too
        self.assertTrue(places)
        with open(self.device, "r+b") as disk:
            for place in places:
                disk.seek(place)
                disk.write(b"BBBB")
        self.mount()

    def test_what_has_its_time_of_change_is_not_read(self):
        self.accept()
        self.change_the_disk()
        self.assertEqual(self.found(), [("a", "content")])
        self.assertEqual(self.found("--trust-ctime"), [])

    def test_what_was_restored_is_not_read_either(self):
        self.accept()
        self.shell(f"rm there/etc/a; permward restore -q -p pins.toml {STORE} there/etc/a")
        self.change_the_disk()
        self.assertEqual(self.found(), [("a", "content")])
        self.assertEqual(self.found("--trust-ctime"), [])

    def test_whatever_a_program_does_is_seen(self):
        for change in ("printf BBBB | dd of=there/etc/a conv=notrunc status=none; touch -r before there/etc/a",
                       "mv there/etc/b there/etc/a; touch -r before there/etc/a",
                       "cp -p there/etc/a there/etc/c; printf BBBB | dd of=there/etc/c conv=notrunc status=none;"
                       "touch -r before there/etc/c; mv there/etc/c there/etc/a"):
            with self.subTest(change):
                self.shell("printf AAAA-what-was-accepted >there/etc/a; echo two >there/etc/b; cp -p there/etc/a before")
                self.accept()
                self.shell(change)
                self.assertIn(("a", "content"), self.found("--trust-ctime"))

    def test_what_others_could_change_without_a_trace_is_read(self):
        """By a mapping, an exchange of extents, or a write that takes long."""
        for setting in ("chown nobody there/etc/a", "chmod 0666 there/etc/a", "setfacl -m u:bob:rw there/etc/a"):
            with self.subTest(setting):
                self.shell(f"rm -rf state; printf AAAA-what-was-accepted >there/etc/a; {setting}")
                self.accept()
                self.change_the_disk()
                self.assertEqual(self.found("--trust-ctime"), [("a", "content")])
                self.shell("rm there/etc/a")

    def test_what_is_being_written_to_is_read(self):
        with open(self.box.work / "there/etc/a", "r+b"):
            time.sleep(1.2)  # what was changed just now would not be taken at all
            self.accept()
        self.change_the_disk()
        self.assertEqual(self.found("--trust-ctime"), [("a", "content")])

    def test_a_power_cut_leaves_no_other_content_under_the_same_time(self):
        """What was written is lost without that only if the file's time is lost with it."""
        self.shell("sync")
        with open(self.box.work / "there/etc/a", "r+b") as file:
            file.write(b"CCCC")
        self.accept()
        other = os.open(self.box.work / "there/etc/b", os.O_RDONLY)
        os.fsync(other)
        os.close(other)
        place = os.open(self.box.work / "there", os.O_RDONLY | os.O_DIRECTORY)
        fcntl.ioctl(place, SHUTDOWN, NO_LOG_FLUSH)
        os.close(place)
        subprocess.run(["umount", self.box.work / "there"], check=True)
        self.mount()
        self.assertEqual(self.found("--trust-ctime"), self.found())

    def test_another_snapshot_counts_and_not_what_was_known_before(self):
        self.accept()
        self.shell("echo three >there/etc/b")
        self.accept()
        self.assertEqual(self.found("--trust-ctime"), [])
        self.shell("permward snapshot list -f json --state-dir /w/state >list")
        first = json.loads((self.box.work / "list").read_text(encoding="utf-8"))["snapshots"][-1]["id"]
        newest = json.loads((self.box.work / "list").read_text(encoding="utf-8"))["snapshots"][0]["id"]
        self.shell(f"rm state/snapshots/{newest}*; ls state/snapshots/{first}*")
        self.assertEqual(self.found("--trust-ctime"), [("b", "content")])

    def test_without_a_database_all_is_read(self):
        for spoil in ("rm state/state.db*", "head -c 9000 /dev/urandom >state/state.db"):
            with self.subTest(spoil):
                self.doCleanups()
                self.setUp()
                self.accept()
                self.change_the_disk()
                self.shell(spoil)
                self.assertEqual(self.found("--trust-ctime"), [("a", "content")])


if __name__ == "__main__":
    cli_test.main()
