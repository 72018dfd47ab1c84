# SPDX-License-Identifier: Apache-2.0
"""automount_test.py --program PERMWARD: no look at an object mounts what an automounter has for it - T96."""

import re

import cli_test

POLICY = """\
schema = 1
[[rule]]
id = "tree"
path = "/w/tree"
recurse = true
mode = "o-w"
acl = []
attributes = { clear = ["immutable"] }
[[rule]]
id = "one"
path = "/w/tree/d/f"
owner = "root"
[[rule]]
id = "glob"
path = "/w/t*/*/f"
mode = "0600"
"""
CALLS = ["statx", "newfstatat", "lstat", "stat", "access", "faccessat", "faccessat2", "open", "openat",
         "openat2"]
LOOK = re.compile(rf"\b(?P<call>{'|'.join(CALLS)})\(")


class Automount(cli_test.TracedTestCase):
    policy = POLICY

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.box.work / "tree/d").mkdir(parents=True)
        (cls.box.work / "tree/d/f").touch()

    def looks(self, arguments):
        """The calls by which something in the tree is looked at by its name."""
        return [line for line in self.trace(CALLS, f"{arguments} -p p.toml", [0, 2])
                if LOOK.search(line) and re.search(r'/w/tree|/w>, "tree"', line)]

    def test_t96_an_automount_is_not_set_off(self):
        for arguments in ["check", "explain /w/tree/d/f"]:
            seen = 0
            for line in self.looks(arguments):
                call = LOOK.search(line)["call"]
                self.assertTrue(call == "statx" or call.startswith("open"), line)
                if call == "statx":
                    seen += 1
                    self.assertIn("AT_NO_AUTOMOUNT", line)
                elif "O_DIRECTORY" not in line:
                    self.assertIn("O_PATH", line)  # which sets none off
            self.assertGreater(seen, 0)


if __name__ == "__main__":
    cli_test.main()
