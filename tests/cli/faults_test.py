#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""faults_test.py --program PERMWARD [CLASS]: an error at each system call of a run, once and from then on,
and a kill at each that changes something - T36.

Whatever fails: no object is wider than it was before or is to be; nothing that could not be seen or done
ends in 0; what is not in policy then is told; the next run puts all of it right, immutable included."""

import json
import re

import cli_test
import faults
import sandbox

APPLY = faults.APPLY
UNDO = "permward undo -f json -p p.toml --state-dir state"
CHECK = "permward check -f json -p p.toml"
IN_POLICY = f"{faults.BUILD}; cd /w; {APPLY}"
# The file system's own word, and taken for it.
NO_ACLS = ("getxattrat", "getxattr", "fgetxattr", "lgetxattr")


def without_names(output):
    """With ids in the place of names, which a fault may have kept from being found."""
    ids = {name: number for name, _, number, *_ in (line.split(":") for line in sandbox.PASSWD.splitlines())}
    return re.sub(r'(?<=":")(\w[\w-]*)(?=")|(?<=user:)(\w+)(?=:)', lambda word: ids.get(word[0], word[0]), output.decode())


class Apply(faults.EveryErrorAndKill):
    command = APPLY

    @classmethod
    def prepare(cls):
        cls.build()
        cls.before = cls.shown()
        status, _, err = cls.box.run(APPLY)
        assert (status, err) == (0, b""), err
        cls.after = cls.shown()

    def check(self, _, status, out, err):
        shown = self.shown()
        if status == 0:
            self.assertEqual(shown, self.after, f"0, and not all is done: {out} {err}")
        if status == 2:
            self.assert_named(self.not_as(self.after, shown), out)
        self.assert_no_wider(shown, self.before, self.after)
        again, out, err = self.box.run(APPLY)
        self.assertEqual((again, self.shown()), (0, self.after), f"the next run: {out} {err}")

    def test_a_directory_that_could_not_be_listed_is_an_error_of_what_is_corrected(self):
        self.try_all([faults.Fault("getdents64", number, "error=EIO") for number in self.calls["getdents64"]],
                     self.check)

    def test_what_is_left_beside_a_link_is_removed_by_the_next_run(self):
        self.try_all([faults.Fault("unlinkat", 1, "error=ENOSPC", for_good=True)], self.check)


class Undo(Apply):
    test_a_directory_that_could_not_be_listed_is_an_error_of_what_is_corrected = None  # it lists none
    command = UNDO
    setting = IN_POLICY

    @classmethod
    def prepare(cls):
        status, _, err = cls.box.run(faults.BUILD)
        assert status == 0, err
        cls.before = cls.shown()
        cls.build()
        cls.after = cls.shown()
        status, _, err = cls.box.run(UNDO)
        assert (status, cls.shown()) == (0, cls.before), err

    @classmethod
    def build(cls):
        super().build()
        _, out, _ = cls.box.run("permward log -f json --state-dir state")
        cls.applied = json.loads(out)["runs"][0]["run"]

    def test_a_journal_that_cannot_be_opened_is_not_taken_for_none(self):
        self.try_all([faults.Fault("openat", self.number_of("openat", name), "error=ENOSPC")
                      for name in ("state.db-wal", "state.db-shm")], self.check)

    def check(self, _, status, out, err):
        shown = self.shown()
        if status == 0:
            self.assertEqual(shown, self.before, f"0, and not all is taken back: {out} {err}")
        if status == 2:
            self.assert_named(self.not_as(self.before, shown), out)
        self.assert_no_wider(shown, self.before, self.after)
        # What the fault left half done is not as that run left it.
        again, out, err = self.box.run(f"{UNDO} --force {self.applied}")
        self.assertEqual((again, self.shown()), (0, self.before), f"the next undo: {out} {err}")
        again, out, err = self.box.run(APPLY)
        self.assertEqual((again, self.shown()), (0, self.after), f"the next apply: {out} {err}")


class Check(faults.EveryError):
    """Of a tree that is out of policy."""

    command = CHECK

    @classmethod
    def prepare(cls):
        cls.build()
        cls.tree = cls.shown()
        cls.status, out, err = cls.box.run(CHECK)
        assert err == b"", err
        cls.report = json.loads(out)
        cls.found = cls.findings_of(cls.report)

    @staticmethod
    def findings_of(report):
        return {(finding["path"], finding["aspect"]): finding for finding in report["findings"]}

    def check(self, fault, status, out, err):
        self.assertEqual(self.shown(), self.tree, "check has changed something")
        report = faults.report_in(out)
        if status == 0:
            self.assertEqual(self.status, 0, f"0 for what was not seen: {out} {err}")
            self.assertEqual(report["summary"], self.report["summary"])
        elif status == 2:
            found = self.findings_of(report)
            violations = {key: finding for key, finding in found.items() if finding["status"] != "error"}
            # Nothing is made up of what could not be read.
            self.assertLessEqual(violations.keys(), self.found.keys())
            for key, finding in violations.items():  # ids may not have names
                self.assertEqual(finding["status"], self.found[key]["status"])
            no_acls = fault.call in NO_ACLS and "EOPNOTSUPP" in fault.what
            names = {path.removeprefix("/w/tree/") for path, aspect in self.found.keys() - violations.keys()
                     if not (no_acls and aspect == "acl")}
            self.assert_named(names, out)
            self.assertFalse(report["summary"]["in_policy"])


class CheckInPolicy(Check):
    """An error is all that can be told of it; and nothing that could not be seen is in policy."""

    setting = IN_POLICY

    def test_a_directory_that_a_server_does_not_know_any_more_is_no_mount(self):
        self.try_all([faults.Fault("openat2", number, "error=ESTALE", for_good)
                      for number in self.calls.get("openat2", ()) for for_good in (False, True)], self.check)


class Log(faults.EveryError):
    """Which runs there were, and what one of them changed: the same answer as ever, or none."""

    setting = "true"

    @classmethod
    def prepare(cls):
        status, _, err = cls.box.run(f"{faults.BUILD}; cd /w; {APPLY}; {UNDO}")
        assert status == 0, err
        _, out, _ = cls.box.run("permward log -f json --state-dir state")
        cls.command = "permward log -f json --state-dir state " + json.loads(out)["runs"][1]["run"]
        cls.kept = cls.remembered()
        cls.answers = cls.box.run(cls.command)

    @classmethod
    def remembered(cls):
        return cls.box.run("sha256sum state/state.db; stat -c '%a %u %n' state state/state.db; ls -AR tree")[1]

    def check(self, _, status, out, err):
        self.assertEqual(self.remembered(), self.kept, "log has changed something")
        if status == 0:
            self.assertEqual(without_names(out), without_names(self.answers[1]), err)


if __name__ == "__main__":
    cli_test.main()
