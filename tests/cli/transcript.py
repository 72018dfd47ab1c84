#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""transcript.py [--update] --program PERMWARD FILE...: runs transcripts and compares what they say.

A transcript is a story: lines at the margin are for the reader, indented by two blanks are

    $ command          run by bash in the sandbox, in /w, each in a process of its own
    > more of it       a further line of the command
    % command          the same on a terminal, which stdout and stderr share
    output             what it wrote to stdout,
    ! output           then what it wrote to stderr,
    [2]                then its exit status, if that was not 0; `[SIGTERM]` if it died of a signal

`needs: root` at the margin skips the story where files cannot be given to others. What differs from run
to run is replaced by a word: see NOISE. Bytes that are no text are shown as `‹1b›`; an empty line, or
one with blanks at its end, ends in `¶`.

With --update the outputs in the files are replaced by what was found.

Every JSON report that a command prints, pipes into another or leaves in /w or a directory in it is held
to the schema of reports; what is wrong with one is no output, and cannot be updated.
"""

import argparse
import difflib
import os
import pty
import re
import signal
import sys
from pathlib import Path

import reports
import sandbox

# What pipes its report into a filter: run again without it, for the filter shows a part.
PIPED = re.compile(r"permward (?:[^|;&<>]* )?(?:-f|--format)[ =]jsonl?\b[^|;&<>]*(?=\|)")

NOISE = [
    (r'("(?:started|finished)": ?)"[^"]*"', r'\1"TIME"'),
    (r"(?<!\d)\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\b", "DAY AND TIME"),
    (r"(?<!\d)\d{8}T\d{6}Z-[0-9a-f]{4}\b", "RUN"),
    (r'("duration_ms": ?)\d+', r"\1N"),
    (r'("version": ?)"[^"]*"', r'\1"VERSION"'),
    (r"\bpermward \d+\.\d+\.\d+\b", "permward VERSION"),
    (r"\b\d+ ms\b", "N ms"),
    # The progress of a run of more than a second, on a terminal.
    (r"\r\x1b\[K(?:\d+ objects?\b[^\r\n]*)?", ""),
]


def shown(output):
    """Bytes as the lines of a transcript, without their margin."""
    text = output.decode("utf-8", "surrogateescape")
    for pattern, word in NOISE:
        text = re.sub(pattern, word, text)
    lines = text.split("\n")
    if lines.pop() != "":
        lines = [*text.split("\n")[:-1], text.split("\n")[-1] + "⏎̸"]
    return [shown_line(line) for line in lines]


def shown_line(line):
    out = ""
    for character in line:
        code = ord(character)
        if 0xDC80 <= code <= 0xDCFF:
            out += f"‹{code - 0xDC00:02x}›"
        elif code < 0x20 or code == 0x7F:
            out += f"‹{code:02x}›"
        else:
            out += character
    return out + "¶" if out == "" or out.endswith(" ") else out


def status_lines(status):
    if status == 0:
        return []
    return [f"[{signal.Signals(-status).name if status < 0 else status}]"]


def run_on_terminal(box, command):
    ours, theirs = pty.openpty()
    with box.popen(command, {"TERM": "xterm"}, stdin=theirs, stdout=theirs, stderr=theirs,
                   start_new_session=True) as process:
        os.close(theirs)
        output = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # EIO: nobody has the other side open any more
                break
            if not piece:
                break
            output += piece
    os.close(ours)
    return process.returncode, output.replace(b"\r\n", b"\n")


def answers(box, sign, command):
    """What a transcript says below the command, and the bytes of its stdout."""
    if sign == "%":
        status, output = run_on_terminal(box, command)
        output = sandbox.without_rights_warning(output)
        return shown(output) + status_lines(status), output
    status, out, err = box.run(command)
    return shown(out) + ["! " + line for line in shown(err)] + status_lines(status), out


def written_reports(box, seen):
    """What lies in /w or a directory in it, and did not when this was last asked; `seen` is what did."""
    for path in sorted([*box.work.glob("*"), *box.work.glob("*/*")]):
        if path.is_symlink() or not path.is_file() or path.stat().st_size == 0:
            continue  # of no size: what procfs has, too
        content = path.read_bytes()
        if seen.get(path) != content:
            seen[path] = content
            yield content


def schema_mistakes(box, command, out, seen):
    """What is wrong with the reports of a command that wrote `out` to stdout."""
    outputs = [out, *written_reports(box, seen)]
    outputs += [box.run(match[0])[1] for match in PIPED.finditer(command)]
    return [f"{command.splitlines()[0]}: {mistake}"
            for output in outputs for mistake in reports.mistakes_in(output)]


def replay(box, lines):
    """The transcript as it is now, and what is wrong with the reports in it."""
    mistakes = []
    seen = {}
    out = []
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        if not line.startswith("  "):
            out.append(line)
            continue
        if not re.match(r"  [$%] ", line):
            continue  # what it was to say; replaced by what it says
        command = line[4:]
        out.append(line)
        while at < len(lines) and lines[at].startswith("  > "):
            command += "\n" + lines[at][4:]
            out.append(lines[at])
            at += 1
        said, stdout = answers(box, line[2], command)
        out += ["  " + answer for answer in said]
        mistakes += schema_mistakes(box, command, stdout, seen)
    return out, mistakes


def run_file(box, path, update):
    """Whether the story is still true."""
    lines = path.read_text(encoding="utf-8").splitlines()
    if "needs: root" in lines and not sandbox.real_root():
        sandbox.skip("needs root, to give files to others")
    now, mistakes = replay(box, lines)
    for mistake in mistakes:
        print(f"{path}: a report is not what the schema says: {mistake}")
    if now == lines or mistakes:
        return not mistakes
    if update:
        path.write_text("\n".join(now) + "\n", encoding="utf-8")
        print(f"{path}: updated")
        return True
    for line in difflib.unified_diff(lines, now, str(path), "what it says now", lineterm=""):
        print(line)
    return False


def main():
    sandbox.enter()
    parser = argparse.ArgumentParser(description="Runs transcripts and compares what they say.")
    parser.add_argument("--update", action="store_true", help="write what they say into the files")
    parser.add_argument("--program", required=True, help="the permward to test")
    parser.add_argument("files", nargs="+", type=Path)
    arguments = parser.parse_args()
    true = True
    for path in arguments.files:
        true = run_file(sandbox.Sandbox(arguments.program), path, arguments.update) and true
    sys.exit(0 if true else 1)


if __name__ == "__main__":
    main()
