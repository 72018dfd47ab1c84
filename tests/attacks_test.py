#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""attacks_test.py: that attacks.py finds a break in each way that there is."""

import json
import sys
import tempfile
import types
import unittest
from pathlib import Path

import attacks

CASES = "# comment\nT03  a file and a link are exchanged\n\nT101 links go round in circles\n"
EVERY = [("fs/exchanged - T03", {"T03"}), ("fs/plain", set()), ("cli/both", {"T03", "T101"})]
JUNIT = """\
<testsuite><testcase name="a" status="run"/><testcase name="b" status="run"/><testcase name="c" status="fail"/>
<testcase name="d" status="notrun"/><testcase name="e"/></testsuite>"""


def figure(**members):
    return json.dumps({"cases": "T03", "what": "w", "where": "ext4", "runs": 1200, "actions": 7, "attacks": 50000,
                       "naive": 3, **members})


class Attacks(unittest.TestCase):
    def setUp(self):
        self.cases = attacks.cases_in(CASES)
        self.tests = attacks.tests_of(EVERY)
        self.page = "\n".join(attacks.case_rows(self.cases, self.tests))

    def mistakes(self):
        return attacks.mistakes(self.cases, self.tests, self.page)

    def test_what_fits_together_has_no_mistake(self):
        self.assertEqual(self.mistakes(), [])

    def test_a_case_without_a_test_is_found(self):
        del self.tests["T101"]
        self.assertIn("T101 has no test", self.mistakes())

    def test_a_test_of_no_case_is_found(self):
        self.tests["T900"] = ["fs/odd - T900"]
        self.assertEqual(self.mistakes(), ["T900 is no case of attacks.txt: fs/odd - T900"])

    def test_a_page_that_is_out_of_date_is_found(self):
        self.tests["T03"].append("fs/new - T03")
        self.assertEqual([one.split()[7] for one in self.mistakes()], ["T03"])

    def test_a_line_that_is_no_case_and_a_case_that_stands_twice_end_it(self):
        for text in (CASES + "T4 short\n", CASES + "T03  again\n", CASES + " T05  indented\n"):
            with self.subTest(text=text), self.assertRaises(SystemExit):
                attacks.cases_in(text)

    def test_a_promise_that_no_test_holds_is_found(self):
        promises = "**1. It is.**\n\n- `fs/plain`\n- `fs/gone`\n"
        found = attacks.broken_promises({name for name, _ in EVERY}, promises)
        self.assertEqual(found, ["threat-model.md: there is no test fs/gone"])

    def test_those_with_a_number_are_selected(self):
        self.assertEqual(attacks.selection(EVERY), "0,0,0,1,3")

    def test_what_ran_is_counted_and_a_test_that_says_nothing_failed(self):
        with tempfile.TemporaryDirectory() as place:
            junit, figures = Path(place) / "junit.xml", Path(place) / "figures"
            junit.write_text(JUNIT, encoding="utf-8")
            figures.write_text(figure(cases="T101") + "\n" + figure(naive=0, actions=0), encoding="utf-8")
            self.assertEqual(attacks.result_of(junit), (2, 2, 1))
            page = attacks.page_of(self.cases, self.tests, types.SimpleNamespace(junit=junit, figures=figures))
        self.assertIn("2 tests passed, 2 failed, 1 skipped", page)
        rows = [line for line in page.splitlines() if "| ext4 |" in line]
        self.assertEqual(rows, ["| T03 | w | ext4 | 1,200 | – | 50,000 | 0 | – |",
                                "| T101 | w | ext4 | 1,200 | 7 | 50,000 | 0 | 3 |"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])  # what the others of its kind are told is not needed
