#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""environment_test.py --program PERMWARD: apply where a file system is read-only, full, frozen, out of inodes,
without ACLs, a bind mount, or seen from a user namespace: what cannot be done is told of its object, and all
the rest is done."""

import json
import os
import shutil
import subprocess
import time

import cli_test
import sandbox

APPLY = "permward apply -f json -p p.toml --state-dir state"
MODE = """\
[[rule]]
id = "{id}"
path = "{path}"
mode = "0640"
"""
ENTRIES = 300  # of an ACL: more than a block of 1 KiB has


def rules(*texts):
    return "schema = 1\n" + "".join(texts)


class Environment(cli_test.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not sandbox.real_root():
            sandbox.skip("needs root")

    def setUp(self):
        self.run_in("rm -rf state tree; mkdir -p tree; touch tree/plain; chmod 0666 tree/plain")
        self.plain = MODE.format(id="plain", path="/w/tree/plain")

    def run_in(self, command, statuses=(0,)):
        status, out, err = self.box.run(command)
        self.assertIn(status, statuses, f"{command}: {out} {err}")
        return out.decode()

    def mounted(self, what, name="there"):
        """A mount below /w, for the time of this test."""
        self.run_in(f"mkdir -p {name}; mount {what} /w/{name}")
        self.addCleanup(self.box.run, f"umount -l /w/{name}")
        return f"/w/{name}"

    def ext4(self, options="", size="16M"):
        self.addCleanup(self.box.image("there", "ext4", size, options))
        return "/w/there"

    def apply(self, policy, status, command=APPLY):
        """The findings, by path: aspect, status and reason."""
        (self.box.work / "p.toml").write_text(policy, encoding="ascii")
        done, out, err = self.box.run(command)
        self.assertEqual(done, status, f"{out} {err}")
        self.report = json.loads(out)
        found = {}
        for finding in self.report["findings"]:
            found.setdefault(finding["path"], []).append(
                (finding["aspect"], finding["status"], finding["message"] + finding.get("reason", "")))
        return found

    def mode(self, path):
        return self.run_in(f"stat -c %a {path}").strip()

    def assert_plain_is_done(self):
        self.assertEqual(self.mode("tree/plain"), "640")

    def assert_failed(self, found, path, words):
        self.assertTrue(found[path])
        for _, status, reason in found[path]:
            self.assertEqual(status, "failed", found)
            self.assertIn(words, reason)

    def test_what_lies_on_a_read_only_file_system_fails_and_all_else_is_done__T88(self):
        there = self.mounted("-t tmpfs -o mode=0755 none")
        self.run_in(f"touch {there}/f; chmod 666 {there}/f; mount -o remount,ro {there}")
        found = self.apply(rules(self.plain, MODE.format(id="f", path=f"{there}/f")), 2)
        self.assert_failed(found, f"{there}/f", "Read-only file system")
        self.assert_plain_is_done()
        self.assertEqual(self.mode(f"{there}/f"), "666")

    def test_what_a_read_only_bind_mount_shows_fails_and_is_done_where_it_may__T88(self):
        self.run_in("touch tree/f; chmod 666 tree/f")
        there = self.mounted("--bind /w/tree")
        self.run_in(f"mount -o remount,bind,ro {there}")
        found = self.apply(rules(MODE.format(id="f", path=f"{there}/f")), 2)
        self.assert_failed(found, f"{there}/f", "Read-only file system")
        self.apply(rules(self.plain, MODE.format(id="f", path="/w/tree/f")), 0)
        self.assertEqual(self.mode(f"{there}/f"), "640")

    def test_what_lies_under_a_mount_is_out_of_reach(self):
        self.run_in("mkdir tree/d; touch tree/d/f; chmod 666 tree/d/f")
        self.run_in("mount -t tmpfs none tree/d; touch tree/d/f; chmod 666 tree/d/f")
        try:
            self.apply(rules(self.plain, MODE.format(id="f", path="/w/tree/d/f")), 0)
            self.assertEqual(self.mode("tree/d/f"), "640")
        finally:
            self.run_in("umount tree/d")
        self.assertEqual(self.mode("tree/d/f"), "666")

    def test_where_an_acl_has_no_room_all_else_is_tight__T40_T80(self):
        there = self.ext4("-b 1024 -I 128")
        self.run_in(f"touch {there}/f; chown bob:www-data {there}/f; chmod 666 {there}/f; "
                    f"dd if=/dev/zero of={there}/fill bs=1k 2>/dev/null", (0, 1))
        listed = ", ".join(f'"g:{10000 + number}:r"' for number in range(ENTRIES))
        rule = f"""\
[[rule]]
id = "f"
path = "{there}/f"
owner = "root"
group = "root"
mode = "0640"
acl = [{listed}]
"""
        found = self.apply(rules(self.plain, rule), 2)
        states = {aspect: (status, reason) for aspect, status, reason in found[f"{there}/f"]}
        self.assertEqual(states["acl"][0], "failed", found)
        self.assertIn("No space left on device", states["acl"][1])
        self.assertEqual(self.run_in(f"stat -c '%u %g' {there}/f").strip(), "0 0")
        self.assertEqual(int(self.mode(f"{there}/f"), 8) & ~0o640, 0)
        self.assertNotIn("user:bob", self.run_in(f"getfacl -c {there}/f"))
        self.assert_plain_is_done()

    def test_what_cannot_be_made_for_want_of_inodes_fails__T103(self):
        there = self.mounted("-t tmpfs -o nr_inodes=8,mode=0755 none")
        self.run_in(f"touch {there}/bad; chmod 666 {there}/bad; for i in $(seq 20); do touch {there}/$i; done",
                    (1,))
        made = f'[[rule]]\nid = "made"\npath = "{there}/made"\ntype = "file"\nowner = "root"\ngroup = "root"\nmode = "0640"\n'
        made += 'on_missing = "create"\n'
        found = self.apply(rules(self.plain, made, MODE.format(id="bad", path=f"{there}/bad")), 2)
        self.assert_failed(found, f"{there}/made", "No space left on device")
        self.assertEqual(self.mode(f"{there}/bad"), "640")
        self.assert_plain_is_done()

    def test_where_nothing_can_be_written_down_nothing_is_changed__T103(self):
        there = self.mounted("-t tmpfs -o nr_inodes=4,mode=0755 none")
        self.run_in(f"for i in $(seq 9); do touch {there}/$i; done", (1,))
        found = self.apply(rules(self.plain), 1, f"permward apply -f json -p p.toml --state-dir {there}/state")
        self.assertEqual(found, {})
        self.assertIn("No space left on device", json.dumps(self.report["error"]))
        self.assertEqual(self.mode("tree/plain"), "666")

    def test_what_cannot_be_read_of_the_journal_is_not_taken_for_nothing__T103(self):
        there = self.mounted("-t tmpfs -o nr_inodes=32,mode=0755 none")
        kept = f"--state-dir {there}/state"
        self.apply(rules(self.plain), 0, f"permward apply -f json -p p.toml {kept}")
        self.run_in(f"for i in $(seq 40); do touch {there}/$i; done", (1,))
        for command in ["undo", "undo -n", "log"]:
            status, out, err = self.box.run(f"permward {command} {kept}")
            self.assertEqual(status, 1, f"{command}: {out} {err}")
            self.assertIn(b"state.db", err)
        self.assert_plain_is_done()
        self.run_in(f"rm {there}/1*")
        self.run_in(f"permward undo {kept}")
        self.assertEqual(self.mode("tree/plain"), "666")

    def test_where_no_acl_can_be_kept_what_needs_one_is_an_error__T89(self):
        there = self.mounted("-t ramfs none")
        self.run_in(f"touch {there}/none {there}/some; chmod 666 {there}/*")
        none = f'[[rule]]\nid = "none"\npath = "{there}/none"\nmode = "0640"\nacl = []\n'
        some = f'[[rule]]\nid = "some"\npath = "{there}/some"\nmode = "0640"\nacl = ["u:bob:r"]\n'
        found = self.apply(rules(self.plain, none, some), 2)
        self.assertEqual([status for _, status, _ in found[f"{there}/none"]], ["corrected"])
        self.assertIn(("acl", "error"), [one[:2] for one in found[f"{there}/some"]])
        self.assertEqual(self.mode(f"{there}/none"), "640")
        self.assert_plain_is_done()

    def test_an_id_that_stands_for_all_others_is_nobody_s_in_a_user_namespace__T93(self):
        self.run_in("touch tree/f; chown 7001:7001 tree/f; chmod 644 tree/f")
        (self.box.work / "p.toml").write_text(
            rules('[[rule]]\nid = "f"\npath = "/w/tree/f"\nowner = "nobody"\nmode = "0644"\n'), encoding="ascii")
        done = self.in_user_namespace("permward check -f json -p p.toml")
        self.assertEqual(done.returncode, 2, done)
        findings = json.loads(done.stdout)["findings"]
        self.assertEqual([(one["aspect"], one["status"]) for one in findings], [("owner", "error")])
        self.assertIn("user namespace", findings[0]["message"])
        self.assertIn(b"W0006", done.stderr)

    def test_whoever_is_shown_as_nobody_is_not_the_one_that_is_trusted__T93(self):
        self.run_in("mkdir tree/open; chmod 775 tree/open; chgrp nogroup tree/open")
        rule = ('[[rule]]\nid = "f"\npath = "/w/tree/open/f"\ntype = "file"\nowner = 0\ngroup = 0\n'
                'mode = "0600"\non_missing = "create"\ntrust = ["@nogroup"]\n')
        (self.box.work / "p.toml").write_text(rules(rule), encoding="ascii")
        self.run_in("permward apply -p p.toml --state-dir state; rm tree/open/f; chgrp 7001 tree/open")
        done = self.in_user_namespace("permward apply -f json -p p.toml --state-dir state3")
        self.assertEqual(done.returncode, 2, done)
        findings = json.loads(done.stdout)["findings"]
        self.assertEqual([(one["aspect"], one["status"]) for one in findings], [("presence", "refused")])
        self.assertFalse((self.box.work / "tree/open/f").exists())

    def in_user_namespace(self, command):
        # Who has another root directory may make no user namespace.
        return subprocess.run(["unshare", "--user", "--map-root-user", "chroot", self.box.root, "bash", "-c",
                               f"PATH={self.box.program.parent}:$PATH; cd /w; {command}"],
                              capture_output=True, check=False)

    def test_a_frozen_file_system_is_waited_for_and_then_served__T96(self):
        if not shutil.which("fsfreeze"):
            self.skipTest("needs fsfreeze")
        there = self.ext4()
        self.run_in(f"touch {there}/f; chmod 666 {there}/f")
        point = self.box.work / "there"
        (self.box.work / "p.toml").write_text(
            rules(self.plain, MODE.format(id="f", path=f"{there}/f")), encoding="ascii")
        subprocess.run(["fsfreeze", "--freeze", point], check=True)
        try:
            # Looking changes nothing, and is not held up.
            status, out, err = self.box.run("permward check -f json -p p.toml")
            self.assertEqual((status, json.loads(out)["summary"]["violations"]), (2, 2), err)
            with self.box.popen(APPLY, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE) as process:
                while self.waits_for_disk(process) is False:
                    time.sleep(0.01)
                subprocess.run(["fsfreeze", "--unfreeze", point], check=True)
                out, err = process.communicate(timeout=60)
        finally:
            subprocess.run(["fsfreeze", "--unfreeze", point], check=False, capture_output=True)
        self.assertEqual(process.returncode, 0, f"{out} {err}")
        self.assertEqual(self.mode(f"{there}/f"), "640")
        self.assert_plain_is_done()

    @staticmethod
    def waits_for_disk(process):
        """Whether a thread of it, or of its children, is in a call that cannot be interrupted; or it ended."""
        if process.poll() is not None:
            return None
        pids = [process.pid]
        for pid in pids:
            try:
                with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as children:
                    pids += [int(child) for child in children.read().split()]
                for thread in os.listdir(f"/proc/{pid}/task"):
                    with open(f"/proc/{pid}/task/{thread}/stat", encoding="ascii", errors="replace") as stat:
                        if stat.read().rpartition(")")[2].split()[0] == "D":
                            return True
            except OSError:
                continue
        return False


if __name__ == "__main__":
    cli_test.main()
