#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""observer_test.py --program PERMWARD: which system calls the two processes of a check make.

One looks at the tree and has no rights but to read it; the other writes the reports, and touches nothing
of the tree. strace(1) tells.
"""

import re

import cli_test
import sandbox

POLICY = """\
schema = 1
[[rule]]
id = "tree"
path = "/w/tree"
recurse = true
owner = { known = true }
acl = []
attributes = { clear = ["immutable"] }
directories = { entries = ["*"], default_acl = [] }
files = { capabilities = "" }
[[rule]]
id = "content"
path = "/w/tree/a/f"
mode = "0600"
content = { sha256 = "0000000000000000000000000000000000000000000000000000000000000000" }
"""
# All that change a file system, as strace names them.
CHANGING = ("open openat openat2 creat truncate ftruncate mkdir mkdirat mknod mknodat link linkat symlink "
            "symlinkat rename renameat renameat2 unlink unlinkat rmdir chmod fchmod fchmodat fchmodat2 "
            "chown fchown lchown fchownat utime utimes utimensat futimesat setxattr lsetxattr fsetxattr "
            "setxattrat removexattr lremovexattr fremovexattr removexattrat fallocate copy_file_range "
            "sendfile mount umount2 move_mount fsmount pivot_root chroot").split()
FORKING = "clone clone3 fork vfork".split()
LOWERING = "setresuid setresgid setgroups capset prctl execve execveat".split()
READING = {"getxattrat", "syscall_0x1d0"}  # what an strace that does not know it calls it
CALL = re.compile(r"(?P<pid>\d+) +(?P<name>\w+)\((?P<rest>.*)")
WRITING = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND")


class Observer(cli_test.TracedTestCase):
    policy = POLICY

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        work = cls.box.work
        (work / "tree/a").mkdir(parents=True)
        (work / "tree/a/f").write_text("content\n", encoding="ascii")
        (work / "reports").mkdir()

    def calls(self, arguments, status):
        """Of the one process and of the other: [(call, line)], the first from its fork on."""
        lines = self.trace(FORKING + CHANGING + LOWERING, arguments, [status])
        writer, observer, forked = [], [], None
        first = None
        threads = set()
        for line in lines:
            if not (found := CALL.match(line)):
                continue
            pid, name = found["pid"], found["name"]
            first = first or pid
            if name.startswith("clone") and pid == first and "CLONE_THREAD" not in line:
                forked = line.rsplit(" ", 1)[1]
            if pid == first:
                if forked:
                    writer.append((name, line))
            else:
                threads.add(pid)
                observer.append((name, line))
        self.assertIsNotNone(forked)
        self.assertIn(forked, threads)
        return writer, observer

    def look(self, arguments, status):
        writer, observer = self.calls(arguments, status)
        seen = 0
        for name, line in observer:
            if name.startswith(("clone", *LOWERING)):
                self.assertNotIn(name, ["execve", "execveat"], line)
                continue
            self.assertTrue(name.startswith("open") or name in READING, line)
            if '"/dev/null"' not in line:  # the streams of a process that is asked for names
                self.assertNotRegex(line, WRITING, line)
            seen += "/w/tree" in line or '"f"' in line
        self.assertGreater(seen, 2)
        for name, line in writer:
            self.assertNotIn("/w/tree", line)
        return writer, observer

    def test_the_process_that_looks_changes_nothing_and_the_other_looks_at_nothing(self):
        for command in ["check -p p.toml --report json:reports/r.json -j 3",
                        "check -p p.toml -o reports/o.txt", "check -p p.toml -q /w/tree/a"]:
            with self.subTest(command):
                self.look(command, 2)
        self.look("explain -p p.toml /w/tree/a/f /w/tree/nothing", 0)

    def test_it_gives_up_its_rights_before_it_looks(self):
        if not sandbox.real_root():
            self.skipTest("needs root")
        _, observer = self.look("check -p p.toml", 2)
        names = [name for name, _ in observer]
        lines = "\n".join(line for _, line in observer)
        self.assertLess(names.index("setgroups"), names.index("setresuid"))
        self.assertRegex(lines, r"setresuid\(65534, 65534, 65534\) += 0")
        self.assertRegex(lines, r"PR_SET_NO_NEW_PRIVS, 1")
        capset = next(line for name, line in observer if name == "capset")
        self.assertRegex(capset, r"effective=1<<CAP_DAC_READ_SEARCH, "
                                 r"permitted=1<<CAP_DAC_READ_SEARCH, inheritable=0")
        first_look = next(i for i, (_, line) in enumerate(observer) if "/w/tree" in line or '"w"' in line)
        self.assertLess(names.index("capset"), first_look)

    def test_the_account_permward_is_the_one_where_it_is_there(self):
        if not sandbox.real_root():
            self.skipTest("needs root")
        passwd = self.box.root / "etc/passwd"
        before = passwd.read_text(encoding="ascii")
        for entry, ids in [("permward:x:4711:4712::/:/bin/false\n", "4711, 4711, 4711"),
                           ("permward:x:0:0::/:/bin/false\n", "65534, 65534, 65534")]:
            passwd.write_text(before + entry, encoding="ascii")
            _, observer = self.look("check -p p.toml", 2)
            self.assertTrue(any(f"setresuid({ids})" in line for _, line in observer), entry)
        passwd.write_text(before, encoding="ascii")

    def test_a_trace_of_what_does_write_is_not_passed_over(self):
        line = '17 openat(3</w/tree>, "x", O_WRONLY|O_CREAT|O_CLOEXEC, 0600) = 4</w/tree/x>'
        self.assertRegex(line, WRITING)
        self.assertEqual(CALL.match(line)["name"], "openat")

    def test_a_call_that_another_process_broke_in_two_is_one(self):
        lines = ["17  clone(flags=SIGCHLD <unfinished ...>", "18  openat(3, \"x\") = 4",
                 "17  <... clone resumed>) = 18"]
        self.assertEqual(cli_test.whole_calls(lines), ["17  clone(flags=SIGCHLD) = 18", lines[1]])


if __name__ == "__main__":
    cli_test.main()
