#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""transcript_test.py --program PERMWARD: a judge that cannot say no is none."""

import contextlib
import io
import tempfile
from pathlib import Path
from types import SimpleNamespace

import cli_test
import transcript

TRUE = """\
A story.

  $ printf 'out\\n\\nblank \\n\\001'; echo error >&2; exit 3
  out
  ¶
  blank ¶
  ‹01›⏎̸
  ! error
  [3]

  $ cat <<EOF
  > two
  > lines
  > EOF
  two
  lines
  $ kill -TERM $$
  [SIGTERM]
  % test -t 1 && test -t 2 && echo a terminal
  a terminal
"""
LIES = [
    ("  out\n", "  other\n"),
    ("  out\n", ""),
    ("  lines\n  $ kill", "  lines\n  more\n  $ kill"),
    ("  ! error\n", ""),
    ("  ! error\n", "  error\n"),
    ("  [3]\n", ""),
    ("  [3]\n", "  [2]\n"),
    ("  [SIGTERM]\n", "  [143]\n"),
    ("  a terminal\n", "  ! a terminal\n"),
]

REPORT = ('{"format_version": "1.0", "tool": {"name": "permward", "version": "VERSION"}, "command": "log", '
          '"warnings": [], "runs": []}')
BAD_REPORT = REPORT[:-1] + ', "unheard": 1}'


class Transcript(cli_test.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = Path(directory.name) / "story.txt"

    def judge(self, story, update=False):
        self.path.write_text(story, encoding="utf-8")
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            true = transcript.run_file(self.box, self.path, update)
        return true, said.getvalue()

    def test_a_true_story_is_true(self):
        self.assertEqual(self.judge(TRUE), (True, ""))

    def test_every_lie_is_found_and_shown(self):
        for truth, lie in LIES:
            self.assertIn(truth, TRUE)
            with self.subTest(lie=lie):
                true, said = self.judge(TRUE.replace(truth, lie))
                self.assertFalse(true)
                self.assertIn("what it says now", said)

    def test_an_update_makes_a_story_true_and_touches_nothing_else(self):
        for truth, lie in LIES:
            with self.subTest(lie=lie):
                true, _ = self.judge(TRUE.replace(truth, lie), update=True)
                self.assertTrue(true)
                self.assertEqual(self.path.read_text(encoding="utf-8"), TRUE)

    def test_a_report_that_the_schema_refuses_is_found_and_cannot_be_updated(self):
        for command, answer in [("echo '{}'", ["{}"]), ("echo '{}' >report.json", [])]:
            for report, true in [(REPORT, True), (BAD_REPORT, False)]:
                lines = [line.format(report) for line in ["$ " + command, *answer, "$ rm -f *.json"]]
                story = "".join(f"  {line}\n" for line in lines)
                with self.subTest(command=command, report=report):
                    self.assertEqual(self.judge(story)[0], true)
                    self.assertEqual(self.judge(story, update=True)[0], true)

    def test_so_is_one_of_which_a_story_shows_a_part(self):
        with tempfile.TemporaryDirectory() as directory:
            box = SimpleNamespace(work=Path(directory), run=lambda _: (0, BAD_REPORT.encode(), b""))
            for command, found in [("permward check -f json | grep x", True),
                                   ("cd x; permward check --format=jsonl -q | head -1", True),
                                   ("permward check | grep x", False)]:
                with self.subTest(command=command):
                    mistakes = transcript.schema_mistakes(box, command, b"", {})
                    self.assertEqual(len(mistakes) > 0, found)


if __name__ == "__main__":
    cli_test.main()
