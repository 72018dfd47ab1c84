#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""restore_care_test.py --program PERMWARD: what `restore`, `undo` and `snapshot` must not take for granted: that a mount
point is what was accepted, that a verification leaves alone what it looks at, that a killed run has put everything back,
that the last snapshot is of the past."""

import re
import shutil

import cli_test
import sandbox

STORE = "--state-dir state"
CREATE = f"permward snapshot create -q -p pins.toml {STORE}"
RESTORE = f"permward restore -p pins.toml {STORE}"
BUILD = """umount tree/sub tree/a 2>/dev/null; chattr -R -ia tree 2>/dev/null; rm -rf tree state
mkdir -p tree/sub; echo one >tree/a; echo two >tree/sub/b; ln -s a tree/link; chmod 0644 tree/a tree/sub/b"""


class Care(cli_test.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not sandbox.real_root():
            sandbox.skip("needs root")

    def setUp(self):
        self.pin("")
        self.shell(f"{BUILD}; {CREATE} >/dev/null")

    def pin(self, more):
        (self.box.work / "pins.toml").write_text(sandbox.pinned("/w/tree") + more, encoding="ascii")

    def statuses(self, report):
        return {one["path"].removeprefix("/w/tree/"): one["status"] for one in report["findings"]}


class MountPoint(Care):
    def test_a_file_system_over_an_accepted_directory_is_left_as_it_is(self):
        self.shell("mount -t tmpfs -o mode=0770 none tree/sub; echo two >tree/sub/b; touch -r tree/link tree/sub/b")
        shown = self.shell("stat -c '%a %U %Z' tree/sub")
        report, _ = self.told(f"{RESTORE} /w/tree", 2)
        self.assertEqual(self.statuses(report)["sub"], "refused")
        self.assertIn("a mount lies there", next(one for one in report["findings"] if one["path"] == "/w/tree/sub")["message"])
        self.assertEqual(self.shell("stat -c '%a %U %Z' tree/sub"), shown)
        self.shell("umount tree/sub")
        self.assertEqual(self.statuses(self.told(f"{RESTORE} /w/tree")[0]), {})

    def test_what_lies_on_one_that_is_as_it_was_accepted_is_restored(self):
        pins = sandbox.pinned("/w/tree") + sandbox.pinned("/w/tree/sub").replace("schema = 1", "").replace('id = "', 'id = "on-', 1)
        (self.box.work / "pins.toml").write_text(pins, encoding="ascii")
        self.shell(f"mount -t tmpfs -o mode=0755 none tree/sub; echo two >tree/sub/b; {CREATE} >/dev/null; rm tree/sub/b")
        self.told(f"{RESTORE} /w/tree/sub/b")
        self.assertEqual(self.shell("cat tree/sub/b; umount tree/sub"), "two\n")

    def test_a_file_over_an_accepted_one_is_refused(self):
        self.shell("echo other >other; mount --bind other tree/a")
        report, _ = self.told(f"{RESTORE} /w/tree/a", 2)
        self.assertEqual((self.statuses(report), report["summary"]["refused"]), ({"a": "refused"}, 1))
        self.assertEqual(self.shell("cat other; umount tree/a; cat tree/a"), "other\none\n")


class Ruled(Care):
    RULES = ('schema = 1\n[[rule]]\nid = "all"\npath = "/w/tree"\nrecurse = true\ncontent = "pinned"\n'
             'on_missing = "restore"\non_changed = "restore"\nowner = "root"\nfiles = { mode = "0755" }\n'
             'directories = { mode = "0750", acl = [] }\n')
    OPEN = "chmod 4755 tree/a; chown bob tree/sub/b; chmod 0666 tree/sub/b; chmod 0777 tree/sub; setfacl -m u:bob:rwx tree/sub"

    def test_what_comes_back_has_at_no_moment_what_the_rules_forbid(self):
        for alter in ("rm -r tree/a tree/sub", "setfacl -b tree/sub; chmod 0750 tree/sub; echo x >tree/a; echo x >tree/sub/b"):
            with self.subTest(alter):
                self.pin("")
                self.shell(f"{BUILD}; {self.OPEN}; {CREATE} >/dev/null; {alter}")
                (self.box.work / "pins.toml").write_text(self.RULES, encoding="ascii")
                self.shell("strace -f -o trace -e trace=?chmod,fchmod,fchmodat,?fchmodat2,fchown,fchownat,?setxattrat,fsetxattr,setxattr "
                           f"permward apply -q -p pins.toml {STORE}")
                calls = (self.box.work / "trace").read_text(encoding="utf-8")
                modes = {int(mode, 8) for mode in re.findall(r"chmod(?:at2?)?\(.*, (0[0-7]+)", calls)}
                modes |= {int(mode, 16) for mode in re.findall(r"syscall_0x1c4\(\w+, \w+, 0x(\w+)", calls)}  # fchmodat2
                self.assertIn(0o755, modes)
                self.assertEqual({oct(mode) for mode in modes if mode & ~0o755}, set())
                self.assertNotIn("1001", calls)
                self.assertEqual(self.shell("stat -c '%a %U' tree/a tree/sub/b tree/sub; cat tree/a tree/sub/b"),
                                 "755 root\n755 root\n750 root\none\ntwo\n")
                self.assertEqual(self.do(f"permward apply -p pins.toml {STORE}")["findings"], [])

    def test_a_rule_that_names_nobody_leaves_it_as_it_was_accepted(self):
        self.shell(f"chmod 0640 tree/a; {CREATE} >/dev/null; rm tree/a")
        (self.box.work / "pins.toml").write_text(self.RULES.replace('"root"', '"nobody-at-all"'), encoding="ascii")
        self.do(f"permward apply -p pins.toml {STORE}", 2)
        self.assertEqual(self.shell("stat -c '%a %U' tree/a"), "640 root\n")


class Beside(Care):
    def test_a_directory_that_another_rule_demands_comes_back_and_is_told_so(self):
        for more in ("", 'on_missing = "report"\n', "enforce = false\n"):
            for name in ("sub", "empty"):
                with self.subTest(f"{name}, {more}"):
                    self.setUp()
                    self.shell(f"mkdir tree/empty; {CREATE} >/dev/null; rm -r tree/sub tree/empty")
                    rule = f'[[rule]]\nid = "directory"\npath = "/w/tree/{name}"\ntype = "directory"\nmode = "0755"\n{more}'
                    (self.box.work / "pins.toml").write_text(sandbox.pinned("/w/tree") + rule, encoding="ascii")
                    # Of itself it may not be wanted back, and is all the same on the way to what is.
                    back = name == "sub" or more == ""
                    report = self.do(f"permward apply -p pins.toml {STORE}", 0 if back else 2)
                    fate = "corrected" if back else "violation"
                    self.assertEqual(self.statuses(report)[name], fate)
                    self.assertEqual(self.shell(f"test -d tree/{name} && echo there || echo gone"), "there\n" if back else "gone\n")

    def test_what_is_to_be_made_where_a_copy_brings_its_directory_back_is_foretold(self):
        (self.box.work / "pins.toml").write_text(
            'schema = 1\n[[rule]]\nid = "b"\npath = "/w/tree/sub/deep/b"\ncontent = "pinned"\non_missing = "restore"\n'
            '[[rule]]\nid = "new"\npath = "/w/tree/sub/deep/new"\ntype = "file"\nowner = "root"\ngroup = "root"\nmode = "0640"\n'
            'on_missing = "create"\n', encoding="ascii")
        self.shell(f"mkdir tree/sub/deep; mv tree/sub/b tree/sub/deep; {CREATE} >/dev/null; rm -r tree/sub")
        command = f"permward apply -p pins.toml {STORE}"
        foretold = self.do(f"{command} -n", 2)
        self.assertEqual({status for status in self.statuses(foretold).values()}, {"would_correct"})
        self.assertIn("sub/deep/new", self.statuses(foretold))
        self.do(f"{command} --max-changes 3", 1)
        done = self.do(f"{command} --max-changes 4")  # with two directories
        self.assertEqual((set(self.statuses(done).values()), done["summary"]["changed"]), ({"corrected"}, 4))
        self.assertEqual(self.shell("stat -c '%a %n' tree/sub/deep/*"), "644 tree/sub/deep/b\n640 tree/sub/deep/new\n")

    def test_but_not_where_somebody_else_would_control_it(self):
        (self.box.work / "pins.toml").write_text(
            'schema = 1\n[[rule]]\nid = "b"\npath = "/w/tree/sub/b"\ncontent = "pinned"\non_missing = "restore"\n'
            '[[rule]]\nid = "new"\npath = "/w/tree/sub/new"\ntype = "file"\nowner = "root"\ngroup = "root"\nmode = "0640"\n'
            'on_missing = "create"\n', encoding="ascii")
        self.shell(f"chown bob tree/sub tree/sub/b; {CREATE} >/dev/null; rm -r tree/sub")
        for options in ("-n", ""):
            found = self.statuses(self.do(f"permward apply -p pins.toml {STORE} {options}", 2))
            self.assertEqual(found["sub/new"], "refused", found)


class BarredDirectory(Care):
    def assert_refused(self, command, flag, paths):
        shown = self.shell("ls -liR tree; lsattr -R tree")
        for options in (" -n", ""):
            report = self.do(command + options, 2)
            self.assertEqual(self.statuses(report), {path: "refused" for path in paths})
            self.assertIn(f"chattr -{flag}", report["findings"][0]["message"])
            self.assertEqual(self.shell("ls -liR tree; lsattr -R tree"), shown)

    def test_nothing_is_restored_there_and_a_rehearsal_says_so(self):
        for flag, alter in (("i", "rm tree/sub/b"), ("i", "echo x >tree/sub/b"), ("a", "echo x >tree/sub/b")):
            with self.subTest(f"{flag}: {alter}"):
                self.shell(f"{alter}; chattr +{flag} tree/sub")
                self.assert_refused(f"{RESTORE} /w/tree/sub/b", flag, ["sub/b"])
                self.shell(f"chattr -{flag} tree/sub")
                self.do(f"{RESTORE} /w/tree/sub/b")

    def test_nor_made_removed_or_given_another_target(self):
        rules = {"new": 'path = "/w/tree/sub/new"\nowner = "root"\ngroup = "root"\nmode = "0640"\ntype = "file"\non_missing = "create"\n',
                 "b": 'path = "/w/tree/sub/b"\npresence = "forbidden"\non_forbidden = "remove"\n'}
        for name, rule in rules.items():
            with self.subTest(name):
                (self.box.work / "one.toml").write_text(f'schema = 1\n[[rule]]\nid = "one"\n{rule}', encoding="ascii")
                self.shell("chattr +i tree/sub")
                self.assert_refused(f"permward apply -p one.toml {STORE}", "i", [f"sub/{name}"])
                self.shell("chattr -i tree/sub")
                self.do(f"permward apply -p one.toml {STORE}")

    def test_what_needs_no_name_is_done_there(self):
        (self.box.work / "one.toml").write_text(
            'schema = 1\n[[rule]]\nid = "one"\npath = "/w/tree/sub/b"\nmode = "0600"\n', encoding="ascii")
        self.shell("chattr +i tree/sub")
        self.do(f"permward apply -p one.toml {STORE}")
        self.assertEqual(self.shell("stat -c %a tree/sub/b; chattr -i tree/sub"), "600\n")


    def test_nor_is_a_link_made_where_nothing_may_be_renamed(self):
        self.shell(f"ln -s b tree/sub/link; {CREATE} >/dev/null; rm tree/sub/link; chattr +a tree/sub")
        self.assert_refused(f"{RESTORE} /w/tree/sub/link", "a", ["sub/link"])

    def test_nor_a_file_that_is_verified_first(self):
        self.pin('verify = ["true"]\n')
        self.shell("rm tree/sub/b; chattr +a tree/sub")
        self.assert_refused(f"{RESTORE} /w/tree/sub/b", "a", ["sub/b"])
        self.pin("")
        self.do(f"{RESTORE} /w/tree/sub/b")

    def test_nor_replaced_by_an_undo(self):
        self.shell("echo x >tree/sub/b")
        self.do(f"{RESTORE} /w/tree/sub/b")
        self.shell("chattr +i tree/sub")
        self.assert_refused(f"permward undo {STORE}", "i", ["sub/b"])
        self.shell("chattr -i tree/sub")
        self.do(f"permward undo {STORE}")
        self.assertEqual(self.shell("cat tree/sub/b"), "x\n")


class BarredByARun(Care):
    """What a run had made immutable is not in the way of its own undo."""

    def setUp(self):
        super().setUp()
        self.rule("")

    def rule(self, more):
        self.pin('on_changed = "restore"\non_missing = "restore"\n\n'
                 f'[[rule]]\nid = "bar"\npath = "/w/tree/sub"\nattributes = ["immutable"]\n{more}')

    def shown(self):
        return self.shell("cd tree; for i in $(find); do stat -c '%A %U %G %n' $i; lsattr -d $i 2>/dev/null; done; find -type f | xargs cat")

    def undo(self, *statuses):
        """As it was foretold."""
        was = self.shown()
        told = []
        for options in ("-n", ""):
            self.assertEqual(self.shown(), was)
            report = self.do(f"permward undo {STORE} -p pins.toml {options}", 2 if options else 0)
            told.append(sorted((one["path"].removeprefix("/w/tree/"), one["aspect"]) for one in report["findings"]))
            wanted = {path: "would_correct" if options else "corrected" for path in statuses}
            self.assertEqual((self.statuses(report), report["summary"]["objects"]), (wanted, len(statuses)))
            self.assertEqual(report["summary"]["changed"], 0 if options else len(statuses))
        self.assertEqual(told[0], told[1])

    def test_what_lies_in_it_is_taken_back(self):
        self.shell(f"echo c >tree/sub/c; {CREATE} >/dev/null; rm tree/sub/b; echo x >tree/sub/c")
        before = self.shown()
        self.do(f"permward apply -p pins.toml {STORE}")
        after = self.shown()
        self.undo("sub", "sub/b", "sub/c")
        self.assertEqual(self.shown(), before)
        self.undo("sub", "sub/b", "sub/c")  # of the undo: it is immutable last of all
        self.assertEqual(self.shown(), after)

    def test_and_what_else_was_changed_of_it_comes_last(self):
        self.rule('mode = "0750"\n')
        self.shell("chmod 0777 tree/sub")
        before = self.shown()
        self.do(f"permward apply -p pins.toml {STORE}")
        after = self.shown()
        self.undo("sub")
        self.assertEqual(self.shown(), before)
        self.undo("sub")
        self.assertEqual(self.shown(), after)

    def test_one_that_others_would_rule_meanwhile_stays_as_it_is(self):
        self.rule('mode = "0777"\n')
        self.shell("chmod 0700 tree/sub; rm tree/sub/b")
        self.do(f"permward apply -p pins.toml {STORE}")
        for options in ("-n", ""):
            found = self.statuses(self.do(f"permward undo -p pins.toml {STORE} {options}", 2))
            self.assertEqual(found["sub/b"], "refused", found)

    def test_one_that_a_restore_had_made_is_removed(self):
        self.shell(f"chattr +i tree/sub; {CREATE} >/dev/null; chattr -i tree/sub; rm -r tree/sub")
        self.do(f"{RESTORE} /w/tree")
        after = self.shown()
        self.undo("sub", "sub/b")
        self.assertEqual(self.shell("ls -A tree"), "a\nlink\n")
        self.undo("sub", "sub/b")
        self.assertEqual(self.shown(), after)

    def test_one_that_has_changed_since_stays_as_it_is(self):
        self.shell("rm tree/sub/b")
        self.do(f"permward apply -p pins.toml {STORE}")
        self.shell("chattr -i tree/sub; chmod 0700 tree/sub; chattr +i tree/sub")
        shown = self.shown()
        for options in ("-n", ""):
            found = self.statuses(self.do(f"permward undo -p pins.toml {STORE} {options}", 2))
            self.assertEqual(found, {"sub": "violation", "sub/b": "refused"})
        self.assertEqual(self.shown(), shown)

    def test_killed_in_between_it_is_taken_back_by_the_next_ones(self):
        self.shell(f"chattr +i tree/sub; {CREATE} >/dev/null; chattr -i tree/sub; rm -r tree/sub")
        self.do(f"{RESTORE} /w/tree")
        after = self.shown()
        self.do(f"permward undo {STORE} -p pins.toml")
        # Where the content is placed the directory is there, and not immutable yet.
        self.box.run(f"strace -f -e trace=linkat,renameat2 -e inject=linkat,renameat2:signal=SIGKILL:when=1 permward undo {STORE}")
        self.assertIn("sub", self.shell("ls tree"))
        self.do(f"permward undo {STORE} -p pins.toml")
        self.assertEqual(self.shell("ls tree; lsattr -d tree/sub 2>/dev/null || true"), "a\nlink\n")
        self.do(f"{RESTORE} /w/tree")
        self.assertEqual(self.shown(), after)


class BarredSince(Care):
    """What bars changes, and is to go, is not in the way of what is put back with it."""

    def test_what_lies_in_it_is_put_back_too(self):
        shown = self.shell("find tree | sort | xargs stat -c '%A %U %n'; lsattr -R tree | sort; cat tree/sub/b")
        for flag, mode in (("i", "0755"), ("i", "0700"), ("a", "0755")):
            with self.subTest(flag + mode):
                self.shell(f"rm tree/sub/b; echo more >tree/a; chmod {mode} tree/sub; chattr +{flag} tree/sub")
                told = []
                for options in ("-n", ""):
                    report = self.do(f"{RESTORE} /w/tree {options}", 2 if options else 0)
                    self.assertEqual(set(self.statuses(report).values()), {"would_correct" if options else "corrected"})
                    told.append(sorted((one["path"], one["aspect"]) for one in report["findings"]))
                    self.assertEqual((report["summary"]["objects"], report["summary"]["changed"]), (5, 0 if options else 3))
                self.assertEqual(told[0], told[1])
                self.assertEqual(self.shell("find tree | sort | xargs stat -c '%A %U %n'; lsattr -R tree | sort; cat tree/sub/b"), shown)

    def test_but_not_where_others_could_change_names_there_meanwhile(self):
        self.shell("rm tree/sub/b; chmod 0777 tree/sub; chattr +i tree/sub")
        for options in ("-n", ""):
            self.assertEqual(self.statuses(self.do(f"{RESTORE} /w/tree {options}", 2))["sub/b"], "refused")
        self.do(f"{RESTORE} /w/tree")


class Verification(Care):
    HOOKS = {"renames it": 'mv "$1" "$1.bak"; echo evil >"$1"', "writes to it": 'echo evil >>"$1"',
             "replaces it": 'cp "$1" "$1.new"; mv "$1.new" "$1"', "links it": 'ln "$1" /w/held'}

    def test_what_it_has_changed_is_not_put_back(self):
        for way, hook in self.HOOKS.items():
            for altered in ("rm tree/a", "echo changed >tree/a"):
                with self.subTest(f"{way}: {altered}"):
                    self.pin('verify = ["/w/hook", "{}"]\n')
                    self.shell(f"rm -f held; printf '#!/bin/sh\\n%s\\n' '{hook}' >hook; chmod 0755 hook; {altered}")
                    before = self.shell("cat tree/a 2>/dev/null || true")
                    report, _ = self.told(f"{RESTORE} /w/tree/a", 2)
                    self.assertEqual(self.statuses(report), {"a": "failed"})
                    self.assertEqual(self.shell("cat tree/a 2>/dev/null || true"), before)
                    self.pin("")
                    self.box.run(f"rm -rf tree/.permward-*; {RESTORE} /w/tree/a")
                    self.assertEqual(self.shell("cat tree/a"), "one\n")


    def test_an_undo_is_verified_too(self):
        self.shell("echo new >tree/a")
        self.do(f"{RESTORE} /w/tree/a")
        for program, shown in (("head -n 1 $1", "it ended with status 1 new"), ("head -n 1 $1 >/w/seen", "it ended with status 1")):
            self.pin(f"""verify = ["sh", "-c", '{program.replace("$", "$$")}; exit 1', "-", "{{}}"]\n""")
            self.do(f"permward undo -p pins.toml {STORE} -n", 2)
            report = self.do(f"permward undo -p pins.toml {STORE}", 2)
            self.assertEqual(self.statuses(report), {"a": "failed"})
            self.assertIn(shown, report["findings"][0]["message"])
            self.assertEqual(self.shell("cat tree/a"), "one\n")
        self.assertEqual(self.shell("cat seen"), "new\n")
        self.pin('verify = ["grep", "-q", "new", "{}"]\n')
        self.do(f"permward undo -p pins.toml {STORE}")
        self.assertEqual(self.shell("cat tree/a; ls -A tree"), "new\na\nlink\nsub\n")


class VerificationOfARoot(Care):
    """Nothing is run under --root. Who counts on it is told."""

    MORE = ('\n[[rule]]\nid = "second"\npath = "/tree/link"\ncontent = "pinned"\nverify = ["true"]\n'
            '\n[[rule]]\nid = "third"\npath = "/tree/b"\ncontent = "pinned"\nverify = ["true"]\nwhen = {path_exists = "/none"}\n')

    def setUp(self):
        super().setUp()
        self.shell("rm -rf image; mkdir -p image/etc; cp -a tree image/tree; cp /etc/passwd /etc/group image/etc")
        self.write('verify = ["false"]\non_changed = "restore"\n')
        self.shell("permward snapshot create -q --root image -p in.toml >/dev/null; echo other >image/tree/a")

    def write(self, more):
        (self.box.work / "in.toml").write_text(sandbox.pinned("/tree") + more, encoding="ascii")

    def warnings(self, command, status):
        report, said = self.told(command, status)
        found = [one for one in report["warnings"] if one["code"] == "W0011"]
        self.assertEqual(said.count("[W0011]"), len(found))
        return [one["message"] for one in found]

    def test_that_it_is_not_run_is_told(self):
        for command in ("restore --root image -p in.toml -n /tree/a", "apply --root image -p in.toml -n",
                        "restore --root image -p in.toml /tree/a", "apply --root image -p in.toml"):
            with self.subTest(command):
                self.assertEqual(self.warnings(f"permward {command}", 2 if " -n" in command else 0),
                                 ["'verify' of the rule 'pinned' is not run under --root"])

    def test_nor_by_an_undo(self):
        self.shell("permward restore --root image -p in.toml /tree/a")
        for options, status in (("-n", 2), ("", 0)):
            self.assertEqual(self.warnings(f"permward undo --root image -p in.toml {options}", status),
                             ["'verify' of the rule 'pinned' is not run under --root"])
        self.assertEqual(self.shell("cat image/tree/a"), "other\n")

    def test_the_others_that_are_in_force_are_counted(self):
        self.write('verify = ["false"]\n' + self.MORE)
        self.assertEqual(self.warnings("permward restore --root image -p in.toml /tree/a", 0),
                         ["'verify' of the rule 'pinned', and of 1 more, is not run under --root"])

    def test_where_nothing_is_left_out_nothing_is_told(self):
        self.write(self.MORE)
        self.assertEqual(self.warnings("permward apply --root image -p in.toml --rule pinned", 2), [])
        self.assertEqual(self.warnings("permward check --root image -p in.toml", 2), [])
        self.pin('verify = ["true"]\n')
        self.shell("echo other >tree/a")
        self.assertEqual(self.warnings(f"{RESTORE} /w/tree/a", 0), [])


class Hole(Care):
    """A file that is made so long that nobody would wait for its digest is not what was accepted."""

    def told_of(self, command):
        report, _ = self.told(f"permward {command} -p pins.toml {STORE}", 2)
        return [(one["aspect"], one["status"], one["actual"]) for one in report["findings"] if one["path"] == "/w/tree/a"]

    def test_its_size_alone_is_a_violation_that_can_be_corrected(self):
        self.pin('on_changed = "restore"\n')
        self.shell("truncate -s 3G tree/a")
        self.assertEqual(self.told_of("check"), [("content", "violation", "3221225472 bytes")])
        self.assertEqual(self.told_of("apply -n"), [("content", "would_correct", "3221225472 bytes")])
        # Without a copy nothing is replaced, and 256 MiB is all that copies may have.
        report, _ = self.told(f"permward apply -p pins.toml {STORE}", 2)
        self.assertEqual(self.statuses(report)["a"], "failed")
        self.assertIn("evidence_bytes allows no copy", report["findings"][0]["message"])
        self.assertEqual(self.shell("stat -c %s tree/a"), "3221225472\n")

    def test_where_there_is_room_for_a_copy_it_is_put_back(self):
        if shutil.disk_usage(self.box.work).free < 3 << 30:
            self.skipTest("needs 3 GiB in memory")
        self.pin('on_changed = "restore"\n')
        (self.box.work / "room.toml").write_text('[store]\nevidence_bytes = "2GiB"\n', encoding="ascii")
        self.shell("truncate -s 1025M tree/a")
        report, _ = self.told(f"permward apply -p pins.toml {STORE} --config room.toml")
        self.assertEqual((self.statuses(report)["a"], self.shell("cat tree/a")), ("corrected", "one\n"))
        kinds = [one["kind"] for one in self.told(f"permward snapshot verify {STORE}")[0]["snapshots"]]
        self.assertEqual(kinds, ["evidence", "accepted"])


class SecondName(Care):
    """Of what `snapshot create` refuses it is not said that it is accepted."""

    def test_a_finding_says_where_it_is_accepted(self):
        self.shell("echo changed >tree/a; ln tree/a tree/sub/again; chown bob tree/sub")
        unless = ", unless others may make names where it lies: it has 2"
        report, _ = self.told(f"permward check -p pins.toml {STORE}", 2)
        messages = {one["path"]: one["message"] for one in report["findings"] if one["aspect"] == "content"}
        self.assertEqual(messages, {
            "/w/tree/a": "not what was accepted; `permward snapshot create` accepts a change" + unless,
            "/w/tree/sub/again": "never accepted; `permward snapshot create` accepts it as it is" + unless})
        report, _ = self.told(f"permward snapshot create -p pins.toml {STORE}", 2)
        self.assertEqual([one["path"] for one in report["not_taken"]], ["/w/tree/sub/again"])


class Killed(Care):
    def test_what_a_killed_run_had_lifted_is_not_accepted(self):
        self.shell(f"chattr +i tree/a; {CREATE} >/dev/null; chattr -i tree/a; echo evil >tree/a; chattr +i tree/a")
        self.box.run(f"strace -f -e trace=renameat,renameat2 -e inject=renameat,renameat2:signal=SIGKILL:when=1 "
                     f"{RESTORE} /w/tree/a")
        before = self.shell(f"permward snapshot list {STORE}")
        report, said = self.told(CREATE, 1)
        self.assertIn("run that was killed", report["error"]["message"])
        self.assertIn("puts back what it had lifted", said)
        self.assertEqual(self.shell(f"permward snapshot list {STORE}"), before)
        self.told(f"{RESTORE} /w/tree/a")
        self.assertEqual(self.shell("cat tree/a; lsattr tree/a | cut -c5"), "one\ni\n")
        self.told(CREATE)


    def test_nor_what_a_run_could_not_put_back(self):
        apply = f"permward apply -p mode.toml {STORE}"
        alter = "chattr -i tree/a; chmod 0666 tree/a; chattr +i tree/a"
        (self.box.work / "mode.toml").write_text(
            'schema = 1\n[[rule]]\nid = "mode"\npath = "/w/tree/a"\nmode = "0644"\n', encoding="ascii")
        self.shell(f"{alter}; strace -f -o trace -e trace=ioctl {apply} >/dev/null")
        calls = (self.box.work / "trace").read_text(encoding="utf-8").splitlines()
        last = max(at for at, line in enumerate(calls) if "FS_IOC_SETFLAGS" in line)
        thread = calls[last].split()[0]
        number = sum("ioctl(" in line for line in calls[:last + 1] if line.split()[0] == thread)
        self.shell(f"{alter}; strace -f -o trace -e trace=ioctl -e inject=ioctl:error=EIO:when={number}+ {apply}", (2,))
        report, _ = self.told(CREATE, 1)
        self.assertIn("lifted of /w/tree/a", report["error"]["message"])
        self.shell(apply)
        self.assertEqual(self.shell("lsattr tree/a | cut -c5"), "i\n")
        self.told(CREATE)


class Undone(Care):
    def test_a_new_inode_for_the_same_content_is_taken_back_but_for_that(self):
        for what in ("chmod 0666", "setfacl -m u:bob:rw", "chown bob"):
            with self.subTest(what):
                shown = self.shell(f"{what} tree/a; getfacl tree/a")
                self.told(f"{RESTORE} /w/tree/a")
                self.assertNotEqual(self.shell("getfacl tree/a"), shown)
                report, _ = self.told(f"permward undo -p pins.toml {STORE}")
                self.assertEqual(set(self.statuses(report).values()), {"corrected"})
                self.assertEqual(self.shell("getfacl tree/a"), shown)
                self.told(f"{RESTORE} /w/tree/a")

    def test_what_no_journal_has_is_told(self):
        for mode in ("0644", "0666"):  # what others could write gets a new inode
            with self.subTest(mode):
                self.shell(f"chmod {mode} tree/a; {CREATE} >/dev/null; setfattr -n user.mine -v x tree/a")
                self.told(f"{RESTORE} /w/tree/a")
                report, _ = self.told(f"permward undo -p pins.toml {STORE}", 2)
                self.assertEqual(self.statuses(report), {"a": "violation"})
                self.assertIn("extended attributes", report["findings"][0]["message"])


    def test_what_has_another_name_by_now_is_not_split(self):
        self.shell("echo other >tree/a")
        self.do(f"{RESTORE} /w/tree/a")
        shown = self.shell("ln tree/a other; ls -i tree/a other; cat tree/a")
        for options, message in (("", "--force"), ("--force -n", "it has other names"), ("--force", "it has other names")):
            with self.subTest(options):
                report = self.do(f"permward undo -p pins.toml {STORE} {options}", 2)
                self.assertEqual(self.statuses(report), {"a": "violation"})
                self.assertIn(message, report["findings"][0]["message"])
                self.assertEqual(self.shell("ls -i tree/a other; cat tree/a"), shown)
        self.shell("rm other")
        self.do(f"permward undo -p pins.toml {STORE} --force")
        self.assertEqual(self.shell("cat tree/a"), "other\n")

    def test_of_what_a_run_could_not_do_nothing_is_told(self):
        (self.box.work / "owner.toml").write_text(
            'schema = 1\n[[rule]]\nid = "owner"\npath = "/w/tree/a"\nowner = "bob"\n', encoding="ascii")
        self.shell("chattr +i tree/a")
        self.shell(f"strace -f -o trace -e trace=fchownat -e inject=fchownat:error=EIO permward apply -p owner.toml {STORE}", (2,))
        self.assertIn("(INJECTED)", (self.box.work / "trace").read_text(encoding="utf-8"))
        report, _ = self.told(f"permward undo -p pins.toml {STORE}")
        self.assertEqual(report["findings"], [])


class Logged(Care):
    def objects(self):
        return self.do(f"permward log {STORE}")["runs"][0]["counts"]["objects"]

    def test_an_object_counts_once(self):
        self.shell("rm -r tree/sub")  # made closed, and opened when all is there
        self.assertEqual(self.do(f"{RESTORE} /w/tree")["summary"]["changed"], self.objects())
        self.assertEqual(self.objects(), 2)


class Store(Care):
    def test_ids_go_on_behind_one_of_a_time_to_come(self):
        report, _ = self.told(f"permward snapshot list {STORE}")
        old, later = report["snapshots"][0]["id"], "20991231T235959Z-ffff"
        # Where it cannot be read it is one all the same.
        self.shell(f"cp state/snapshots/{old}.pax.zst state/snapshots/{later}.pax.zst; echo more >tree/sub/c")
        self.box.run(CREATE)
        names = sorted(path.name for path in (self.box.work / "state/snapshots").iterdir())
        self.assertEqual((len(names), names[-1].split("-")[0]), (3, "21000101T000000Z"))
        self.shell(f"rm state/snapshots/{later}.pax.zst; : >state/snapshots/20269927T931654Z-aaaa.pax.zst")
        self.assertEqual(len(self.told(f"permward snapshot list {STORE}")[0]["snapshots"]), 2)

    def test_the_store_is_not_kept_in_itself(self):
        for _ in range(2):
            report, _ = self.told(f"permward snapshot create -p pins.toml --state-dir tree/sub/own", 2)
            self.assertEqual([one["path"] for one in report["not_taken"]], ["/w/tree/sub/own"])
        self.assertEqual(len(list((self.box.work / "tree/sub/own/snapshots").iterdir())), 1)
        self.shell("rm -rf tree/sub/own; mkdir image; cp -a tree image/tree; mkdir -p image/etc")
        (self.box.work / "in.toml").write_text(sandbox.pinned("/tree"), encoding="ascii")
        for _ in range(2):
            report, _ = self.told("permward snapshot create --root image -p in.toml --state-dir image/tree/own", 2)
            self.assertEqual([one["path"] for one in report["not_taken"]], ["/tree/own"])
        self.pin('exclude = ["own"]\n')
        self.told(f"permward snapshot create -p pins.toml --state-dir tree/sub/own")
        self.assertEqual(self.box.run("permward check -p pins.toml --state-dir tree/sub/own")[0], 0)

    def test_an_archive_that_is_not_there_is_told_in_the_report(self):
        report, said = self.told(f"permward snapshot import none {STORE}", 1)
        self.assertIn("could not open none", report["error"]["message"])
        self.assertIn("could not open none", said)

    def test_a_damaged_newer_snapshot_is_told_in_the_report(self):
        self.shell(f"""echo more >tree/sub/c; {CREATE} >/dev/null; newest=$(ls state/snapshots | tail -1)
        printf x | dd of=state/snapshots/$newest bs=1 seek=40 conv=notrunc 2>/dev/null; rm tree/a""")
        report, _ = self.told(f"{RESTORE} /w/tree/a", 2)
        self.assertEqual([one["code"] for one in report["warnings"]], ["W0010"])
        self.assertEqual(self.shell("cat tree/a"), "one\n")
        status, out, _ = self.box.run(f"{RESTORE} /w/tree/a")
        self.assertEqual(status, 2)
        self.assertIn(b"was passed over", out)

    def test_evidence_of_a_file_larger_than_a_snapshot_may_hold_is_kept(self):
        self.shell("head -c 70000000 /dev/urandom >tree/a")
        digest = self.shell("sha256sum <tree/a")
        self.told(f"{RESTORE} /w/tree/a")
        self.assertEqual(self.shell("cat tree/a"), "one\n")
        self.told(f"permward undo -p pins.toml {STORE}")
        self.assertEqual(self.shell("sha256sum <tree/a"), digest)

    def test_of_a_directory_that_the_run_has_made_no_evidence_is_kept(self):
        self.shell(f"setfattr -n user.note -v x tree/sub; {CREATE} >/dev/null; rm -r tree/sub")
        self.told(f"{RESTORE} /w/tree")
        kinds = [one["kind"] for one in self.told(f"permward snapshot list {STORE}")[0]["snapshots"]]
        self.assertNotIn("evidence", kinds)
        self.assertIn("user.note", self.shell("getfattr -d tree/sub"))

    def test_what_cannot_be_kept_says_what_to_do(self):
        self.shell("truncate -s 300M tree/a; shred -n1 -s 300M tree/a")
        report, _ = self.told(f"{RESTORE} /w/tree/a", 2)
        self.assertIn("evidence_bytes", report["findings"][0]["message"])
        self.shell("mv tree/a tree-a")
        self.told(f"{RESTORE} /w/tree/a")
        self.shell("rm tree-a")

    def test_who_could_write_cannot_push_out_the_evidence_of_others(self):
        (self.box.work / "s.toml").write_text("[store]\nevidence_bytes = 20000\n", encoding="ascii")
        store = f"{STORE} --config s.toml"
        self.shell("chgrp www-data tree/a; chmod 0664 tree/a; " + CREATE + " >/dev/null")
        for _ in range(4):
            self.shell("head -c 15000 /dev/urandom >tree/a")
            self.told(f"permward restore -p pins.toml {store} /w/tree/a")
        self.shell("echo other >tree/sub/b")
        self.told(f"permward restore -p pins.toml {store} /w/tree/sub/b")

    def test_a_link_of_root_is_nobody_elses(self):
        (self.box.work / "s.toml").write_text("[store]\nevidence_bytes = 30000\n", encoding="ascii")
        store = f"{STORE} --config s.toml"
        self.shell(f"chown bob tree/a; {CREATE} >/dev/null; ln -sfn /x tree/link")
        self.told(f"permward restore -p pins.toml {store} /w/tree/link")
        kept = self.told(f"permward snapshot list {STORE}")[0]["snapshots"][0]["id"]
        for _ in range(2):
            self.shell("head -c 27000 /dev/urandom >tree/a")
            self.box.run(f"permward restore -p pins.toml {store} /w/tree/a")
        self.assertIn(kept, [one["id"] for one in self.told(f"permward snapshot list {STORE}")[0]["snapshots"]])

    def test_what_is_too_much_together_is_kept_one_by_one(self):
        (self.box.work / "s.toml").write_text("[store]\nevidence_bytes = 30000\n", encoding="ascii")
        self.shell(f"for i in 1 2 3; do echo x >tree/$i; done; {CREATE} >/dev/null")
        self.shell("for i in 1 2 3; do head -c 20000 /dev/zero >tree/$i; done")
        report, _ = self.told(f"permward restore -p pins.toml {STORE} --config s.toml /w/tree")
        self.assertEqual(report["summary"]["changed"], 3)


class Applied(Care):
    MODE = 'on_changed = "restore"\nfiles = { mode = "0600" }\n'

    def alter(self):
        self.pin(self.MODE)
        self.shell(f"chmod 0600 tree/a tree/sub/b; {CREATE} >/dev/null; echo other >tree/a; ln tree/a other; chmod 0666 tree/a")

    def test_what_is_corrected_of_an_object_whose_copy_is_left_counts(self):
        self.alter()
        for more, status in (("-n", 1), ("", 1)):
            self.told(f"permward apply -p pins.toml {STORE} --max-changes 0 {more}", status)
        self.assertEqual(self.shell("stat -c %a tree/a; rm other"), "666\n")

    def test_why_a_copy_is_left_is_told_beside_what_is_corrected(self):
        self.alter()
        report, _ = self.told(f"permward apply -p pins.toml {STORE}", 2)
        told = {one["aspect"]: (one["status"], one["message"]) for one in report["findings"]}
        self.assertEqual(told["content"][0], "violation")
        self.assertIn("--break-links", told["content"][1])
        self.assertEqual(self.shell("stat -c %a tree/a; rm other"), "600\n")

    def test_what_was_put_back_is_corrected_with_all_too(self):
        self.pin('on_missing = "restore"\non_changed = "restore"\n')
        self.shell("rm tree/a; echo other >tree/sub/b")
        report, _ = self.told(f"permward apply -p pins.toml {STORE} --all")
        self.assertEqual(report["summary"]["corrected"], report["summary"]["changed"])
        self.assertEqual(report["summary"]["changed"], 2)


class Sensitive(Care):
    def test_what_an_acl_bars_somebody_from_is_not_shown(self):
        for what in ("chmod 0604 tree/a", "setfacl -m u:bob:--- tree/a", "setfacl -m g:www-data:--- tree/a",
                     "setfacl -m u:bob:--- tree"):
            with self.subTest(what):
                self.shell(f"setfacl -b tree tree/a; chmod 0644 tree/a; echo one >tree/a; {what}; {CREATE} >/dev/null")
                self.shell("echo secret >tree/a")
                for command in (f"permward snapshot diff -p pins.toml {STORE}", f"{RESTORE} -n /w/tree/a"):
                    out = self.box.run(command)[1]
                    self.assertNotIn(b"secret", out)
                    self.assertIn(b"/w/tree/a", out)

    def test_other_names_in_a_directory_of_others_are_not_taken(self):
        self.shell("mkdir tree/his; chown bob tree/his; echo secret >secret; chmod 0600 secret; ln secret tree/his/f")
        report, _ = self.told(CREATE, 2)
        self.assertEqual([one["path"] for one in report["not_taken"]], ["/w/tree/his/f"])
        snapshots, _ = self.told(f"permward snapshot list {STORE}")
        newest = snapshots["snapshots"][0]["id"]
        shown, _ = self.told(f"permward snapshot show {newest} {STORE}")
        self.assertIn("/w/tree/his", [one["path"] for one in shown["objects"]])
        self.assertNotIn("/w/tree/his/f", [one["path"] for one in shown["objects"]])


if __name__ == "__main__":
    cli_test.main()
