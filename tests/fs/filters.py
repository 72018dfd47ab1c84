#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""filters.py WITHOUT_CALLS PROGRAM: the tests of a program where a filter refuses the newer system calls - T94.

As an older kernel does, by ENOSYS, and as the filter of a container does, by EPERM. PERMWARD_TEST_ALL=1: all of
them, and each by itself, both ways, what is long only where all are refused as an older kernel does; else that
alone, without what is long."""

import errno
import os
import subprocess
import sys

# By their numbers, which all architectures share.
CALLS = {"fsopen": [430, 431, 432], "openat2": [437], "fchmodat2": [452], "setxattrat": [463], "getxattrat": [464],
         "listxattrat": [465], "removexattrat": [466], "statmount": [457, 458], "file_getattr": [468, 469]}
EVERY = sorted(number for numbers in CALLS.values() for number in numbers)


# What takes a time of its own, or is long: attacks that go on for seconds, and what is very deep or large. Which
# call is refused alone decides about the way to a value, and not about when it is looked at.
LONG = ["T03", "T04", "T05", "T06", "T08", "T09", "T11", "T12", "T16", "T17", "T18", "T72", "T80", "T105"]
ALL = os.environ.get("PERMWARD_TEST_ALL") == "1"


def levels():
    """(name, numbers, errno, whether with what is long)"""
    yield "the newer calls", EVERY, errno.ENOSYS, ALL
    if not ALL:
        print(f"sampled: 1 of {2 * len(CALLS) + 2} sets of refused calls, without {', '.join(LONG)}")
        return
    yield "the newer calls", EVERY, errno.EPERM, False
    for error in (errno.ENOSYS, errno.EPERM):
        for name, numbers in CALLS.items():
            yield name, numbers, error, False


def main():
    without, program = sys.argv[1:]
    failed = 0
    for name, numbers, error, whole in levels():
        what = f"without {name}, {errno.errorcode[error]}"
        left_out = [] if whole else [f"~*{case}*" for case in LONG]
        environment = {**os.environ, "PERMWARD_TEST_ALL": str(int(whole)), "PERMWARD_FIGURES_UNDER": f"without {name}"}
        ran = subprocess.run([without, str(error), ",".join(map(str, numbers)), program, *left_out], stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, env=environment, check=False)
        print(f"{what}: {'passed' if ran.returncode == 0 else f'ended in {ran.returncode}'}", flush=True)
        if ran.returncode == 77:
            sys.exit(77)
        if ran.returncode != 0:
            sys.stdout.buffer.write(ran.stdout[-20000:])
            failed += 1
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
