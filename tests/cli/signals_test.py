#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""signals_test.py --program PERMWARD: T99. Signals in storms during check, apply and undo, and those that end
a run, during apply."""

import contextlib
import json
import os
import random
import signal
import subprocess
import threading
import time

import cli_test
import sandbox

FILES = 400
POLICY = """\
schema = 1
[[rule]]
id = "tree"
path = "/w/tree"
recurse = true
files = { owner = "root", mode = "0640" }
"""
HARMLESS = [signal.SIGCHLD, signal.SIGWINCH, signal.SIGCONT, signal.SIGURG]
# Those mean nothing to whoever was started to ignore them, as by nohup(1).
IGNORED = [signal.SIGHUP, signal.SIGALRM]
ENDING = [signal.SIGHUP, signal.SIGINT, signal.SIGTERM]
APPLY = "exec permward apply -p p.toml --state-dir state -f json"
IN_PARTS = "ulimit -n 128; " + APPLY  # few are held at once: others are not looked at again by then
CHECK = "exec permward check -p p.toml -f json"
UNDO = "exec permward undo -p p.toml --state-dir state -f json"


class Signals(cli_test.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not sandbox.real_root():
            sandbox.skip("needs root")
        (cls.box.work / "p.toml").write_text(POLICY, encoding="ascii")
        cls.dice = random.Random(int(os.environ.get("PERMWARD_SIGNALS_SEED", "1")))

    def setUp(self):
        self.sent = 0
        self.box.run("chattr -R -i tree; rm -rf tree state; mkdir tree", timeout=120)
        tree = self.box.work / "tree"
        for number in range(FILES):
            path = tree / str(number)
            path.touch()
            path.chmod(0o666)
            os.chown(path, 1002, 0)
        barred = [f"tree/{number}" for number in range(0, FILES, 4)]
        self.assertEqual(self.box.run("chattr +i " + " ".join(barred))[0], 0)
        self.barred = barred

    @contextlib.contextmanager
    def start(self, command=APPLY):
        with self.box.popen(command, sandbox.without_leak_search(), stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            try:
                yield process
            except BaseException:
                process.kill()  # or leaving would wait for it
                raise

    def states(self):
        return [(status.st_uid, status.st_mode & 0o7777)
                for number in range(FILES)
                for status in [os.stat(self.box.work / "tree" / str(number))]]

    def immutable(self):
        """How many of the barred files are."""
        _, out, _ = self.box.run("lsattr " + " ".join(self.barred))
        return sum(b"i" in line.split()[0] for line in out.splitlines())

    def in_a_storm(self, command, status):
        """The summary of its report."""
        with self.start("trap '' HUP ALRM; " + command) as process:
            done = threading.Event()
            # The shell that starts it.
            while process.poll() is None and "permward" not in (self.proc(process) / "comm").read_text("ascii"):
                time.sleep(0.001)

            def storm():
                while not done.is_set() and process.poll() is None:
                    process.send_signal(self.dice.choice(HARMLESS + IGNORED))
                    self.sent += 1
                    time.sleep(0.0005)

            thread = threading.Thread(target=storm)
            thread.start()
            out, err = process.communicate(timeout=sandbox.patience(120))
            done.set()
            thread.join()
        self.assertEqual((process.returncode, err), (status, b""))
        self.assertEqual(self.immutable(), len(self.barred))
        return json.loads(out)["summary"]

    def test_a_storm_of_signals_that_mean_nothing_ends_nothing(self):
        self.assertEqual(self.in_a_storm(CHECK, 2)["violations"], 2 * FILES)
        self.assertEqual(set(self.states()), {(1002, 0o666)})
        self.assertEqual(self.in_a_storm(APPLY, 0)["corrected"], 2 * FILES)
        self.assertEqual(set(self.states()), {(0, 0o640)})
        self.assertEqual(self.in_a_storm(CHECK, 0)["violations"], 0)
        self.assertEqual(self.in_a_storm(UNDO, 0)["corrected"], 2 * FILES)
        self.assertEqual(set(self.states()), {(1002, 0o666)})
        self.assertGreater(self.sent, 0, "all of them ended before the storm")

    def test_what_ends_a_run_ends_it_between_two_objects(self):
        ended = 0
        # On a busy machine a run may be done before it is seen to be at work.
        for attempt in range(150):
            if attempt >= 12 and ended > 0:
                break
            self.setUp()
            with self.start(IN_PARTS) as process:
                done = self.dice.randrange(FILES // 2)  # by then
                latest = time.monotonic() + sandbox.patience(60)
                while process.poll() is None and self.states().count((0, 0o640)) < done:
                    self.assertLess(time.monotonic(), latest, "it does not get on")
                    time.sleep(0.0005)
                number = self.dice.choice(ENDING)
                process.send_signal(number)
                out, _ = process.communicate(timeout=sandbox.patience(120))
            with self.subTest(attempt=attempt, number=number):
                self.assertIn(process.returncode, [-number, 0])
                self.assertLessEqual(set(self.states()), {(0, 0o640), (1002, 0o666)})
                self.assertEqual(self.immutable(), len(self.barred))
                if process.returncode == -number and out:
                    report = json.loads(out)
                    interrupted = report.get("interrupted", False)  # it may come when all is done
                    ended += interrupted
                    self.assertEqual(report["summary"]["in_policy"], not interrupted)
                    done = self.states().count((0, 0o640))
                    self.assertEqual(report["summary"]["changed"], done)
                    # What it did not come to is told as it was found: two findings each.
                    summary = report["summary"]
                    found = summary["objects"] - summary["compliant"]
                    self.assertEqual(summary["violations"] + summary["corrected"], 2 * found)
                    self.assertTrue(interrupted or done == FILES)
                status, _, _ = self.box.run(APPLY)
                self.assertEqual(status, 0)
                self.assertEqual(set(self.states()), {(0, 0o640)})
        self.assertGreater(ended, 0, "no run was ended while it was at work")


if __name__ == "__main__":
    cli_test.main()
