#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""failing_test.py --program PERMWARD [CLASS]: memory that runs out at any allocation - T98,
and errors at each openat(2) and read(2) of all threads: what strace, in `faults_test.py`, cannot tell from
those of the loader. The library of failing.cpp is in the build directory.

The promises are those of `faults_test.py`."""

import errno
import random
import signal
import sys
from pathlib import Path

import cli_test
import faults
import faults_test
import sandbox

ALLOCATIONS = 400  # at most, where all are to be taken: there are thousands
# Of prlimit(1): from where it is not the loader that has too little.
LIMITS = {"nofile": range(4, 41), "as": range(22 << 20, 66 << 20, 1 << 20)}


class Failing:
    """Of a class of faults: that each comes by the library."""

    @classmethod
    def setUpClass(cls):
        cls.library = Path(cls.program).resolve().parents[1] / "tests/cli/libpermward_failing.so"
        if not cls.library.exists():
            sandbox.skip(f"needs {cls.library}")
        super().setUpClass()
        cls.build()
        cls.untouched = cls.shown()

    def assert_told(self, fault, status, out, err):
        """OpenSSL 3.0 uses the lock that it had no memory for, and dies where a policy is read; glibc ends a
        process in which it cannot know how names are to be found."""
        if (fault.call, status) == ("malloc", -signal.SIGSEGV):
            self.assertEqual(self.shown(), self.untouched)
        elif (fault.call, status, err) != ("malloc", -signal.SIGABRT, b"Unexpected error.\n"):
            super().assert_told(fault, status, out, err)

    def failing(self, fault):
        error = getattr(errno, fault.what.removeprefix("error="))
        how = "always" if fault.for_good else "once"
        (self.box.work / "made").write_bytes(bytes(4))
        return (f"PERMWARD_FAILING='{fault.call} {fault.number} {error} {how} /w/made' LD_PRELOAD={self.library} "
                f"{self.command}")

    def made(self):
        return int.from_bytes((self.box.work / "made").read_bytes(), sys.byteorder)

    def inject(self, fault):
        self.build()
        limited = fault.call in LIMITS
        command = f"prlimit --{fault.call}={fault.number} {self.command}" if limited else self.failing(fault)
        status, out, err = self.box.run(command)
        status = status if status <= 128 else 128 - status
        type(self).ended[status] += 1
        if not limited:
            type(self).not_met += self.made() < fault.number
        return status, out, err

    def numbers(self, call):
        self.build()
        self.box.run(self.failing(faults.Fault(call, 0, "error=EIO")))
        self.assertGreater(self.made(), 0)
        return range(1, self.made() + 1)

    def try_them(self, call, errors, kind):
        dice = random.Random(faults.SEED)
        every = [faults.Fault(call, number, "error=" + dice.choice(errors), for_good)
                 for number in self.numbers(call) for for_good in (False, True)]
        every = dice.sample(every, min(len(every), ALLOCATIONS)) if call == "malloc" else every
        self.try_all(self.sample(every, kind), self.check)

    def test_memory_runs_out_at_any_allocation(self):
        self.try_them("malloc", ["ENOMEM"], "allocations - T98")

    def test_few_descriptors(self):
        self.try_limit("nofile", "EMFILE")

    def test_a_small_address_space(self):
        self.try_limit("as", "ENOMEM")

    def try_limit(self, limit, error):
        every = [faults.Fault(limit, number, "error=" + error) for number in LIMITS[limit]]
        self.try_all(self.sample(every, f"limits of {limit} - T98"), self.check)

    def test_what_cannot_be_opened(self):
        self.try_them("openat", ["EMFILE", "ENFILE", "EIO", "EACCES", "ENOMEM", "ELOOP", "ESTALE"], "calls of openat")

    def test_what_cannot_be_read(self):
        self.try_them("read", ["EIO", "ESTALE", "EAGAIN", "ENOMEM"], "calls of read")


def of_the_library(base):
    own = {name: None for name in dir(base) if name.startswith("test_")}  # those are by strace
    return type(base.__name__, (Failing, base), own | {"__module__": __name__, **{
        name: getattr(Failing, name) for name in dir(Failing) if name.startswith("test_")}})


Apply = of_the_library(faults_test.Apply)
Undo = of_the_library(faults_test.Undo)
Check = of_the_library(faults_test.Check)
CheckInPolicy = of_the_library(faults_test.CheckInPolicy)
Log = of_the_library(faults_test.Log)

if __name__ == "__main__":
    cli_test.main()
