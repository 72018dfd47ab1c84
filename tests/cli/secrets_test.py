#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""secrets_test.py --program PERMWARD: T87. What a file holds is told nowhere, and what is told of it, to root alone."""

import fcntl
import hashlib
import os
import signal
import stat
import time

import cli_test
import sandbox

SECRET = "root:$6$SECRETHASH$abcdef:1:::::"
POLICY = """\
schema = 1
[[rule]]
id = "shadow"
path = "/w/shadow"
owner = "root"
mode = "0600"
content = { sha256 = "%s" }
"""
BOB = 1002  # as sandbox.py has him
RUNS = [
    "check -vv -p p.toml", "check -f json -p p.toml", "check -f jsonl -p p.toml", "check -q -p p.toml",
    "check -p p.toml --report json:reports/r.json --report text:reports/r.txt",
    "explain -p p.toml /w/shadow", "explain -f json -p p.toml /w/shadow", "validate -p p.toml",
    "apply -n -vv -p p.toml --state-dir state", "apply -vv -p p.toml --state-dir state", "log --state-dir state",
    "log -f json --state-dir state", "undo -n -vv --state-dir state", "undo -vv --state-dir state",
]


class Secrets(cli_test.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        work = cls.box.work
        (work / "shadow").write_text(SECRET + "\n", encoding="ascii")
        (work / "shadow").chmod(0o640)
        other = hashlib.sha256(b"another").hexdigest()
        (work / "p.toml").write_text(POLICY % other, encoding="ascii")
        (work / "reports").mkdir()

    def kept(self):
        """Every file that the runs have left."""
        for top in ("state", "reports"):
            for directory, _, names in os.walk(self.box.work / top):
                yield from (os.path.join(directory, name) for name in names)

    def test_what_a_file_holds_is_in_no_report_and_in_nothing_that_is_kept(self):
        differs = 0
        for arguments in RUNS:
            with self.subTest(arguments):
                status, out, err = self.box.run(f"umask 0; permward {arguments}")
                self.assertIn(status, (0, 2), err)
                self.assertNotIn(b"SECRETHASH", out + err)
                self.assertNotIn(b"abcdef", out + err)
                differs += b"content" in out
        self.assertGreater(differs, 4, "what is not as demanded was told")
        kept = list(self.kept())
        self.assertGreater(len(kept), 3)
        for path in kept:
            with open(path, "rb") as file:
                self.assertNotIn(b"SECRETHASH", file.read(), path)
            self.assertEqual(stat.S_IMODE(os.stat(path).st_mode) & 0o077, 0, path)
        self.assertEqual(stat.S_IMODE(os.stat(self.box.work / "state").st_mode), 0o700)

    def test_a_run_that_dies_leaves_no_core_and_is_no_other_users_to_look_into(self):
        """While it waits for somebody to read of all the mistakes in a policy. What of a process may be dumped is
        its user's in /proc, else root's (proc(5))."""
        if not sandbox.real_root():
            self.skipTest("needs root")
        (self.box.work / "mistaken.toml").write_text("schema = 1\n" + "[[rule]]\nmode = 1\n" * 1000, encoding="ascii")
        read, write = os.pipe()
        fcntl.fcntl(write, fcntl.F_SETPIPE_SZ, 4096)
        with self.box.popen("exec permward validate -p mistaken.toml", stderr=write,
                            preexec=lambda: os.setuid(BOB)) as process:
            self.wait_until_closed(process)
            self.assertRegex((self.proc(process) / "limits").read_text(encoding="ascii"), r"core file size +0 +0 ")
            process.send_signal(signal.SIGQUIT)  # it dumps a core as others do, and no sanitizer takes it
            process.wait(timeout=60)
        os.close(read)
        os.close(write)
        self.assertEqual(process.returncode, -signal.SIGQUIT)
        names = os.listdir(self.box.work)
        self.assertFalse([name for name in names if name.startswith("core")], names)

    def wait_until_closed(self, process):
        proc = self.proc(process)
        for _ in range(3000):
            if (proc / "comm").read_text(encoding="ascii") == "permward\n" and (proc / "environ").stat().st_uid == 0:
                return
            time.sleep(0.01)
        self.fail("others may look into it")


if __name__ == "__main__":
    cli_test.main()
