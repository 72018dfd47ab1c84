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
"""

import argparse
import difflib
import os
import pty
import re
import signal
import sys
from pathlib import Path

import sandbox

NOISE = [
    (r'("started": ?)"[^"]*"', r'\1"TIME"'),
    (r'("duration_ms": ?)\d+', r"\1N"),
    (r'("version": ?)"[^"]*"', r'\1"VERSION"'),
    (r"\bpermward \d+\.\d+\.\d+\b", "permward VERSION"),
    (r"\b\d+ ms\b", "N ms"),
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
    """What a transcript says below the command."""
    if sign == "%":
        status, output = run_on_terminal(box, command)
        return shown(output) + status_lines(status)
    status, out, err = box.run(command)
    return shown(out) + ["! " + line for line in shown(err)] + status_lines(status)


def replay(box, lines):
    """The transcript as it is now."""
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
        out += ["  " + answer for answer in answers(box, line[2], command)]
    return out


def run_file(box, path, update):
    """Whether the story is still true."""
    lines = path.read_text(encoding="utf-8").splitlines()
    if "needs: root" in lines and not sandbox.real_root():
        sandbox.skip("needs root, to give files to others")
    now = replay(box, lines)
    if now == lines:
        return True
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
