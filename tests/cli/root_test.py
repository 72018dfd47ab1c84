#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""root_test.py --program PERMWARD: of a run with --root, which files of the host it opens - T22."""

import os
import re

import cli_test

POLICY = """\
schema = 1
[[rule]]
id = "tree"
path = "/"
recurse = true
mode = "o-w"
[[rule]]
id = "named"
path = "/f"
owner = "svc"
group = "nobody-has-it"
[[rule]]
id = "hosts"
path = "/etc"
mode = "0755"
when = { hostname = "*" }
"""
SUCCESS = re.compile(r"\b(?P<call>openat2?|open|execve|execveat|socket|connect)\(.*\)\s+= "
                     r"(?P<fd>\d+)(?:<(?P<path>[^>]*)>)?")


class Root(cli_test.TracedTestCase):
    policy = POLICY

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        work = cls.box.work
        for directory in ["etc", "lib/x86_64-linux-gnu", "usr/lib/locale"]:
            (work / "img" / directory).mkdir(parents=True)
        files = {"etc/passwd": "svc:x:4242:4242:::\n", "etc/group": "svc:x:4243:\n",
                 "etc/hostname": "image\n", "etc/nsswitch.conf": "passwd: /woot\n",
                 "etc/ld.so.preload": "/lib/evil.so\n", "lib/x86_64-linux-gnu/libnss_woot.so.2": "",
                 "f": ""}
        for name, text in files.items():
            (work / "img" / name).write_text(text, encoding="ascii")
        # Of the host, and of no concern to a run on another root.
        for name in ["/etc/passwd", "/w/p.toml"]:
            os.symlink(name, work / "img" / os.path.basename(name))

    def calls(self, arguments):
        """(call, path, line) of what succeeded; `path` of what was opened."""
        calls = "open openat openat2 execve execveat socket connect".split()
        out = []
        for line in self.trace(calls, arguments, [0, 2]):
            if found := SUCCESS.search(line):
                out.append((found["call"], found["path"], line))
        return out

    def assert_inside(self, arguments):
        inside = 0
        ways = {"/", "/w"}  # of the host, to the root and to the policy: held, or their ACL read
        for call, path, line in self.calls(arguments):
            if call.startswith("execve"):
                self.assertIn("permward", line.split('"')[1], line)
                continue
            self.assertTrue(call.startswith("open"), line)
            if path.startswith("/w/img"):
                inside += 1
                continue
            if path.endswith(".gcda") and "GCOV_ERROR_FILE" in os.environ:  # the counts of an instrumented program
                continue
            library = re.match(r"/usr/lib/[^/]*-linux-gnu[^/]*/|/etc/ld\.so\.cache$", path)
            way = path in ways and "O_DIRECTORY" in line or "O_PATH" in line and path in ways
            self.assertTrue(library or way or path == "/w/p.toml" or path.startswith("/proc")
                            or self.is_procfs(line), line)
            self.assertNotRegex(path, r"libnss|nsswitch|passwd|group|nscd|sssd")
        self.assertGreater(inside, 5)

    @staticmethod
    def is_procfs(line):
        """Of our own mount of it, paths begin at its root."""
        return re.search(r'"self/(fd|mountinfo|[ug]id_map)', line) is not None

    def test_t22_nothing_of_the_host_is_read_and_nothing_is_run(self):
        self.assert_inside("check --root img -p p.toml")
        self.assert_inside("explain --root /w/img -p p.toml /f /passwd")

    def test_t22_the_trace_would_show_a_name_service(self):
        paths = [path for _, path, _ in self.calls("check -p p.toml /w/img")]
        self.assertIn("/etc/nsswitch.conf", paths)


if __name__ == "__main__":
    cli_test.main()
