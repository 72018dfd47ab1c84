#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""faults_snapshot_test.py --program PERMWARD [CLASS]: an error at each system call of `snapshot create`, `prune` and
`import`, once and from then on, and a kill at each that changes something.

Whatever fails: the tree is as it was; every generation that is there is whole, and those that were there before and
were not to go still are; 0 is said only where all was done; the next run does it, and nothing half is left."""

import json

import cli_test
import faults
import sandbox

STORE = "--state-dir state -f json"
# A tree that was accepted, and has changed since.
ACCEPTED = f"""chattr -R -i tree 2>/dev/null; rm -rf tree state elsewhere
mkdir -p tree/sub; echo one >tree/a; echo two >tree/sub/b; ln -s a tree/link; setfacl -m u:bob:r tree/a
permward snapshot create -q -p pins.toml {STORE} >/dev/null && echo more >>tree/a && rm tree/link"""
CREATE = f"permward snapshot create -p pins.toml {STORE}"
TREE = "cd tree; find . -printf '%p %y %m %U %G %l %T@\\n' | sort; cat a sub/b; getfacl -Rn ."


class Create(faults.EveryErrorAndKill):
    command = CREATE
    setting = ACCEPTED

    @classmethod
    def prepare(cls):
        (cls.box.work / "pins.toml").write_text(sandbox.pinned("/w/tree"), encoding="ascii")

    def store(self):
        """The ids of its generations, each of which is whole; and those of which no digest was written down."""
        status, out, err = self.box.run(f"permward snapshot verify {STORE}")
        self.assertEqual((status, err), (0, b""), out)
        snapshots = json.loads(out)["snapshots"]
        self.unrecorded = {one["id"] for one in snapshots if not one["recorded"]}
        return [one["id"] for one in snapshots]

    def assert_nothing_half(self):
        names = self.box.run("ls -A state/snapshots")[1].decode().split()
        self.assertEqual([name for name in names if name.startswith(".")], [])

    def start_from(self):
        self.tree, self.before = self.box.run(TREE), self.store()

    def check(self, _, status, out, err):
        self.assertEqual(self.box.run(TREE), self.tree)
        kept = self.store()
        self.assertLessEqual(set(self.before), set(kept))
        made = set(kept) - set(self.before)
        if status == 0:
            self.assertEqual({json.loads(out)["snapshot"]}, made, f"0, and nothing was made: {out} {err}")
            self.assertEqual(self.unrecorded, set(), f"0, and no digest of it: {out} {err}")
        again, out, err = self.box.run(CREATE)
        self.assertEqual(again, 0, f"the next run: {out} {err}")
        newest = self.store()[0]
        self.assertNotIn(newest, self.unrecorded)
        objects = json.loads(self.box.run(f"permward snapshot show {newest} {STORE}")[1])["objects"]
        self.assertLessEqual({"/w/tree", "/w/tree/a", "/w/tree/sub", "/w/tree/sub/b"}, {one["path"] for one in objects})
        self.assertNotIn("/w/tree/link", [one["path"] for one in objects])
        self.assert_nothing_half()
        self.assertEqual(self.box.run(f"permward check -p pins.toml {STORE}")[0], 0)


class Diff(faults.EveryError):
    """What has changed: the same answer as ever, or none, or one that says what is missing."""

    command = f"permward snapshot diff -p pins.toml {STORE}"
    setting = f"""{ACCEPTED}; mkdir tree/new; echo new >tree/new/c; chmod 0600 tree/sub/b; rm -r state/state.db-*
setfattr -n user.note -v x tree/sub"""

    @classmethod
    def prepare(cls):
        (cls.box.work / "pins.toml").write_text(sandbox.pinned("/w/tree"), encoding="ascii")
        status, _, err = cls.box.run(cls.setting)
        assert status == 0, err
        status, out, err = cls.box.run(cls.command)
        assert (status, err) == (0, b""), (status, err)
        cls.changes = cls.changes_of(json.loads(out))

    def there(self):
        """But for what SQLite takes to read a database."""
        return self.box.run(f"{TREE}; cd ..; sha256sum state/state.db; stat -c '%a %u' state; ls -A state/snapshots")[1]

    def start_from(self):
        self.kept = self.there()

    @staticmethod
    def changes_of(report):
        """Of each its details; of one without a diff, that it says why."""
        return {(one["path"], one["what"]): (one["details"], "diff" in one or "withheld" in one)
                for one in report["changes"]}

    def check(self, fault, status, out, err):
        self.assertEqual(self.there(), self.kept, "diff has changed something")
        report = faults.report_in(out)
        # Without statx(2) the C library asks stat(2), which knows of no mounts: each directory may be one.
        no_mounts = (fault.call, fault.what) == ("statx", "error=ENOSYS")
        if status == 0 and not no_mounts:
            self.assertEqual(without_ids(self.changes_of(report)), without_ids(self.changes), f"{fault}: {out} {err}")
        elif status in (0, 2):
            missing = self.changes.keys() - self.changes_of(report).keys()
            told = {one["path"] for one in report["not_seen"]}
            unknown = no_mounts or any(one["code"] == "W0008" for one in report["warnings"])
            for path, _ in missing:
                self.assertTrue(unknown or any(path == one or path.startswith(one + "/") for one in told), f"{fault}: {out}")


def without_ids(changes):
    """Names may be numbers where they cannot be looked up."""
    return {key: (len(details), shown) for key, (details, shown) in changes.items()}


class Prune(Create):
    command = f"permward snapshot prune --keep-last 1 {STORE}"
    setting = f"{ACCEPTED} && {CREATE} >/dev/null"

    def check(self, _, status, out, err):
        kept = self.store()
        self.assertIn(self.before[0], kept, "the newest is gone")
        if status == 0:
            self.assertEqual(kept, self.before[:1], f"0, and not all are gone: {out} {err}")
        again, out, err = self.box.run(self.command)
        self.assertEqual((again, self.store()), (0, self.before[:1]), f"the next run: {out} {err}")
        self.assert_nothing_half()


class Import(Create):
    command = f"permward snapshot import --state-dir state -f json copy"
    setting = f"{ACCEPTED} && permward snapshot export --state-dir state >copy && rm -rf state && {CREATE} >/dev/null"

    def check(self, _, status, out, err):
        kept = self.store()
        self.assertLessEqual(set(self.before), set(kept))
        if status == 0:
            self.assertIn(json.loads(out)["snapshot"], kept, f"0, and it is not there: {out} {err}")
            self.assertEqual(self.unrecorded, set(), f"0, and no digest of it: {out} {err}")
        again, out, err = self.box.run(self.command)
        self.assertEqual((again, len(self.store())), (0, len(self.before) + 1), f"the next run: {out} {err}")
        self.assert_nothing_half()


if __name__ == "__main__":
    cli_test.main()
