#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""endings_test.py --program PERMWARD: how a run ends that is not let to its end."""

import contextlib
import json
import os
import pty
import select
import signal
import subprocess
import time
from pathlib import Path

import cli_test
import sandbox

POLICY = """\
schema = 1
[[rule]]
id = "tree"
path = "/w/tree"
recurse = true
mode = "o-w"
acl = []
"""
DIRECTORIES = 300
FILES = 200  # in each: enough that no machine is through before a signal comes


class Endings(cli_test.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.box.work / "p.toml").write_text(POLICY, encoding="ascii")
        (cls.box.work / "many.toml").write_text(POLICY.replace("o-w", "0777"), encoding="ascii")
        for directory in range(DIRECTORIES):
            path = cls.box.work / "tree" / str(directory)
            path.mkdir(parents=True)
            for file in range(FILES):
                os.close(os.open(path / str(file), os.O_CREAT, 0o644))

    def start(self, command, **options):
        """The run, once it looks at the tree."""
        process = self.box.popen(f"exec permward check -v -j1 -p p.toml {command}", sandbox.without_leak_search(),
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, **options)
        self.addCleanup(process.__exit__, None, None, None)  # closes its pipes, and waits
        for line in process.stderr:
            if b"policy files" in line:
                return process
        self.fail("it did not get to look at the tree")

    def test_a_signal_ends_the_run_with_its_report(self):
        for number in [signal.SIGHUP, signal.SIGINT, signal.SIGTERM]:
            process = self.start("-f json")
            process.send_signal(number)
            out, _ = process.communicate(timeout=sandbox.patience(60))
            self.assertEqual(process.returncode, -number)
            report = json.loads(out)
            self.assertIs(report["interrupted"], True)
            self.assertIs(report["summary"]["in_policy"], False)
            self.assertLess(report["summary"]["objects"], DIRECTORIES * FILES)

    def test_an_interrupted_report_says_so(self):
        process = self.start("")
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=sandbox.patience(60))
        self.assertIn(b"Interrupted, this is not all: ", out.splitlines()[-1])

    def test_a_signal_that_was_ignored_stays_ignored(self):
        for number in [signal.SIGHUP, signal.SIGINT]:
            process = self.start("-q", preexec=lambda: signal.signal(number, signal.SIG_IGN))
            process.send_signal(number)
            out, _ = process.communicate(timeout=sandbox.patience(60))
            self.assertEqual(process.returncode, 0)
            self.assertTrue(out.startswith(b"No violations"))

    def test_a_reader_that_went_away_is_no_success(self):
        process = self.start("-f json")
        process.stdout.close()
        process.stderr.read()
        self.assertEqual(process.wait(timeout=sandbox.patience(60)), -signal.SIGPIPE)

    def test_nor_is_it_where_the_signal_is_ignored(self):
        process = self.start("-f json",
                             preexec=lambda: signal.signal(signal.SIGPIPE, signal.SIG_IGN))
        process.stdout.close()
        self.assertIn(b"could not write /dev/stdout: Broken pipe", process.stderr.read())
        self.assertEqual(process.wait(timeout=sandbox.patience(60)), 1)

    def check_error_document(self, name, reason):
        """That this is the report of a run that was ended by that, and nothing is left beside it."""
        report = json.loads((self.box.work / name).read_text(encoding="utf-8"))
        self.assertIn(reason, report["error"]["message"])
        self.assertEqual(report["findings"], [])
        self.assertIs(report["summary"]["in_policy"], False)
        self.assertEqual(list(self.box.work.glob(f".{name}.*")), [])

    def test_a_run_that_gets_no_memory_says_so_in_its_report(self):
        little = "ulimit -v 78000; exec permward"  # enough to begin, and for some of the findings
        if self.box.run(f"{little} version")[0] != 0:
            self.skipTest("a sanitizer takes more memory to begin with")
        status, _, err = self.box.run(f"{little} check -j1 -p many.toml -f json -o r.json")
        self.assertEqual(status, 1)
        self.assertIn(b"could not go on: std::bad_alloc", err)
        self.check_error_document("r.json", "the process that looks ended with the status 1")

    @staticmethod
    def child_of(process):
        """The process that looks; None where there is none yet."""
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                text = stat.read_text(encoding="utf-8", errors="replace")
                parent = text.rpartition(")")[2].split()[1]
                if int(parent) == process.pid:
                    return int(stat.parent.name)
        return None

    @staticmethod
    def threads(pid):
        with contextlib.suppress(OSError):
            return len(list(Path(f"/proc/{pid}/task").iterdir()))
        return 0

    def killed_in_its_report(self, command, begun):
        """A run whose process that looks was killed when `begun(process)`, long before all of its report
        was written: its status, and what else there was of stdout and stderr."""
        process = self.start(f"{command} --all")
        while not (looking := self.child_of(process)):
            self.assertIsNone(process.poll())
        while not begun(process):
            self.assertIsNone(process.poll())
        os.kill(looking, signal.SIGKILL)
        out, err = process.communicate(timeout=sandbox.patience(60))
        return process.returncode, out, err

    def test_where_the_process_that_looks_is_killed_no_half_report_is_left(self):
        (self.box.work / "r.json").write_text("old", encoding="ascii")
        status, _, err = self.killed_in_its_report("-f json -o r.json",
                                                   lambda _: list(self.box.work.glob(".r.json.*")))
        self.assertEqual(status, 1)
        why = "since the process that looks ended by the signal KILL, before its reports were whole"
        self.assertIn(f"permward: could not look {why}\n".encode(), err)
        self.check_error_document("r.json", why)

    def test_what_is_on_stdout_by_then_stays_and_gets_nothing_more(self):
        status, out, err = self.killed_in_its_report("-f json --report json:r.json",
                                                     lambda process: os.read(process.stdout.fileno(), 1))
        self.assertEqual(status, 1)
        self.assertIn(b"before its reports were whole", err)
        self.assertTrue(out.startswith(b'\n"format_version"'))
        self.assertNotIn(b'"error":', out)
        self.assertFalse(out.endswith(b"}\n"))
        self.check_error_document("r.json", "before its reports were whole")

    def held_up(self):
        """A run on a terminal that was stopped for a while in its look at the tree: what it wrote to
        stdout and to the terminal; None where it was through before it was held up."""
        ours, theirs = pty.openpty()
        process = self.box.popen("exec permward check -j1 -p p.toml", {"TERM": "xterm", **sandbox.without_leak_search()},
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=theirs)
        os.close(theirs)
        self.addCleanup(os.close, ours)
        self.addCleanup(process.__exit__, None, None, None)
        looking = None
        while not looking or self.threads(looking) < 4:
            if process.poll() is not None:
                return None
            looking = looking or self.child_of(process)
        os.kill(looking, signal.SIGSTOP)
        time.sleep(1.2)
        os.kill(looking, signal.SIGCONT)
        out, _ = process.communicate(timeout=sandbox.patience(60))
        shown = b""
        with contextlib.suppress(OSError):  # EIO, once all of it was read
            while select.select([ours], [], [], 0)[0]:
                shown += os.read(ours, 65536)
        return (out, shown) if shown else None

    def test_a_run_that_lasts_shows_on_a_terminal_how_far_it_is(self):
        tries = iter(range(50))
        while not (held := self.held_up()):
            next(tries)
        out, shown = held
        self.assertTrue(out.startswith(b"No violations"))
        self.assertRegex(shown, rb"^\r\x1b\[K\d+ objects, \d+ a second")
        self.assertTrue(shown.endswith(b"\r\x1b[K"))

    def test_nothing_of_the_process_is_for_others(self):
        process = self.start("")
        limits = (self.proc(process) / "limits").read_text(encoding="ascii")
        status = (self.proc(process) / "status").read_text(encoding="ascii")
        process.kill()
        process.communicate()
        self.assertRegex(limits, r"Max core file size +0 +0")
        self.assertRegex(status, r"Umask:\s+0077")


if __name__ == "__main__":
    cli_test.main()
