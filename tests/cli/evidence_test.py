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
        self.assertEqual((newest, older), (1, [0] * (self.GENERATIONS - 1)))

    def test_where_something_is_each_is_opened_once_for_all(self):
        self.shell(f"echo x >tree/first; permward {RESTORE} -q /w/tree; rm -r tree/a; echo y >tree/file; echo y >tree/first; echo y >tree/x")
        evidence, newest, *older = self.openings()
        self.assertEqual((evidence, newest), (2, 2))  # and once for what is to be restored
        self.assertEqual(older, [1] * (self.GENERATIONS - 1))


class OfOthers(cli_test.TestCase):
    """What others could write is kept apart from the rest, and goes for it."""

    LIMIT = 40000

    @classmethod
    def setUpClass(cls):
        if not sandbox.real_root():
            sandbox.skip("needs root")
        super().setUpClass()
        (cls.box.work / "p.toml").write_text(sandbox.pinned("/w/tree") + 'on_changed = "restore"\n', encoding="ascii")
        (cls.box.work / "s.toml").write_text(f"[store]\nevidence_bytes = {cls.LIMIT}\n", encoding="ascii")

    def setUp(self):
        self.shell("rm -rf tree state; mkdir -p tree/his tree/roots; echo 0 >tree/his/a; echo 0 >tree/his/b; "
                   f"for i in a b c; do echo 0 >tree/roots/$i; done; chown -R bob tree/his; {CREATE}")

    def fill(self, size, name="a"):
        self.shell(f"head -c {size} /dev/urandom >tree/his/{name}")

    def apply(self, status=0):
        report = self.do(f"permward apply -p p.toml {STORE} --config s.toml", status)
        return {one["path"].removeprefix("/w/tree/"): one["status"] for one in report["findings"]}

    def kept(self):
        """Of each generation of evidence what it has, the newest first; and how many were dropped."""
        listed = self.do(f"permward snapshot list {STORE}")
        ids = [one["id"] for one in listed["snapshots"] if one["kind"] == "evidence"]
        shown = [self.do(f"permward snapshot show {one} {STORE}")["objects"] for one in ids]
        self.do(f"permward snapshot verify {STORE}")
        return [[one["path"].removeprefix("/w/tree/") for one in objects] for objects in shown], listed["dropped"]

    def test_each_is_a_generation_of_its_own(self):
        self.fill(1000)
        self.fill(1000, "b")
        self.shell("echo x >tree/roots/a")
        self.assertEqual(set(self.apply().values()), {"corrected"})
        self.assertEqual(self.kept(), ([["his/a", "his/b"], ["roots/a"]], 0))
        self.shell(f"permward undo -p p.toml {STORE}")
        self.assertEqual(self.shell("cat tree/roots/a; stat -c %s tree/his/*"), "x\n1000\n1000\n")

    def test_what_they_fill_is_dropped_for_the_rest(self):
        self.fill(self.LIMIT - 3000)
        self.shell("echo x >tree/roots/a")
        self.assertEqual(set(self.apply().values()), {"corrected"})
        for name in "abc":
            self.shell(f"head -c 2000 /dev/urandom >tree/roots/{name}")
            self.do(f"permward {RESTORE} --config s.toml /w/tree/roots/{name}")
        self.assertEqual(self.kept(), ([["roots/c"], ["roots/b"], ["roots/a"], ["roots/a"]], 1))

    def test_what_they_make_too_much_fails_alone(self):
        self.fill(self.LIMIT - 1000)
        self.fill(1000, "b")
        self.shell("echo x >tree/roots/a")
        self.assertEqual(self.apply(2), {"his/a": "failed", "his/b": "corrected", "roots/a": "corrected"})
        self.assertEqual(self.kept(), ([["his/b"], ["roots/a"]], 0))
        self.assertEqual(self.shell("stat -c %s tree/his/a"), f"{self.LIMIT - 1000}\n")

    def test_what_has_gone_for_the_rest_is_not_taken_for_kept(self):
        self.fill(self.LIMIT - 3000)
        self.shell("cp -p tree/his/a his")
        self.apply()
        # The same once more, and of the rest so much that there is room for one of them alone.
        self.shell("cp -p his tree/his/a; head -c 5000 /dev/urandom >tree/roots/a")
        self.assertEqual(self.apply(2), {"his/a": "failed", "roots/a": "corrected"})
        self.assertEqual(self.kept(), ([["roots/a"]], 1))
        self.shell("cmp his tree/his/a")


if __name__ == "__main__":
    cli_test.main()
