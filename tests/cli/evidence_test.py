#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""evidence_test.py --program PERMWARD: what is kept of what a run replaces: how often the store is read for it, and whose
evidence makes room for whose."""

import collections
import re

import cli_test
import sandbox

STORE = "--state-dir state"
CREATE = f"permward snapshot create -q -p p.toml {STORE} >/dev/null"
RESTORE = f"restore -p p.toml {STORE}"
OPENED = re.compile(r'openat\(.*"([0-9TZa-f-]+)\.pax\.zst", O_RDONLY.* = \d')


class Openings(cli_test.TracedTestCase):
    """How often a run opens each generation that was there before."""

    policy = sandbox.pinned("/w/tree")
    DIRECTORIES = "/".join("abcdefgh")
    GENERATIONS = 3

    @classmethod
    def setUpClass(cls):
        if not sandbox.real_root():
            sandbox.skip("needs root")
        super().setUpClass()

    def setUp(self):
        self.shell(f"rm -rf tree state; mkdir -p tree/{self.DIRECTORIES}; echo 0 >tree/first; echo 0 >tree/x")
        for number in range(self.GENERATIONS):
            self.shell(f"find tree -type d -exec sh -c 'echo {number} >\"$0/file\"' {{}} ';'; {CREATE}")
        self.shell("find tree -type d | wc -l; cp -a tree accepted")
        self.addCleanup(self.shell, "rm -r accepted")

    def openings(self):
        """The newest generation first."""
        there = [one["id"] for one in self.do(f"permward snapshot list {STORE}")["snapshots"]]
        lines = self.trace(["openat"], f"{RESTORE} -q /w/tree", (0,))
        opened = collections.Counter(match[1] for line in lines if (match := OPENED.search(line)))
        self.shell("diff -r accepted tree")
        return [opened[one] for one in there]

    def test_where_nothing_is_replaced_none_is_opened_for_evidence(self):
        self.shell("rm -r tree/a")  # each directory is made before what lies in it is looked at
        newest, *older = self.openings()
        self.assertEqual(older, [0] * (self.GENERATIONS - 1))
        self.assertLessEqual(newest, 2)

    def test_where_something_is_each_is_opened_once_for_all(self):
        self.shell(f"echo x >tree/first; permward {RESTORE} -q /w/tree; rm -r tree/a; echo y >tree/file; echo y >tree/first; echo y >tree/x")
        evidence, newest, *older = self.openings()
        self.assertLessEqual(evidence, 2)
        self.assertLessEqual(newest, 3)
        self.assertEqual(older, [1] * (self.GENERATIONS - 1))


if __name__ == "__main__":
    cli_test.main()
