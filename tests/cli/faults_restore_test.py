#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""faults_restore_test.py --program PERMWARD [CLASS]: an error at each system call of `restore`, of an `apply` that restores
and removes, and of an `undo` of a restore, once and from then on, and a kill at each that changes something.

Whatever fails: each file is the old one or the new one, whole, and nobody has a right to it that neither gives; what was
replaced is kept; 0 is said only where all is done; the next run does it, and nothing is left beside."""

import hashlib
import json

import cli_test
import faults
import judges
import sandbox

STORE = "--state-dir state -f json"
# A tree that was accepted; of it something is gone, altered, and of another type; and something is there that must not be.
TREE = """chattr -R -i tree 2>/dev/null; rm -rf tree state
mkdir -p tree/sub/deep; cd tree; echo one >a; echo two >sub/b; echo three >sub/deep/c; ln -s a link; echo held >held
cp /bin/true tool; setcap cap_net_raw=ep tool; chown bob:www-data a; chmod 0640 a; setfacl -m u:bob:r a; chmod 0600 sub/b
setfattr -n user.note -v kept a; find . -exec touch -hd 2020-01-01 {} +; chattr +i held; cd .."""
ACCEPT = f"permward snapshot create -q -p pins.toml {STORE} >/dev/null"
ALTER = """chattr -i tree/held; echo evil >tree/a; chmod 0602 tree/a; rm -r tree/sub; rm tree/link; echo file >tree/link
echo let go >tree/held; chattr +i tree/held; rm tree/tool; echo secret >tree-no; chmod 0600 tree-no"""
SHOW = judges.show_command("tree", times_of_directories=False)
# What a file is, and who may do what with it, but for immutable, which comes last.
ONE = "stat -c '%F %a %u %g' {0}; [ -L {0} ] && readlink {0} || {{ sha256sum <{0}; getfacl -cn {0}; getcap {0}; }}"
FILES = "tree/a tree/sub/b tree/sub/deep/c tree/link tree/held tree/tool".split()


class Restore(faults.EveryErrorAndKill):
    command = f"permward restore -p pins.toml {STORE} /w/tree"
    setting = f"{TREE}; {ACCEPT} && {{ {ALTER}; }}"
    settle = command  # what ends all that a run has begun, and does the rest

    @classmethod
    def prepare(cls):
        pins = sandbox.pinned("/w/tree")
        for name, more in (("pins", ""), ("back", 'on_changed = "restore"\n[[rule]]\nid = "no"\npath = "/w/tree-no"\n'
                                                  'presence = "forbidden"\non_forbidden = "remove"\n')):
            (cls.box.work / f"{name}.toml").write_text(pins + more, encoding="ascii")
        assert cls.box.run(f"{TREE}; {ACCEPT}")[0] == 0
        cls.accepted = cls.tree()
        cls.whole = {path: cls.one(path) for path in FILES}
        assert cls.box.run(ALTER)[0] == 0
        cls.altered = {path: cls.one(path) for path in FILES}

    @classmethod
    def tree(cls):
        return cls.box.run(SHOW)[1].decode()

    @classmethod
    def one(cls, path):
        status, out, _ = cls.box.run(f"[ -e {path} -o -L {path} ] || exit 3; {ONE.format(path)}")
        return None if status == 3 else out.decode()

    def kept(self):
        """SHA-256 of all that evidence has, by path."""
        out = set()
        listed = json.loads(self.box.run(f"permward snapshot list {STORE}")[1])["snapshots"]
        for one in listed:
            if one["kind"] == "evidence":
                shown = json.loads(self.box.run(f"permward snapshot show {one['id']} {STORE}")[1])
                out |= {(thing["path"], thing.get("sha256")) for thing in shown["objects"]}
        return out

    def assert_old_or_new(self):
        for path in FILES:
            self.assertIn(self.one(path), (self.altered[path], self.whole[path]), path)

    def assert_nothing_lost(self):
        kept = self.kept()
        for path, content in (("tree/a", b"evil\n"), ("tree/held", b"let go\n"), ("tree/link", b"file\n")):
            if self.one(path) != self.altered[path]:
                self.assertIn((f"/w/{path}", hashlib.sha256(content).hexdigest()), kept)

    def done(self):
        return self.tree() == self.accepted

    def check(self, fault, status, out, err):
        self.assert_old_or_new()
        self.assert_nothing_lost()
        if status == 0:
            self.assertTrue(self.done(), f"0, and it is not so: {out} {err}")
        again, out, err = self.box.run(self.settle)
        self.assertEqual((again, self.done()), (0, True), f"the next run: {out} {err} {self.tree()}")
        left = self.box.run("find . -name '.permward-*' -o -path './state/*' -name '.*' ! -name .")[1].decode()
        self.assertEqual(left, "")


class ApplyCopies(Restore):
    command = f"permward apply -p back.toml {STORE}"
    # No rule demands anything of what could not be brought all the way back but its content.
    settle = f"{command} >/dev/null; {Restore.command}"

    def done(self):
        gone = self.box.run("[ ! -e tree-no ]")[0] == 0
        # It takes care of no times of directories on the way, and of none of what is not pinned.
        return gone and self.tree() == self.accepted

    def assert_nothing_lost(self):
        super().assert_nothing_lost()
        if self.box.run("[ -e tree-no ]")[0] != 0:
            self.assertIn(("/w/tree-no", hashlib.sha256(b"secret\n").hexdigest()), self.kept())


class UndoRestore(Restore):
    command = f"permward undo -p pins.toml {STORE}"
    setting = f"{Restore.setting} && {Restore.command} >/dev/null"
    settle = command

    def assert_nothing_lost(self):
        pass  # all of it is accepted

    def done(self):
        return all(self.one(path) == self.altered[path] for path in FILES)

    def check(self, fault, status, out, err):
        self.assert_old_or_new()
        if status == 0:
            self.assertTrue(self.done(), f"0, and it is not so: {out} {err}")
        # Another undo may take back what this one did; what was accepted can always be put back.
        again, out, err = self.box.run(Restore.command)
        self.assertEqual((again, self.tree() == self.accepted), (0, True), f"the next run: {out} {err}")
        left = self.box.run("find . -name '.permward-*' -o -path './state/*' -name '.*' ! -name .")[1].decode()
        self.assertEqual(left, "")


if __name__ == "__main__":
    cli_test.main()
