# SPDX-License-Identifier: Apache-2.0
"""The manual as a program reads it: pages of man/ through mandoc(1), and the Markdown of docs/."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import sandbox

ROOT = Path(__file__).resolve().parents[2]
MARKED = {"Fl", "Cm", "Ev", "Va", "Li", "Pa"}  # macros whose words can be compared with what there is

if shutil.which("mandoc") is None:
    sandbox.skip("needs mandoc")


@dataclass
class Display:
    """What is set apart. `literal`: lines that are kept as they are; else one line."""
    section: str
    item: str  # the head of the list item that it stands in, or of the last one before it
    literal: bool
    text: str


@dataclass
class Word:
    """A word with a mark, and where it is."""
    mark: str
    section: str
    head: bool  # in the head of a list item
    text: str


class Reader(HTMLParser):
    """mandoc's HTML, in which every escape of roff is resolved."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.displays, self.words = [], []
        self.section = self.item = ""
        self.open = []  # of each element: what it is, or None; and the text in it

    def handle_starttag(self, tag, attrs):
        classes = set((dict(attrs).get("class") or "").split())
        kind = None
        if tag == "h1":
            kind = "section"
        elif tag == "dt":
            kind = "item"
        elif tag == "pre":
            kind = "literal"
        elif tag == "div" and "Bd" in classes and "Li" not in classes:
            kind = "line"
        elif tag in ("code", "var", "span", "b", "i") and classes & MARKED:
            kind = min(classes & MARKED)
        self.open.append([tag, kind, ""])

    def handle_startendtag(self, tag, attrs):
        pass  # <br/>

    def handle_data(self, data):
        for element in self.open:
            element[2] += data

    def handle_endtag(self, tag):
        opened, kind, text = self.open.pop()
        assert opened == tag, (opened, tag)
        line = " ".join(text.split())
        if kind == "section":
            self.section, self.item = line, ""
        elif kind == "item":
            self.item = line
        elif kind == "literal":
            self.displays.append(Display(self.section, self.item, True, text.strip("\n") + "\n"))
        elif kind == "line" and line and not any(element[1] == "line" for element in self.open):
            self.displays.append(Display(self.section, self.item, False, line))
        elif kind in MARKED:
            head = any(element[1] == "item" for element in self.open)
            self.words.append(Word(kind, self.section, head, line))


class Page:
    """A page of the manual, from its source."""

    def __init__(self, source):
        self.source = source
        reader = Reader()
        reader.feed(self._mandoc("-T", "html", "-O", "fragment"))
        self.displays = reader.displays
        self._words = reader.words

    def _mandoc(self, *options):
        return subprocess.run(["mandoc", *options], input=self.source, capture_output=True,
                              encoding="utf-8", check=False).stdout

    def lint(self):
        """What mandoc(1) warns of, a line each."""
        return self._mandoc("-T", "lint", "-W", "warning").splitlines()

    def words(self, mark, section=None, head=False):
        """The words with that mark, in that section and in heads of items where so asked."""
        return {word.text for word in self._words
                if word.mark == mark and section in (None, word.section) and (word.head or not head)}

    def literals(self, section=None):
        return [display for display in self.displays
                if display.literal and section in (None, display.section)]

    def lines(self):
        return [display.text for display in self.displays if not display.literal]


def read(name):
    return Page((ROOT / "man" / name).read_text(encoding="utf-8"))


@dataclass
class Fence:
    """A fenced block of Markdown: "```toml shop.toml W0606" is of the language `toml` and the file
    `shop.toml`; by itself it ends in these codes."""
    language: str
    file: str
    codes: set
    text: str


def fences(markdown):
    """The fenced blocks of a text in Markdown, in order."""
    found = re.findall(r"^```(\w*) ?(\S*)(.*?)\n(.*?)^```$", markdown, re.MULTILINE | re.DOTALL)
    return [Fence(language, file, set(codes.split()), text) for language, file, codes, text in found]


def completed(fragment, code=""):
    """A fragment of a policy as a whole one: `schema = 1` above it unless it has a schema (or is an
    example of E0109, which is that there is none); and where it does not begin with a table, all of it
    in a rule, with an id and a path where it has none."""
    first = next((line for line in fragment.splitlines() if line and not line.startswith("#")), "")
    if not re.match(r"\[|schema\b", first):
        keys = re.split(r"^\[", fragment, flags=re.MULTILINE)[0]
        head = "[[rule]]\n"
        if not re.search(r"^id\b", keys, re.MULTILINE):
            head += 'id = "example"\n'
        if not re.search(r"^paths?\b", keys, re.MULTILINE):
            head += 'path = "/srv/example"\n'
        fragment = head + fragment
    if code != "E0109" and not re.search(r"^schema\b", fragment, re.MULTILINE):
        fragment = "schema = 1\n" + fragment
    return fragment


def commands_in(transcript):
    """(command, what it says) for each command of a transcript, which begins with `# ` or `$ `."""
    found = re.split(r"^[#$] ", transcript, flags=re.MULTILINE)
    if found[0]:
        raise ValueError(f"no command stands above: {found[0]}")
    for part in found[1:]:
        command, _, said = part.partition("\n")
        yield command, said
