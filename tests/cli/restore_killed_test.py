#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""restore_killed_test.py --program PERMWARD: what a run that was killed leaves, whatever becomes of it until the next one; and
that what is damaged in the state directory is no reason not to restore, and loses nothing."""

import ctypes
import json
import os
import time

import cli_test
import sandbox

STORE = "--state-dir state"
POLICY = """\
schema = 1
[[rule]]
id = "open"
path = "/w/home/**"
files = { mode = "u=rwX,go=rX" }
directories = { mode = "0755" }
[[rule]]
id = "secret"
path = "/w/home/secret"
mode = "0600"
content = "pinned"
on_changed = "restore"
[[rule]]
id = "sub"
path = "/w/home/sub"
recurse = true
content = "pinned"
[[rule]]
id = "names"
path = "/w/home"
entries = ["secret", "sub", "plain"]
"""
RENAME_EXCHANGE = 2
AT_FDCWD = -100


class Killed(cli_test.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not sandbox.real_root():
            sandbox.skip("needs root")
        (cls.box.work / "p.toml").write_text(POLICY, encoding="ascii")

    def setUp(self):
        self.shell("rm -rf home away state; mkdir -p home/sub; echo two >home/sub/file; chmod 0644 home/sub/file; : >home/plain; "
                   f"echo TOPSECRET >home/secret; chmod 0600 home/secret; permward snapshot create -q -p p.toml {STORE}")

    def killed_at(self, call, number, command):
        status, out, err = self.box.run(f"strace -f -qq -o trace -e trace={call} -e inject={call}:signal=SIGKILL:when={number} "
                                        f"permward {command} {STORE}")
        self.assertIn("killed by SIGKILL", (self.box.work / "trace").read_text(encoding="ascii", errors="replace"))
        self.assertNotEqual(status, 0, (out, err))

    def staged(self):
        return [one for one in os.listdir(self.box.work / "home") if one.startswith(".permward")]

    def test_what_it_left_is_nothing_that_rules_speak_of_and_goes_once_it_can_be_reached(self):
        self.shell("echo other >home/secret")
        self.killed_at("renameat2", 2, "restore -p p.toml /w/home/secret")
        self.assertEqual(len(self.staged()), 1)
        report = json.loads(self.box.run(f"permward check -p p.toml {STORE} -f json")[1])
        self.assertEqual({one["path"] for one in report["findings"]} - {"/w/home/secret"}, set(), report["findings"])
        # A home that is mounted late.
        for away, back in (("mv home away", "mv away home"), ("mount -t tmpfs none home", "umount home")):
            self.shell(away)
            self.box.run(f"permward restore -q -p none.toml {STORE} /w/elsewhere")
            self.shell(back)
            self.assertEqual(len(self.staged()), 1)
        status, _, err = self.box.run(f"permward apply -q -p p.toml {STORE}")
        self.assertEqual((status, self.staged()), (0, []), err)
        self.assertEqual(self.shell("cat home/secret; stat -c %a home/secret"), "TOPSECRET\n600\n")

    def test_what_somebody_else_had_put_there_is_never_opened_to_others(self):
        self.shell("echo other >home/secret")
        self.killed_at("renameat2", 2, "restore -p p.toml /w/home/secret")
        [staged] = self.staged()
        self.shell(f"echo of somebody else >home/{staged}/old")
        for _ in range(2):
            _, _, err = self.box.run(f"permward apply -q -p p.toml {STORE}")
            self.assertIn(b"somebody else", err)
            self.assertEqual(self.shell(f"stat -c %a home/{staged}; cat home/{staged}/old"), "700\nof somebody else\n")
        self.shell(f"rm -r home/{staged}; permward apply -q -p p.toml {STORE}")
        self.assertEqual(self.box.run(f"permward apply -q -p p.toml {STORE}")[2], b"")

    def test_a_directory_that_it_made_is_opened_once_it_can_be_reached(self):
        self.shell("rm -r home/sub")
        self.killed_at("linkat", 1, "restore -p p.toml /w/home/sub")
        self.assertEqual(self.shell("stat -c %a home/sub; ls home/sub"), "700\n")
        for away, back in (("mv home away", "mv away home"), ("mount -t tmpfs none home", "umount home")):
            self.shell(away)
            self.box.run(f"permward restore -q -p none.toml {STORE} /w/home/plain")
            self.shell(f"{back}; [ $(stat -c %a home/sub) = 700 ]")
        self.shell(f"permward restore -q -p p.toml {STORE} /w/home/sub")
        self.assertEqual(self.shell("stat -c %a home/sub; cat home/sub/file"), "755\ntwo\n")

    def test_a_directory_that_is_roots_in_the_place_of_what_was_just_made_is_left_as_it_is(self):
        """Whoever may rename in a directory may put another one there between two calls."""
        libc = ctypes.CDLL(None, use_errno=True)
        home = self.box.work / "home"
        self.shell("echo other >home/secret; mkdir -m 0700 home/mine; echo new >home/mine/new; echo old >home/mine/old")
        command = ("strace -f -qq -o trace -e trace=mkdirat -e inject=mkdirat:delay_exit=700000 "
                   f"permward restore -p p.toml {STORE} /w/home/secret")
        with self.box.popen(command) as process:
            end = time.monotonic() + sandbox.patience(20)
            swapped = False
            while process.poll() is None and time.monotonic() < end and not swapped:
                for name in self.staged():
                    swapped = libc.renameat2(AT_FDCWD, os.fsencode(home / "mine"), AT_FDCWD,
                                             os.fsencode(home / name), RENAME_EXCHANGE) == 0
            process.wait()
        self.assertTrue(swapped)
        self.assertEqual(process.returncode, 2)
        moved = next(one for one in home.iterdir() if (one / "old").exists())
        self.assertEqual(((moved / "new").read_text(), (moved / "old").read_text()), ("new\n", "old\n"))

    def test_no_page_of_the_database_is_needed(self):
        self.shell("echo other >home/secret")
        self.killed_at("renameat2", 2, "restore -p p.toml /w/home/secret")
        self.shell("rm home/plain; cp -a state whole")
        size = (self.box.work / "state/state.db").stat().st_size
        for page in range(size // 4096):
            self.shell(f"rm -rf state; cp -a whole state; rm -f home/secret state/state.db-*; "
                       f"dd if=/dev/urandom of=state/state.db bs=4096 seek={page} count=1 conv=notrunc status=none")
            for begin in ("", "echo third >home/secret; "):
                _, out, err = self.box.run(f"{begin}permward restore -p p.toml {STORE} /w/home/secret")
                self.assertEqual(self.box.run("cat home/secret")[1], b"TOPSECRET\n", (page, out, err))
        self.shell("rm -rf whole")

    def test_what_only_a_damaged_copy_has_is_kept_anew(self):
        self.shell("head -c 4000 /dev/urandom >home/secret; cp -p home/secret edited; permward restore -q -p p.toml "
                   f"{STORE} /w/home/secret")
        evidence = sorted(os.listdir(self.box.work / "state/snapshots"))[-1]
        with open(self.box.work / "state/snapshots" / evidence, "r+b") as archive:
            archive.seek(2000)
            byte = archive.read(1)[0]
            archive.seek(2000)
            archive.write(bytes([byte ^ 1]))
        self.shell("cp -p edited home/secret")
        report = json.loads(self.shell(f"permward restore -p p.toml {STORE} /w/home/secret -f json"))
        self.shell(f"permward undo {report['run']} -p p.toml {STORE}; cmp edited home/secret; rm edited")

    def test_what_is_not_done_for_want_of_a_journal_is_not_counted(self):
        self.shell("rm home/secret; chmod 0777 home/plain")
        status, out, err = self.box.run(
            "strace -f -qq -o trace -e trace=fdatasync,fsync -e inject=fdatasync,fsync:error=EIO:when=2+ "
            f"permward apply -p p.toml {STORE} -f json")
        self.assertEqual(status, 1, (out, err))
        report = json.loads(out)
        there = (self.box.work / "home/secret").exists()
        self.assertEqual((report["summary"]["changed"], report["summary"]["would_correct"]), (int(there), 0))
        self.assertNotEqual(report["run"], "")


if __name__ == "__main__":
    cli_test.main()
