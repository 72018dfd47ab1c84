#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""names_test.py --program PERMWARD: no file name breaks a report, and each comes back out of it."""

import base64
import json
import os
import re

import cli_test

POLICY = """\
schema = 1
[[rule]]
id = "names"
path = "/w/d/*"
mode = "0640"
"""
T78 = [b"n\nCLEAN: all files ok", b"\x1b[2J\x1b[H", b"\x1b]0;own\x07", b"c1\xc2\x9b31m", b"raw\x9b31m",
       b"bidi\xe2\x80\xae", b"bad\xff\xfe", b"us\x1f", b"del\x7f", b"bs\\012", b" lead", b"trail ",
       b"l" * 255, b"\\xff", b"\xff", b"\\\\xff", b"zero\xe2\x80\x8bwidth"]
T79 = [b"n" + bytes([byte]) for byte in range(1, 256) if byte != ord("/")]


def strict(text):
    """JSON as RFC 8259 has it: no NaN, no member twice."""

    def members(pairs):
        assert len({key for key, _ in pairs}) == len(pairs), pairs
        return dict(pairs)

    def constant(name):
        raise ValueError(name)

    return json.loads(text, object_pairs_hook=members, parse_constant=constant)


def bytes_of(finding):
    if "path_b64" in finding:
        return base64.b64decode(finding["path_b64"], validate=True)
    return finding["path"].encode("utf-8")


def unescaped(shown):
    """The bytes that a path of the text report stands for."""

    def one(match):
        if match["byte"]:
            return bytes([int(match["byte"], 16)])
        if match["point"]:
            return chr(int(match["point"], 16)).encode("utf-8")
        return b"\\"

    pattern = rb"\\(?:x(?P<byte>[0-9a-f]{2})|u\{(?P<point>[0-9a-f]+)\}|\\)"
    return re.sub(pattern, one, shown)


class Names(cli_test.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.box.work / "p.toml").write_text(POLICY, encoding="ascii")
        os.mkdir(cls.box.work / "d")
        cls.paths = set()
        for name in T78 + T79:
            path = os.fsencode(cls.box.work) + b"/d/" + name
            os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))
            cls.paths.add(b"/w/d/" + name)

    def report(self, *arguments):
        status, out, err = self.box.run(f"permward check -p p.toml {' '.join(arguments)}")
        self.assertEqual((status, err), (2, b""))
        return out

    def assert_harmless(self, output):
        for byte in output:
            self.assertTrue(byte == 0x0A or (byte >= 0x20 and byte != 0x7F), hex(byte))
        text = output.decode("utf-8")  # strict
        deceivers = re.findall("[\x80-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]", text)
        self.assertEqual(deceivers, [])

    def test_t79_json(self):
        output = self.report("-f", "json")
        self.assert_harmless(output)
        findings = strict(output.decode("ascii"))["findings"]
        self.assertEqual(len(findings), len(self.paths))
        self.assertEqual({bytes_of(finding) for finding in findings}, self.paths)
        self.assertEqual([bytes_of(finding) for finding in findings], sorted(self.paths))

    def test_t79_json_lines(self):
        output = self.report("-f", "jsonl")
        self.assert_harmless(output)
        lines = [strict(line) for line in output.decode("ascii").splitlines()]
        self.assertEqual([line["event"] for line in lines],
                         ["finding"] * len(self.paths) + ["summary"])
        self.assertEqual({bytes_of(line) for line in lines[:-1]}, self.paths)

    def test_t78_text(self):
        output = self.report()
        self.assert_harmless(output)
        heads = [line for line in output.split(b"\n") if line.startswith(b"/")]
        shown = {head.split(b"  ")[0] for head in heads}
        self.assertEqual({unescaped(path) for path in shown}, self.paths)
        self.assertEqual(output.count(b"\n"), 2 * len(self.paths) + 1)

    def test_t78_logs(self):
        _, _, err = self.box.run("permward check -v -p p.toml $'/w/d/\\e[2J' $'/usr/\\e[2J'")
        self.assert_harmless(err)


if __name__ == "__main__":
    cli_test.main()
