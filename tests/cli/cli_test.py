# SPDX-License-Identifier: Apache-2.0
"""What the tests share that are more than a transcript: a sandbox of their own."""

import argparse
import sys
import unittest
from pathlib import Path

import sandbox


# Before strace: a sanitizer cannot look for leaks in a process that is traced.
TRACEABLE = "ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0"


class TestCase(unittest.TestCase):
    program = None
    box = None

    @classmethod
    def setUpClass(cls):
        cls.box = sandbox.Sandbox(cls.program)

    @staticmethod
    def proc(process):
        return Path("/proc") / str(process.pid)


def main():
    sandbox.enter()
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True, help="the permward to test")
    arguments, rest = parser.parse_known_args()
    TestCase.program = arguments.program
    unittest.main(module="__main__", argv=[sys.argv[0], *rest])
