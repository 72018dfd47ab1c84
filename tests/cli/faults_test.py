#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""faults_test.py --program PERMWARD: an error at each system call of an apply, and a kill at each that
changes something.

Whatever fails: no object is wider than it was before or is to be; nothing that could not be seen or done
ends in 0; what is not in policy then is told; the next run puts all of it right, immutable included.
PERMWARD_TEST_ALL=1 takes every call, else it is a sample of them by PERMWARD_FAULTS_SEED."""

import os
import random
import re
import shutil
import sys

import cli_test
import sandbox

SAMPLE = 12
POLICY = """\
schema = 1
[[rule]]
id = "mode"
path = "/w/tree/mode"
mode = "0640"
[[rule]]
id = "given"
path = "/w/tree/given"
owner = "root"
group = "root"
mode = "0600"
[[rule]]
id = "acl"
path = "/w/tree/acl"
mode = "0640"
acl = []
[[rule]]
id = "barred"
path = "/w/tree/barred"
mode = "0640"
[[rule]]
id = "link"
path = "/w/tree/link"
target = "new"
[[rule]]
id = "made"
path = "/w/tree/made"
type = "file"
owner = "bob"
group = "bob"
mode = "0600"
on_missing = "create"
"""
BUILD = """chattr -R -i tree; rm -rf tree state; mkdir tree; cd tree; touch mode given acl barred
chmod 0666 mode given barred; chown bob:www-data given; chmod 0644 acl; setfacl -m u:bob:rw acl
ln -s old link; chattr +i barred"""
SHOW = """cd tree; for f in mode given acl barred link made; do
if [ -e $f -o -L $f ]; then stat -c '%n %F %a %u %g %N' $f; [ -L $f ] || getfacl -cnE $f
[ -L $f ] || lsattr $f | cut -c5; else echo "$f is missing"; fi; done; ls -A"""
APPLY = "permward apply -q -p p.toml --state-dir state"
CHANGING = ["fchownat", "fchmodat2", "fchmodat", "setxattrat", "setxattr", "ioctl", "symlinkat",
            "renameat2", "renameat", "unlinkat", "openat", "pwrite64", "fdatasync", "fsync"]
# What the loader and the C library do before main, and what ends a process.
NOT_OURS = {"execve", "exit_group", "exit", "rt_sigreturn", "brk", "arch_prctl", "set_tid_address",
            "set_robust_list", "rseq", "prlimit64", "munmap", "mprotect", "futex", "clone3", "clone",
            "restart_syscall", "madvise"}
ERRORS = {"openat": "EMFILE", "openat2": "EACCES", "mmap": "ENOMEM", "pwrite64": "ENOSPC",
          "write": "ENOSPC", "getxattrat": "ENOMEM"}


def all_of_them():
    return os.environ.get("PERMWARD_TEST_ALL") == "1"


class Faults(cli_test.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not sandbox.real_root():
            sandbox.skip("needs root")
        if not shutil.which("strace"):
            sandbox.skip("needs strace")
        (cls.box.work / "p.toml").write_text(POLICY, encoding="ascii")
        cls.seed = int(os.environ.get("PERMWARD_FAULTS_SEED", "1"))
        cls.build()
        cls.before = cls.shown()
        status, _, err = cls.box.run(APPLY)
        assert (status, err) == (0, b""), err
        cls.after = cls.shown()
        cls.calls = cls.count_calls()

    @classmethod
    def build(cls):
        status, _, err = cls.box.run(BUILD)
        assert status == 0, err

    @classmethod
    def shown(cls):
        return cls.box.run(SHOW)[1].decode()

    @classmethod
    def count_calls(cls):
        """How often each system call is made by a run, by its name."""
        cls.build()
        _, _, err = cls.box.run(f"strace -f -qq -o /w/trace {APPLY}")
        counts = {}
        for line in (cls.box.work / "trace").read_text(encoding="utf-8").splitlines():
            if call := re.match(r"\d+ +(\w+)\(", line):
                counts[call[1]] = counts.get(call[1], 0) + 1
        return counts

    def faults(self, calls, what):
        """The injections of `what` at each of these calls, or a sample of them."""
        every = [(call, number, what(call)) for call in calls for number in range(1, self.calls.get(call, 0) + 1)]
        if all_of_them() or len(every) <= SAMPLE:
            return every
        print(f"sampled: {SAMPLE} of {len(every)} faults", file=sys.stderr)
        return random.Random(self.seed).sample(every, SAMPLE)

    @staticmethod
    def rights_of(shown):
        """Who is granted what of each object: by mode, and by each entry of an ACL; None: it is missing."""
        out, name = {}, None
        for line in shown.splitlines():
            if match := re.match(r"(\w+) (regular (empty )?file|symbolic link) (\d+) (\d+) (\d+)", line):
                name = match[1]
                out[name] = {("owner", match[5]), ("group", match[6])}
            elif match := re.match(r"((?:user|group|other):\w*:)([r-])([w-])([x-])$", line):
                out[name] |= {(match[1], right) for right in match.groups()[1:] if right != "-"}
        return out

    def check(self, fault, status, out, err):
        call, number, _ = fault
        shown = self.shown()
        if status == 0:
            self.assertEqual(shown, self.after, f"0, and not all is done: {out} {err}")
        elif status > 0:
            self.assertTrue(out + err, "it failed without a word")
        was, is_to_be = self.rights_of(self.before), self.rights_of(self.after)
        for name, rights in self.rights_of(shown).items():
            if name in ("mode", "given", "acl", "barred", "made"):
                allowed = was.get(name, set()) | is_to_be[name] | {("owner", "0"), ("group", "0")}
                self.assertLessEqual(rights, allowed, name)
        again, out, err = self.box.run(APPLY)
        self.assertEqual((again, self.shown()), (0, self.after), f"the next run: {out} {err}")

    def inject(self, fault):
        call, number, what = fault
        self.build()
        return self.box.run(f"strace -f -qq -o /dev/null -e inject={call}:{what}:when={number} {APPLY}")

    def test_an_error_at_each_system_call(self):
        ours = sorted(set(self.calls) - NOT_OURS)
        for fault in self.faults(ours, lambda call: "error=" + ERRORS.get(call, "EIO")):
            with self.subTest(call=fault[0], number=fault[1], what=fault[2]):
                self.check(fault, *self.inject(fault))

    def test_a_kill_at_each_call_that_changes_something(self):
        for fault in self.faults(CHANGING, lambda call: "signal=SIGKILL"):
            with self.subTest(call=fault[0], number=fault[1], what=fault[2]):
                status, out, err = self.inject(fault)
                self.check(fault, status if status <= 128 else -9, out, err)


if __name__ == "__main__":
    cli_test.main()
