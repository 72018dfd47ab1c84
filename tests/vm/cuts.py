#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""cuts.py --cuts N --program PERMWARD --disk FILE -- BOOT... DIRECTORY: cuts the power of a virtual machine N times, at
random moments, while it accepts, restores and corrects a tree on a disk with a cache that is written back, and has it
judged by the next boot what has become of that (`tests/cli/power_cut.py`). A third of the cuts each on ext4, xfs and btrfs.

BOOT is `boot.sh` with its options, PERMWARD the program by its path in the machine. The last line is
`N passed, N failed, N skipped`, a cut being one."""

import argparse
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

FILE_SYSTEMS = {"ext4": ["mkfs.ext4", "-q", "-F"], "xfs": ["mkfs.xfs", "-q", "-f"], "btrfs": ["mkfs.btrfs", "-q", "-f"]}
SIZE = 512 << 20
LONGEST = 60  # seconds of work before a cut
STUCK = 900  # seconds after which a machine that says nothing is given up

# In the machine: judges what the last work has said, which comes as $1, then works on from that version.
GUEST = """mkdir -p /mnt/cut && modprobe -a FS; mount /dev/vdc /mnt/cut || exit 9
mkdir -p /mnt/cut/etc; version=0
if [ -n "$1" ]; then
  judged=$(printf %s "$1" | python3 tests/cli/power_cut.py judge PROGRAM /mnt/cut) || { echo "$judged"; exit 8; }
  echo "judged $judged"; version=${judged##* }
fi
exec python3 tests/cli/power_cut.py work PROGRAM /mnt/cut $((version + 1)) SEED"""


class Machine:
    """One boot, until its power is cut."""

    def __init__(self, arguments, kind, seed, said):
        self.pid_file = Path(f"{arguments.disk}.pid")
        self.pid_file.unlink(missing_ok=True)
        guest = GUEST.replace("PROGRAM", arguments.program).replace("FS", kind).replace("SEED", str(seed))
        *boot, directory = arguments.boot
        self.lines = []
        self.begun = threading.Event()  # the work; or the end of what the machine says
        self.process = subprocess.Popen(
            [*boot, "--disk", arguments.disk, "--pid-file", self.pid_file, directory, "--",
             "sh", "-c", guest, "guest", "\n".join(said)], stdout=subprocess.PIPE, text=True)
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            if not line.endswith("\n"):
                break  # the cut has cut it, too
            self.lines.append(line.rstrip("\n"))
            if line.startswith("building"):
                self.begun.set()
        self.begun.set()

    def cut(self, after):
        self.begun.wait(STUCK)
        time.sleep(after)
        try:
            os.kill(int(self.pid_file.read_text(encoding="ascii")), signal.SIGKILL)
        except (FileNotFoundError, ProcessLookupError):
            pass  # it has ended by itself: the lines say why
        self.process.wait()
        self.reader.join()

    def said(self):
        """What the work has said, or nothing where it has not begun."""
        first = next((at for at, line in enumerate(self.lines) if line.startswith("building")), len(self.lines))
        return self.lines[first:]


def run(arguments, kind, cuts, dice):
    """Returns how many of the cuts were judged well; ends at one that was not."""
    with open(arguments.disk, "wb") as disk:
        disk.truncate(SIZE)
    subprocess.run([*FILE_SYSTEMS[kind], arguments.disk], check=True)
    said, passed = [], 0
    for number in range(cuts + 1):  # the last boot only judges
        machine = Machine(arguments, kind, dice.randrange(1 << 32), said)
        machine.cut(dice.uniform(0, LONGEST) if number < cuts else 0)
        failed = [line for line in machine.lines if line.startswith(("failed", "WRONG"))]
        if failed or not machine.said():
            print(f"FAILED   cut {number} on {kind}, after {said[-3:]}:", *machine.lines, sep="\n  ")
            return passed, 1
        passed += number > 0
        said = machine.said()
        print(f"{kind}: {number} of {cuts} cuts, the last one at: {said[-1]}", file=sys.stderr, flush=True)
    return passed, 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cuts", type=int, required=True)
    parser.add_argument("--program", required=True)
    parser.add_argument("--disk", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("boot", nargs="+")
    arguments = parser.parse_args()
    passed = failed = 0
    for number, kind in enumerate(FILE_SYSTEMS):
        cuts = (arguments.cuts + number) // len(FILE_SYSTEMS)
        well, badly = run(arguments, kind, cuts, random.Random(f"{arguments.seed} {kind}"))
        passed, failed = passed + well, failed + badly
    print(f"{passed} passed, {failed} failed, 0 skipped")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
