#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""sentences.py --ctest CTEST --build DIR [FILE]: whether every test that tests/sentences.txt names is there.

FILE, instead of that one, is for whoever tests this.
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parent
sys.path.insert(0, str(TESTS / "cli"))
import corpus  # noqa: E402

TOPIC = re.compile(r"== (?P<number>\d+) (?P<title>\S.*)")
ROW = re.compile(r"(?P<number>\d+\.\d+)(?: +(?P<statement>\S.*)?)?")
STORY = re.compile(r"cli/(?P<story>[\w-]+)(?:\[(?P<at>\d+)\])? (?P<line>[$%] .+)")
CASE = re.compile(r"schema/(?P<file>\w+) \| (?P<name>.+)")
TEST_CASE = re.compile(r'^TEST_CASE\(\s*((?:"(?:[^"\\]|\\.)*"\s*)+)', re.MULTILINE)


class Known:
    """All that a row can name."""

    def __init__(self, ctest, build):
        listed = subprocess.run([ctest, "--test-dir", build, "-N"], check=True, capture_output=True, text=True)
        self.tests = set(re.findall(r"^ *Test +#\d+: (.*)$", listed.stdout, re.MULTILINE))
        self.programs = {name.split("/")[0] for name in self.tests}
        self.cases = {}  # directory below tests/: the test cases of its sources
        for path in TESTS.rglob("*.cpp"):
            cases = self.cases.setdefault(str(path.parent.relative_to(TESTS)), set())
            for match in TEST_CASE.finditer(path.read_text(encoding="utf-8")):
                cases.add("".join(re.findall(r'"((?:[^"\\]|\\.)*)"', match[1])))
        self.stories = {path.stem: [line[2:] for line in path.read_text(encoding="utf-8").splitlines()
                                    if re.match(r"  [$%] ", line)]
                        for path in (TESTS / "cli/stories").glob("*.txt")}
        self.corpus = {path.stem: [case.name for case in corpus.cases_of(path)]
                       for path in corpus.DIRECTORY.glob("*.txt")}

    def sources_of(self, program):
        """The test cases that a Catch2 program may have."""
        kind, _, layer = program.partition("_")
        directory = f"unit/{layer.split('_')[0]}" if kind == "unit" and layer != "support" else layer
        directory = {"fs": "fs", "property": "property"}.get(kind, directory)
        return self.cases.get(directory, set())

    def mistake(self, reference):
        """What is wrong with a reference; nothing if it names one test."""
        if match := STORY.fullmatch(reference):
            return self.story_mistake(match["story"], match["line"], match["at"])
        if match := CASE.fullmatch(reference):
            names = self.corpus.get(match["file"], [])
            return "" if names.count(match["name"]) == 1 else "there is no such case of the corpus"
        program, _, case = reference.partition("/")
        if program in ("cli", "project") or program.startswith("fuzz_"):
            return "" if reference in self.tests else "there is no such test"
        # A program that this build does not have (a sanitizer bars some) is known by its sources.
        if program in self.programs and reference not in self.tests:
            return "ctest does not list it"
        return "" if case in self.sources_of(program) else "no source has such a test case"

    def story_mistake(self, story, line, at):
        commands = self.stories.get(story, [])
        if f"cli/{story}" not in self.tests or not commands:
            return "there is no such story"
        times = commands.count(line)
        if at is None and times > 1:
            return f"the story has that command {times} times"
        return "" if times >= int(at or 1) else "the story does not have that command"


def rows_of(text):
    """(line, number or None, statement, references) of each row, and of what is none."""
    rows = []
    for at, line in enumerate(text.splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        if line.startswith(" ") and rows:
            rows[-1][3].append(line.strip())
        elif match := ROW.fullmatch(line):
            rows.append((at, match["number"], match["statement"] or "", []))
        else:
            rows.append((at, None, line, []))
    return rows


def order_mistake(number, before):
    """Whether the number follows the one before: "3.4" is behind "3.3", and "4.1" behind any 3."""
    topic, row = map(int, number.split("."))
    if (topic, row) not in [(before[0], before[1] + 1), (before[0] + 1, 1)]:
        return f"{number} does not follow {before[0]}.{before[1]}"
    return ""


def row_mistakes(known, number, statement, references):
    if not statement:
        yield "there is no statement"
    if not references:
        yield "there is no test"
    for reference in references:
        if mistake := known.mistake(reference):
            yield f"{reference}: {mistake}"
    for reference in {one for one in references if references.count(one) > 1}:
        yield f"{reference}: named twice"


def mistakes_of(known, text):
    before, topic, out = (0, 0), 0, []
    statements = {}
    for at, number, statement, references in rows_of(text):
        if number is None:
            match = TOPIC.fullmatch(statement)
            if not match or int(match["number"]) != topic + 1 or references:
                out.append(f"{at}: neither the next topic nor a row: {statement}")
            topic = int(match["number"]) if match else topic
            continue
        found = [order_mistake(number, before), *row_mistakes(known, number, statement, references)]
        if int(number.split(".")[0]) != topic:
            found.append(f"{number} stands below the topic {topic}")
        if statements.setdefault(statement, number) != number:
            found.append(f"{number} says what {statements[statement]} says")
        out += [f"{at}: {mistake}" for mistake in found if mistake]
        before = tuple(map(int, number.split(".")))
    return out


def main():
    parser = argparse.ArgumentParser(description="Looks for the tests that sentences.txt names.")
    parser.add_argument("--ctest", required=True, help="ctest(1)")
    parser.add_argument("--build", required=True, help="the build whose tests are meant")
    parser.add_argument("file", nargs="?", type=Path, default=TESTS / "sentences.txt")
    arguments = parser.parse_args()
    mistakes = mistakes_of(Known(arguments.ctest, arguments.build), arguments.file.read_text(encoding="utf-8"))
    for mistake in mistakes:
        print(f"{arguments.file.name}:{mistake}")
    sys.exit(1 if mistakes else 0)


if __name__ == "__main__":
    main()
