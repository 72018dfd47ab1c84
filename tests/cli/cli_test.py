# SPDX-License-Identifier: Apache-2.0
"""What the tests share that are more than a transcript: a sandbox of their own."""

import argparse
import json
import re
import shutil
import sys
import unittest
from pathlib import Path

import reports
import sandbox

UNFINISHED = re.compile(r"(?P<begin>(?P<pid>\d+) .*?) ?<unfinished \.\.\.>")
RESUMED = re.compile(r"(?P<pid>\d+) +<\.\.\. \w+ resumed>(?P<end>.*)")


class TestCase(unittest.TestCase):
    program = None
    box = None

    @classmethod
    def setUpClass(cls):
        cls.box = sandbox.Sandbox(cls.program)

    @staticmethod
    def proc(process):
        return Path("/proc") / str(process.pid)

    def shell(self, command, statuses=(0,), **options):
        """What it writes to stdout; it ends in one of these statuses."""
        status, out, err = self.box.run(command, **options)
        self.assertIn(status, statuses, (command, out, err))
        return out.decode(errors="replace")

    def told(self, command, status=0):
        """The one report of a run of permward, which is as the schema says, and what it wrote to stderr."""
        found, out, err = self.box.run(f"{command} -f json")
        self.assertEqual(found, status, (command, out, err))
        self.assertEqual((reports.mistakes_in(out), len(reports.reports_in(out))), ([], 1), out)
        return json.loads(out), err.decode(errors="replace")

    def do(self, command, status=0):
        """The report alone."""
        return self.told(command, status)[0]


def whole_calls(lines):
    """With the halves put together of a call during which another process was heard of, where it began."""
    out, begun = [], {}
    for line in lines:
        if half := UNFINISHED.fullmatch(line):
            begun[half["pid"]] = len(out)
            out.append(half["begin"])
        elif half := RESUMED.fullmatch(line):
            out[begun.pop(half["pid"])] += half["end"]
        else:
            out.append(line)
    return out


class TracedTestCase(TestCase):
    """Of which system calls a run makes, by strace(1)."""

    policy = ""  # in /w/p.toml

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not shutil.which("strace"):
            sandbox.skip("needs strace")
        (cls.box.work / "p.toml").write_text(cls.policy, encoding="ascii")

    def trace(self, calls, arguments, statuses):
        """The lines that strace writes of these calls, with the paths of descriptors, while `permward
        ARGUMENTS` runs. Calls that it does not know are left out."""
        traced = ",".join("?" + call for call in calls)
        status, _, err = self.box.run(f"strace -f -y -o trace -e trace={traced} permward {arguments}")
        self.assertIn(status, statuses, err)
        return whole_calls((self.box.work / "trace").read_text(encoding="utf-8", errors="replace").splitlines())


def main():
    sandbox.enter()
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True, help="the permward to test")
    arguments, rest = parser.parse_known_args()
    TestCase.program = arguments.program
    unittest.main(module="__main__", argv=[sys.argv[0], *rest])
