#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ill_names_test.py --program PERMWARD: a name service that hangs or dies - T97. Accounts that only it could know
are errors, and all others are answered. The service is ill_names.cpp, in the build directory."""

import json
import signal
import subprocess
import time
from pathlib import Path

import cli_test
import sandbox

RULE = """\
[[rule]]
id = "{id}"
path = "/w/{id}"
owner = "{owner}"
mode = "0644"
"""


class IllNames(cli_test.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.libraries = Path(cls.program).resolve().parents[1] / "tests/cli"
        (cls.box.root / "etc/nsswitch.conf").write_text("passwd: files ill\ngroup: files ill\n", encoding="ascii")

    def setUp(self):
        (self.box.work / "hangs").unlink(missing_ok=True)

    def policy(self, owners):
        text = "schema = 1\n"
        for name, owner in owners.items():
            (self.box.work / name).touch()
            (self.box.work / name).chmod(0o644)
            text += RULE.format(id=name, owner=owner)
        (self.box.work / "p.toml").write_text(text, encoding="ascii")

    def popen(self, command):
        return self.box.popen(f"exec permward {command} -f json -p p.toml", {"LD_LIBRARY_PATH": str(self.libraries)},
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def report(self, command, status):
        with self.popen(command) as process:
            out, err = process.communicate(timeout=sandbox.patience(120))
        self.assertEqual(process.returncode, status, err)
        return json.loads(sandbox.without_rights_warning(out)), err.decode()

    def findings(self, report):
        return [(one["path"], one["aspect"], one["status"]) for one in report["findings"]]

    def test_an_account_that_is_never_found_out_is_an_error__T97(self):
        self.policy({"a": "stuck", "b": "root", "c": "bob"})
        report, err = self.report("check", 2)
        self.assertEqual(self.findings(report), [("/w/a", "owner", "error"), ("/w/c", "owner", "violation")])
        self.assertIn("the name service failed on user 'stuck': no answer in time", err)
        self.assertEqual(report["findings"][0]["message"], "the name service did not answer about user 'stuck' in time")

    def test_a_service_that_dies_does_not_take_the_run_with_it__T97(self):
        self.policy({"a": "deadly", "b": "root", "c": "bob"})
        report, err = self.report("check", 2)
        self.assertEqual(self.findings(report), [("/w/a", "owner", "error"), ("/w/c", "owner", "violation")])
        self.assertIn("the name service failed on user 'deadly': no answer", err)

    def test_nothing_is_corrected_of_what_needs_such_an_account__T97(self):
        self.policy({"a": "stuck", "c": "root"})
        for name in "ac":
            (self.box.work / name).chmod(0o666)
        report, _ = self.report("apply --state-dir /w/state", 2)
        self.assertIn(("/w/a", "owner", "error"), self.findings(report))
        self.assertEqual((self.box.work / "c").stat().st_mode & 0o777, 0o644)

    def test_a_run_is_ended_while_it_waits_for_a_name__T97(self):
        self.policy({"a": "stuck"})
        with self.popen("check") as process:
            self.asks_in_vain(process)
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=sandbox.patience(60))
        self.assertEqual(process.returncode, -signal.SIGTERM)

    def test_a_service_without_an_end_is_left_behind_by_a_run_that_is_killed__T97(self):
        self.policy({"a": "stuck"})
        with self.popen("check") as process:
            asker = self.asks_in_vain(process)
            process.kill()
        # Nobody ends it now but its own clock.
        while self.runs(asker):
            time.sleep(0.1)

    def asks_in_vain(self, process):
        """The process that asks, once it does so in vain."""
        while not (self.box.work / "hangs").exists():
            self.assertIsNone(process.poll())
            time.sleep(0.01)
        with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="ascii") as children:
            return int(children.read())

    @staticmethod
    def runs(pid):
        try:
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
        except OSError:
            return False
        return stat.rpartition(")")[2].split()[0] != "Z"


if __name__ == "__main__":
    cli_test.main()
