#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""settings_test.py --program PERMWARD: what the settings bound is bounded, by what the journal has."""

import contextlib
import sqlite3

import cli_test
import sandbox

POLICY = """\
schema = 1
[[rule]]
id = "a"
path = "/w/a"
mode = "0640"
"""
DAY = 24 * 60 * 60


class Settings(cli_test.TestCase):
    def setUp(self):
        if not sandbox.real_root():
            self.skipTest("needs root")
        self.box.run("rm -rf state a; touch a; mkdir -p /etc/permward; rm -f /etc/permward/permward.toml")
        (self.box.work / "p.toml").write_text(POLICY, encoding="ascii")

    def journal(self, statement):
        with contextlib.closing(sqlite3.connect(self.box.work / "state/state.db")) as database:
            rows = database.execute(statement).fetchall()
            database.commit()
            return rows

    def runs(self):
        return [run for run, in self.journal("SELECT id FROM runs ORDER BY number")]

    def correct(self, options=""):
        """Corrects something; returns the runs that are then remembered, the oldest first."""
        status, _, err = self.box.run(f"chmod 666 a; permward apply -p p.toml --state-dir state {options}")
        self.assertEqual((status, err), (0, b""))
        return self.runs()

    def settings(self, text):
        (self.box.root / "etc/permward/permward.toml").write_text(text, encoding="ascii")

    def age(self, days):
        """All runs are older by so much."""
        self.journal(f"UPDATE runs SET started = started - {days * DAY}, finished = finished - {days * DAY}")

    def test_so_many_runs_are_kept_and_they_are_the_newest(self):
        for _ in range(4):
            before = self.correct()
        self.assertEqual(len(before), 4)
        self.settings("[store]\nkeep_runs = 2\n")
        after = self.correct()
        self.assertEqual(len(after), 2)
        self.assertEqual(after[0], before[-1])
        self.assertEqual(self.correct()[0], after[-1])

    def test_what_a_named_file_says_counts_and_not_the_default_file(self):
        self.settings("[store]\nkeep_runs = 1\n")
        (self.box.work / "s.toml").write_text("[store]\nkeep_runs = 3\n", encoding="ascii")
        counts = [len(self.correct("--config s.toml")) for _ in range(5)]
        self.assertEqual(counts, [1, 2, 3, 3, 3])
        self.assertEqual(len(self.correct()), 1)

    def test_runs_that_are_too_old_are_forgotten(self):
        self.settings("[store]\nkeep_days = 3\n")
        self.correct()
        self.age(2)
        self.assertEqual(len(self.correct()), 2)
        self.age(2)
        self.assertEqual(len(self.correct()), 2)

    def test_what_is_not_set_is_at_its_default(self):
        self.settings("[store]\nkeep_runs = 1000\n")
        self.correct()
        self.age(399)
        self.assertEqual(len(self.correct()), 2)
        self.age(2)
        self.assertEqual(len(self.correct()), 2)

    def test_a_run_that_changes_nothing_forgets_too_and_a_dry_run_does_not(self):
        self.correct()
        self.correct()
        self.settings("[store]\nkeep_runs = 1\n")
        self.assertEqual(self.box.run("permward apply -n -p p.toml --state-dir state")[0], 0)
        self.assertEqual(len(self.runs()), 2)
        self.assertEqual(self.box.run("permward apply -p p.toml --state-dir state")[0], 0)
        self.assertEqual(len(self.runs()), 1)


if __name__ == "__main__":
    cli_test.main()
