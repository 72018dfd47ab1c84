#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""power_cut_test.py --program PERMWARD: a file system that stops at a random moment, as in a power cut, while a tree is
accepted, restored and corrected, and what is on it when it is mounted again (`power_cut.py`). ext4 and xfs can be stopped
so that nothing more reaches the disk, not even what their logs have not written yet; machines that stop with btrfs and a
disk with a cache are `tests/vm/cuts.sh`."""

import fcntl
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import cli_test
import sandbox

SHUTDOWN = 0x8004587D  # ext4 and xfs: FS_IOC_SHUTDOWN, _IOR('X', 125, __u32)
NO_LOG_FLUSH = (2).to_bytes(4, sys.byteorder)
CUTS, ALL_CUTS = 6, 100  # of each file system
SEED = int(os.environ.get("PERMWARD_POWER_CUT_SEED", "1"))
WORK = Path(__file__).parent / "power_cut.py"


class PowerCut(cli_test.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not sandbox.real_root():
            sandbox.skip("needs root")
        if os.environ.get("PERMWARD_TEST_ALL") != "1":
            print(f"sampled: {CUTS} of {ALL_CUTS} power cuts on each file system", flush=True)

    def script(self, verb, *words, **options):
        return [sys.executable, WORK, verb, self.program, self.place, *map(str, words)]

    def mount(self):
        subprocess.run(["mount", "-o", "loop", self.box.work / "image", self.place], check=True)

    def stop_the_file_system(self):
        place = os.open(self.place, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.ioctl(place, SHUTDOWN, NO_LOG_FLUSH)
        os.close(place)

    def cut(self, version, dice):
        """Returns what the work has said."""
        with subprocess.Popen(self.script("work", version, dice.randrange(1 << 32)), stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True, start_new_session=True) as work:
            first = work.stdout.readline()
            time.sleep(dice.uniform(0, 2.5))
            self.stop_the_file_system()
            os.killpg(work.pid, signal.SIGKILL)
            said = first + work.stdout.read()  # to the end of the last of them
        # What fails once the file system is gone has not begun, or was under way.
        whole = said[:said.rfind("\n") + 1]
        lines = [line for line in whole.splitlines() if not line.startswith("failed")]
        self.assertTrue(lines, said)
        while subprocess.run(["umount", self.place], stderr=subprocess.DEVNULL, check=False).returncode != 0:
            time.sleep(0.05)  # whoever was killed has not let go of it yet
        self.mount()
        return lines

    def run_cuts(self, kind):
        dice = random.Random(f"{SEED} {kind}")
        self.place = self.box.work / "there"
        self.addCleanup(self.box.image("there", kind, "300M"))
        (self.place / "etc").mkdir()
        version = 1
        for number in range(ALL_CUTS if os.environ.get("PERMWARD_TEST_ALL") == "1" else CUTS):
            said = self.cut(version, dice)
            judged = subprocess.run(self.script("judge"), input="\n".join(said), capture_output=True, text=True, check=False)
            self.assertEqual(judged.returncode, 0,
                             f"{kind}, seed {SEED}, cut {number}, after {said[-3:]}: {judged.stdout}{judged.stderr}")
            version = int(judged.stdout.split()[1]) + 1

    def test_ext4(self):
        self.run_cuts("ext4")

    def test_xfs(self):
        self.run_cuts("xfs")


if __name__ == "__main__":
    cli_test.main()
