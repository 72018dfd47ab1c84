#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""attacks.py --ctest CTEST --build DIR [--select | --write --junit FILE --figures FILE]: the cases of attacks.txt.

Whether each has a test, each test's case a line there, and docs/reference/attacks.md all of them; and whether there
is every test by which docs/explanation/threat-model.md says that a promise is held. --select prints
which tests these are, as ctest's --tests-information takes it; --write writes that page anew, from a run of them.
"""

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import xml.etree.ElementTree
from datetime import datetime, timezone
from pathlib import Path

TESTS = Path(__file__).resolve().parent
CASES = TESTS / "attacks.txt"
PAGE = TESTS.parent / "docs/reference/attacks.md"
PROMISES = TESTS.parent / "docs/explanation/threat-model.md"
NUMBER = re.compile(r"\bT\d{2,3}\b")
HELD_BY = re.compile(r"^- `([^`]+)`$", re.MULTILINE)
LINE = re.compile(r"(T\d{2,3}) +(\S.*)")

HEAD = """\
<!-- SPDX-License-Identifier: Apache-2.0 -->
# Attacks and faults

What is done to permward by its tests, and what came of it. `./dev attacks` runs them and writes this page;
`./dev attacks --all` runs at full length what is sampled otherwise. The [threat model](../explanation/threat-model.md)
says which promise each is about.

"""
LOOPING = """\
## Attacks that are repeated

Another user does this all the time, while permward runs again and again. *Lost* is how often a victim was touched
that is none of his, or something was vouched for that was not so. Beside it a naive tool does the same work with a
look and then an act, by name; it has to lose, or the test fails: else it would have been no attack.

| Case | Command and attack | On | Runs | Changes | Attacks | permward lost | A naive tool lost |
|---|---|---|---:|---:|---:|---:|---:|
"""
TABLE = """\
## All cases

| Case | What somebody, or the machine, does | The tests that hold it |
|---|---|---|
"""


def cases_in(text):
    """Number: what is done."""
    out = {}
    for at, line in enumerate(text.splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        match = LINE.fullmatch(line)
        if not match or match[1] in out:
            sys.exit(f"{CASES.name}:{at}: not a line of a new case")
        out[match[1]] = match[2]
    return out


def listed(ctest, build):
    """(name, numbers of cases in it and in its labels) of every test, in ctest's order."""
    shown = subprocess.run([ctest, "--test-dir", build, "--show-only=json-v1"], check=True, capture_output=True)
    for test in json.loads(shown.stdout)["tests"]:
        labels = next((one["value"] for one in test.get("properties", []) if one["name"] == "LABELS"), [])
        yield test["name"], set(NUMBER.findall(" ".join([test["name"], *labels])))


def selection(tests):
    """Start, end and stride of none, and then the numbers of single tests, which ctest counts from 1."""
    return ",".join(["0,0,0", *(str(at) for at, (_, numbers) in enumerate(tests, 1) if numbers)])


def tests_of(tests):
    """Number: the tests that bear it."""
    out = {}
    for name, numbers in tests:
        for number in numbers:
            out.setdefault(number, []).append(name)
    return out


def case_rows(cases, tests):
    for number in sorted(cases, key=lambda one: int(one[1:])):
        names = "<br>".join(sorted(name.replace("|", "\\|") for name in tests.get(number, [])))
        yield f"| {number} | {cases[number]} | {names} |"


def mistakes(cases, tests, page):
    out = [f"{number} has no test" for number in cases if number not in tests]
    out += [f"{number} is no case of {CASES.name}: {tests[number][0]}" for number in tests if number not in cases]
    present = set(page.splitlines())
    out += [f"{PAGE.name} does not have the row of {number} as it is now: ./dev attacks"
            for number, row in zip(sorted(cases, key=lambda one: int(one[1:])), case_rows(cases, tests))
            if row not in present]
    return out


def broken_promises(names, text):
    """Tests that are said to hold a promise, and are none."""
    return [f"{PROMISES.name}: there is no test {name}" for name in HELD_BY.findall(text) if name not in names]


def result_of(junit):
    """passed, failed, skipped."""
    counts = {"run": 0, "fail": 0, "notrun": 0}
    for test in xml.etree.ElementTree.parse(junit).iter("testcase"):
        counts[test.get("status", "fail")] = counts.get(test.get("status", "fail"), 0) + 1
    return counts["run"], counts["fail"], counts["notrun"]


def figures_of(path):
    rows = [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]
    for row in sorted(rows, key=lambda one: (int(NUMBER.search(one["cases"])[0][1:]), one["what"], one["where"])):
        changes = f"{row['actions']:,}" if row["actions"] else "–"
        naive = f"{row['naive']:,}" if row["naive"] else "–"
        yield (f"| {row['cases']} | {row['what']} | {row['where']} | {row['runs']:,} | {changes} | "
               f"{row['attacks']:,} | 0 | {naive} |")


def page_of(cases, tests, options):
    passed, failed, skipped = result_of(options.junit)
    length = "all of it" if os.environ.get("PERMWARD_TEST_ALL") == "1" else "sampled"
    run = (f"On {datetime.now(timezone.utc):%Y-%m-%d}, Linux {platform.release()}, {os.cpu_count()} CPUs, {length}: "
           f"{passed} tests passed, {failed} failed, {skipped} skipped.\n\n")
    return (HEAD + run + LOOPING + "\n".join(figures_of(options.figures)) + "\n\n" + TABLE +
            "\n".join(case_rows(cases, tests)) + "\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--ctest", required=True)
    parser.add_argument("--build", required=True)
    parser.add_argument("--select", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--junit")
    parser.add_argument("--figures")
    options = parser.parse_args()
    every = list(listed(options.ctest, options.build))
    if options.select:
        print(selection(every))
        return
    cases = cases_in(CASES.read_text(encoding="utf-8"))
    tests = tests_of(every)
    if options.write:
        PAGE.write_text(page_of(cases, tests, options), encoding="utf-8")
    found = mistakes(cases, tests, PAGE.read_text(encoding="utf-8"))
    found += broken_promises({name for name, _ in every}, PROMISES.read_text(encoding="utf-8"))
    for one in found:
        print(one)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
