#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""validate_test.py --program PERMWARD: validate looks at policies, and at nothing that they speak of."""

import ctypes
import os

import cli_test

POLICY = """\
schema = 1
[[rule]]
id = "tree"
path = "/w/tree"
recurse = true
owner = "root"
when = { path_exists = "/w/tree/d" }
[[rule]]
id = "glob"
path = "/w/tree/*/f"
mode = "0644"
acl = []
"""
IN_ALL_EVENTS = 0xFFF


class Watch:
    """Whether somebody opened, read or changed a directory or what lies in it: inotify(7)."""

    def __init__(self, *directories):
        libc = ctypes.CDLL(None, use_errno=True)
        self.fd = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        for directory in directories:
            if libc.inotify_add_watch(self.fd, os.fsencode(directory), IN_ALL_EVENTS) < 0:
                raise OSError(ctypes.get_errno(), "inotify_add_watch")

    def saw_something(self):
        try:
            return len(os.read(self.fd, 65536)) > 0
        except BlockingIOError:
            return False


class Validate(cli_test.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.box.work / "p.toml").write_text(POLICY, encoding="ascii")
        (cls.box.work / "tree/d").mkdir(parents=True)
        (cls.box.work / "tree/d/f").touch()

    def test_it_does_not_touch_the_tree_that_a_check_looks_at(self):
        tree = self.box.work / "tree"
        watch = Watch(tree, tree / "d")
        status, out, err = self.box.run("permward validate --strict -p p.toml")
        self.assertEqual((status, out, err), (0, b"Valid: 1 file, 2 rules.\n", b""))
        self.assertFalse(watch.saw_something())
        self.assertEqual(self.box.run("permward check -q -p p.toml")[0], 0)
        self.assertTrue(watch.saw_something())


if __name__ == "__main__":
    cli_test.main()
