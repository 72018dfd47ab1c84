# SPDX-License-Identifier: Apache-2.0
"""The corpus of small policies in tests/schema/, and what is said of each.

A file is a list of cases. Each begins with a line

    === EXPECTATION | what it shows

and goes on to the next; `=== before each` is put before all cases of its file. Expectations:

    ok CODE...         valid, for schema and loader; the loader gives just these warnings
    refused CODE...    the schema refuses it (or TOML does), and the loader does, with just these codes
    loader CODE...     only the loader can refuse it
    … later            the same of a part of the language that is not in this version: until it is, the
                       loader refuses it as such (E0205), whatever else is expected

In a case `«3×text»` is that text three times, `\\n` in it a line end, and `‹ff›` a byte.
"""

import re
from dataclasses import dataclass
from pathlib import Path

DIRECTORY = Path(__file__).resolve().parents[1] / "schema"
NOT_IN_THIS_VERSION = "E0205"
HEADER = re.compile(r"=== (?P<verdict>ok|refused|loader)(?P<codes>( [EW]\d{4})*)(?P<later> later)? \| (?P<name>.+)")


@dataclass
class Case:
    where: str  # file:line
    name: str
    verdict: str
    codes: frozenset
    later: bool
    text: bytes


def expanded(text):
    def repeat(match):
        return match["text"].replace("\\n", "\n") * int(match["times"])

    text = re.sub(r"«(?P<times>\d+)×(?P<text>[^»]*)»", repeat, text)
    pieces = re.split(r"‹([0-9a-f]{2})›", text)
    return b"".join(bytes([int(piece, 16)]) if i % 2 else piece.encode("utf-8")
                    for i, piece in enumerate(pieces))


def cases_of(path):
    """The cases of one file, in order."""
    before = ""
    cases = []
    parts = re.split(r"^(?==== )", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    line = 1 + parts[0].count("\n")  # before the first header are comments
    for part in parts[1:]:
        header, _, body = part.partition("\n")
        where = f"{path.name}:{line}"
        line += part.count("\n")
        if header == "=== before each":
            before = body
            continue
        match = HEADER.fullmatch(header)
        if not match:
            raise ValueError(f"{where}: {header}")
        cases.append(Case(where, match["name"], match["verdict"], frozenset(match["codes"].split()),
                          match["later"] is not None, expanded(before + body.rstrip("\n") + "\n")))
    return cases


def cases():
    return [case for path in sorted(DIRECTORY.glob("*.txt")) for case in cases_of(path)]
