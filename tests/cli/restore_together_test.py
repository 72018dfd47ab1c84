#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""restore_together_test.py --program PERMWARD: files that are restored together are on the disk before any of them has its
name, and their names before the run ends; the disk is waited for some times in all, and not some times a file; and where one
cannot be made ahead, or the run is killed or ended between, each is the old file or the new one, whole."""

import json
import os
import re

import cli_test
import sandbox

STORE = "--state-dir state"
POLICY = """\
schema = 1
[[rule]]
id = "tree"
path = "/w/tree"
recurse = true
content = "pinned"
"""
FILES = 150
MISSING_AT_ONCE, REPLACED_AT_ONCE = 64, 8  # of what is made ahead
CALLS = ["fsync", "linkat", "renameat2", "unlinkat"]


class Together(cli_test.TracedTestCase):
    policy = POLICY

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not sandbox.real_root():
            sandbox.skip("needs root")

    def setUp(self):
        self.shell("rm -rf tree state trace; mkdir -p tree")
        for number in range(FILES):
            (self.box.work / "tree" / f"f{number:03}").write_text(self.accepted(number), encoding="ascii")
        self.shell(f"permward snapshot create -q -p p.toml {STORE}")

    @staticmethod
    def accepted(number):
        return f"accepted {number}\n" * 50

    @staticmethod
    def altered(number):
        return f"altered {number}\n" * 40

    def alter(self):
        for number in range(FILES):
            (self.box.work / "tree" / f"f{number:03}").write_text(self.altered(number), encoding="ascii")

    def content(self, number):
        path = self.box.work / "tree" / f"f{number:03}"
        return path.read_text(encoding="ascii") if path.exists() else None

    def restore(self):
        return self.trace(CALLS, f"restore -q -p p.toml {STORE} /w/tree", [0])

    def restore_with(self, injected, options="-q"):
        return self.box.run(f"strace -f -qq -o trace -e trace={injected.partition(':')[0]} -e inject={injected} permward restore {options} -p p.toml "
                            f"{STORE} /w/tree")

    def assert_whole(self, old):
        """Each is what it was, or what was accepted; nothing of the run's own is left beside them."""
        for number in range(FILES):
            self.assertIn(self.content(number), (self.accepted(number), old(number)), number)

    def assert_all_back(self):
        for number in range(FILES):
            self.assertEqual(self.content(number), self.accepted(number))
        self.assertEqual(len(list((self.box.work / "tree").iterdir())), FILES)

    def synced_and_placed(self, lines, placing):
        """In their order: the number of each file that was synced, of each that got its name, and of directories of names."""
        out = []
        for line in lines:
            if not line.endswith("= 0"):
                continue
            if " fsync(" in line:
                where = re.search(r"fsync\(\d+<([^>]*)>", line).group(1)
                if where.endswith("/tree"):
                    out.append(("directory", where))
                elif re.search(r"/tree/(#\d+|\.permward-[^/]*/new)", where):
                    out.append(("file", where))
            elif placing in line and '"f' in line:
                out.append(("name", re.search(r'"(f\d+)"', line).group(1)))
        return out

    def assert_in_order(self, happened, at_once):
        """Of as many as are made at once: the files, their names, the directory."""
        kinds = [kind for kind, _ in happened]
        at = 0
        rounds = 0
        while at < len(kinds):
            files = next((end for end in range(at, len(kinds)) if kinds[end] != "file"), len(kinds)) - at
            self.assertGreater(files, 0, happened[at - 3:at + 3])
            self.assertEqual(kinds[at + files:at + 2 * files], ["name"] * files)
            self.assertEqual(kinds[at + 2 * files:at + 2 * files + 1], ["directory"])
            at += 2 * files + 1
            rounds += 1
        self.assertEqual(kinds.count("name"), FILES)
        self.assertEqual(rounds, -(-FILES // at_once))

    def test_files_that_are_missing_are_on_the_disk_before_they_have_names(self):
        self.shell("rm tree/f*")
        self.assert_in_order(self.synced_and_placed(self.restore(), " linkat("), MISSING_AT_ONCE)
        self.assert_all_back()

    def test_files_that_are_replaced_go_after_the_disk_knows_of_the_new_ones(self):
        self.alter()
        lines = self.restore()
        happened = self.synced_and_placed(lines, "RENAME_EXCHANGE")
        self.assert_in_order(happened, REPLACED_AT_ONCE)
        gone = [at for at, line in enumerate(lines) if " unlinkat(" in line and '"old"' in line and line.endswith("= 0")]
        synced = [at for at, line in enumerate(lines) if re.search(r" fsync\(\d+<[^>]*/tree>\) += 0", line)]
        self.assertEqual(len(gone), FILES)
        self.assertLess(synced[0], gone[0])
        self.assert_all_back()

    def test_killed_between_each_is_the_old_one_or_the_new_one(self):
        for missing in (True, False):
            placing = "linkat" if missing else "renameat2"
            moments = [("fsync", 70), (placing, 40), (placing, 66)]
            if os.environ.get("PERMWARD_TEST_ALL") == "1":
                moments += [("fsync", number) for number in range(1, 150, 7)] + [(placing, number) for number in range(1, 150, 9)]
            for call, number in moments:
                with self.subTest(missing=missing, call=call, number=number):
                    self.setUp()
                    if missing:
                        self.shell("rm tree/f*")
                    else:
                        self.alter()
                    status, out, err = self.restore_with(f"{call}:signal=SIGKILL:when={number}")
                    self.assertNotEqual(status, 0, (out, err))
                    self.assert_whole((lambda _: None) if missing else self.altered)
                    self.shell(f"permward restore -q -p p.toml {STORE} /w/tree")
                    self.assert_all_back()

    def test_what_the_disk_does_not_take_at_once_is_made_again(self):
        for options in ("fsync:error=EIO:when=5", "fsync:error=EIO:when=7+3", "mkdirat:error=EMFILE:when=10+10",
                        "mkdirat:error=ENOSPC:when=20"):
            with self.subTest(options=options):
                self.setUp()
                self.alter()
                found, out, err = self.restore_with(options, "-f json")
                self.assert_whole(self.altered)
                for number in range(FILES):
                    if self.content(number) == self.altered(number):
                        self.assertIn(f'"/w/tree/f{number:03}"'.encode(), out, err)
                        self.assertNotEqual(found, 0)
                self.shell(f"permward restore -q -p p.toml {STORE} /w/tree")
                self.assert_all_back()

    def test_where_descriptors_are_few_they_are_put_there_one_by_one(self):
        for most in (56, 64, 200):
            with self.subTest(most=most):
                self.setUp()
                self.alter()
                self.shell(f"ulimit -n {most} && permward restore -q -p p.toml {STORE} /w/tree")
                self.assert_all_back()

    def test_of_a_directory_that_is_not_synced_nothing_is_called_durable(self):
        self.alter()
        lines = self.restore()
        syncs = [line for line in lines if " fsync(" in line]
        number = 1 + next(at for at, line in enumerate(syncs) if re.search(r"fsync\(\d+<[^>]*/tree>", line))
        self.setUp()
        self.alter()
        found, out, err = self.restore_with(f"fsync:error=EIO:when={number}", "-f json")
        self.assertEqual(found, 2, (out, err))
        failed = {one["path"] for one in json.loads(out)["findings"] if one["status"] == "failed"}
        self.assertEqual(len(failed), REPLACED_AT_ONCE, failed)
        self.assert_whole(self.altered)

    def test_after_a_signal_nothing_more_is_waited_for(self):
        self.shell("rm tree/f*")
        status, out, err = self.restore_with("sync_file_range:signal=SIGTERM:when=20")
        self.assertNotEqual(status, 0, (out, err))
        self.assert_whole(lambda _: None)
        self.assertEqual(list((self.box.work / "tree").iterdir()), [])

    def test_a_file_system_that_is_full_takes_as_much_as_ever(self):
        """In a directory that has to grow; what could not be made ahead takes no room from the others."""
        unmount = self.box.image("full", "ext4", "1M", "-b 1024 -m 0 -O ^has_journal,^dir_index")
        self.shell("mkdir full/tree && sed s,/w/tree,/w/full/tree, p.toml >full.toml")
        try:
            names = [f"{number:02}{'n' * 75}" for number in range(40)]
            for name in names:
                (self.box.work / "full/tree" / name).write_bytes(b"a" * 20000)
            self.shell(f"permward snapshot create -q -p full.toml {STORE}; rm -r full/tree; mkdir full/tree")
            for name in names[::2]:
                (self.box.work / "full/tree" / name).write_bytes(b"b" * 20000)
            left = os.statvfs(self.box.work / "full").f_bavail - 464
            self.shell(f"head -c {left * 1024} /dev/zero >full/filler")
            self.shell(f"permward restore -q -p full.toml {STORE} /w/full/tree")
            for name in names:
                self.assertEqual((self.box.work / "full/tree" / name).read_bytes()[:1], b"a")
        finally:
            unmount()

    def test_on_a_small_file_system_no_two_copies_of_all_are_needed(self):
        unmount = self.box.image("small", "tmpfs", "6m")
        self.shell("sed s,/w/tree,/w/small, p.toml >small.toml")
        try:
            for number in range(4):
                (self.box.work / "small" / f"big{number}").write_bytes(bytes([65 + number]) * (1 << 20))
            self.shell(f"permward snapshot create -q -p small.toml {STORE}")
            for number in range(4):
                (self.box.work / "small" / f"big{number}").write_bytes(bytes([97 + number]) * (1 << 20))
            self.shell(f"permward restore -q -p small.toml {STORE} /w/small")
            for number in range(4):
                self.assertEqual((self.box.work / "small" / f"big{number}").read_bytes()[:1], bytes([65 + number]))
        finally:
            unmount()


if __name__ == "__main__":
    cli_test.main()
