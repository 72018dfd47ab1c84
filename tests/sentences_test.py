#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""sentences_test.py --ctest CTEST --build DIR: that sentences.py finds a break in each way that there is."""

import argparse
import sys
import unittest

import sentences

STATEMENT = "9.1  Three or four octal digits are exact, over all twelve bits.\n"
BREAKS = [
    # what stands there, what is put in its place, what is said of it
    ("unit_policy/an octal mode has three or four digits and is exact over all bits",
     "unit_policy/an octal mode has four digits", "ctest does not list it"),
    ("unit_policy/an octal mode has three or four digits and is exact over all bits",
     "unit_polisy/an octal mode has three or four digits and is exact over all bits",
     "no source has such a test case"),
    ("fuzz_policy/corpus", "fuzz_policies/corpus", "there is no such test"),
    ("cli/endings\n", "cli/beginnings\n", "there is no such test"),
    ("cli/check $ permward check -q -p app.toml", "cli/checks $ permward check -q -p app.toml",
     "there is no such story"),
    ("cli/check $ permward check -q -p app.toml", "cli/check $ permward check -p app.tom",
     "the story does not have that command"),
    ("cli/check $ permward check -q -p app.toml", "cli/check % permward check -q -p app.toml",
     "the story does not have that command"),
    ("cli/check[1] $ permward check -p app.toml", "cli/check $ permward check -p app.toml",
     "the story has that command"),
    ("cli/check[1] $ permward check -p app.toml", "cli/check[9] $ permward check -p app.toml",
     "the story does not have that command"),
    ("schema/modes | two digits", "schema/modes | twelve digits", "no such case of the corpus"),
    ("schema/modes | two digits", "schema/mods | two digits", "no such case of the corpus"),
    (STATEMENT, "9.1\n", "there is no statement"),
    (STATEMENT, STATEMENT + "9.2  And more.\n", "there is no test"),
    (STATEMENT, "9.2  Three or four octal digits.\n", "9.2 does not follow 8."),
    (STATEMENT, "", "neither the next topic nor a row"),
    (STATEMENT, STATEMENT + "     -\n", "no source has such a test case"),
    ("== 10 ACLs\n", "", "stands below the topic 9"),
    ("== 10 ACLs\n", "== 11 ACLs\n", "neither the next topic nor a row"),
    ("     fuzz_policy/corpus\n", "     fuzz_policy/corpus\n     fuzz_policy/corpus\n", "named twice"),
    ("9.4  So are other counts of digits.", "9.4  A backslash with nothing behind it is an error.",
     "9.4 says what 8.10 says"),
]


class Sentences(unittest.TestCase):
    known = None
    text = (sentences.TESTS / "sentences.txt").read_text(encoding="utf-8")

    def test_the_table_as_it_is_has_no_mistake(self):
        self.assertEqual(sentences.mistakes_of(self.known, self.text), [])

    def test_each_break_is_found(self):
        for old, new, said in BREAKS:
            with self.subTest(new=new):
                self.assertIn(old, self.text)
                found = sentences.mistakes_of(self.known, self.text.replace(old, new, 1))
                self.assertTrue(any(said in one for one in found), found)

    def test_a_program_that_is_not_built_is_known_by_its_sources(self):
        known = self.known
        tests, programs = known.tests, known.programs
        try:
            known.tests = {name for name in tests if not name.startswith("fs_engine/")}
            known.programs = programs - {"fs_engine"}
            self.assertEqual(sentences.mistakes_of(known, self.text), [])
        finally:
            known.tests, known.programs = tests, programs


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--ctest", required=True)
    parser.add_argument("--build", required=True)
    arguments, rest = parser.parse_known_args()
    Sentences.known = sentences.Known(arguments.ctest, arguments.build)
    unittest.main(argv=[sys.argv[0], *rest])
