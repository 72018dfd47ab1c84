#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""snapshot_test.py --program PERMWARD: what `snapshot` says to programs and to those who may not, and that tar(1) brings
back from an exported archive what was deleted, as judges that are not ours see it."""

import json
import signal
import subprocess
import time

import cli_test
import judges
import reports
import sandbox

BUILD = """chattr -R -ia etc 2>/dev/null; rm -rf etc state elsewhere
mkdir -p etc/conf.d/empty etc/secret; echo one >etc/main.conf; echo two >etc/conf.d/a.conf; echo key >etc/secret/key
ln -s main.conf etc/link; printf 'a\\377' >'etc/conf.d/name
of two lines'; chown bob:www-data etc/secret/key; chmod 0750 etc/secret; chmod 0400 etc/secret/key
setfacl -m u:bob:r,g:www-data:rw etc/main.conf; setfacl -d -m u:bob:rx etc/conf.d; setfacl -m u:bob:rx etc/secret
setfattr -n user.note -v 'a b' etc/main.conf; cp /bin/true etc/tool; setcap cap_net_raw=ep etc/tool
touch -d '2020-02-02 02:02:02.123456789' etc/main.conf etc/secret; touch -hd '2021-01-01' etc/link"""
CREATE = "permward snapshot create -p pins.toml --state-dir state"


class Snapshot(cli_test.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not sandbox.real_root():
            sandbox.skip("needs root")
        (cls.box.work / "pins.toml").write_text(sandbox.pinned("/w/etc"), encoding="ascii")

    def setUp(self):
        status, _, err = self.box.run(BUILD)
        self.assertEqual(status, 0, err)

    def answer(self, command, status=0):
        """As a document, valid as such and as lines."""
        found, out, err = self.box.run(f"{command} -f json")
        self.assertEqual(found, status, (out, err))
        self.assertEqual((reports.mistakes_in(out), len(reports.reports_in(out))), ([], 1), out)
        return json.loads(out)

    def lines(self, command, status=0):
        found, out, err = self.box.run(f"{command} -f jsonl")
        self.assertEqual(found, status, (out, err))
        self.assertEqual(reports.mistakes_in(out), [], out)
        out = reports.reports_in(out)
        self.assertEqual(out[-1]["event"], "summary")
        return out

    def test_every_answer_is_what_the_schema_says(self):
        made = self.answer(CREATE)
        self.assertEqual((made["new"], made["not_taken"]), (True, []))
        self.assertEqual(self.answer(CREATE)["new"], False)
        shown = self.answer(f"permward snapshot show {made['snapshot']} --state-dir state")
        self.assertEqual((shown["id"], len(shown["objects"])), (made["snapshot"], made["objects"]))
        odd = [one for one in shown["objects"] if "path_b64" not in one and "two lines" in one["path"]]
        self.assertEqual(len(odd), 1)
        self.box.run("echo more >>etc/main.conf")
        lines = self.lines(CREATE)
        self.assertEqual((len(lines), lines[0]["new"]), (1, True))
        for verb in ("list", "verify"):
            found = self.answer(f"permward snapshot {verb} --state-dir state")
            self.assertEqual([one["id"] for one in found["snapshots"]], [lines[0]["snapshot"], made["snapshot"]])
            self.assertEqual({one["damage"] for one in found["snapshots"]}, {None})
            self.assertEqual(len(self.lines(f"permward snapshot {verb} --state-dir state")), 3)
        self.lines(f"permward snapshot show {made['snapshot']} --state-dir state")
        self.box.run(f"permward snapshot export {made['snapshot']} copy --state-dir state")
        taken = self.answer("permward snapshot import copy --state-dir elsewhere")
        self.assertEqual((taken["snapshot"], taken["new"]), (made["snapshot"], True))
        self.assertEqual(self.lines("permward snapshot import copy --state-dir elsewhere")[0]["new"], False)
        self.assertEqual(self.answer("permward snapshot prune --keep-last 1 --state-dir state")["removed"],
                         [made["snapshot"]])
        self.lines("permward snapshot prune --keep-last 1 --state-dir state")

    def test_what_has_changed_is_what_the_schema_says(self):
        first = self.answer(CREATE)["snapshot"]
        diff = "permward snapshot diff -p pins.toml --state-dir state"
        same = self.answer(diff)
        self.assertEqual((same["snapshot"], same["changes"], same["not_seen"]), (first, [], []))
        self.box.run("sed -i s/one/eins/ etc/main.conf; setfacl -m u:bob:rx etc/main.conf; echo keys >etc/secret/key\n"
                     "setfattr -x user.note etc/main.conf; rm etc/link; ln -s tool etc/link; rm -r etc/conf.d/empty\n"
                     "touch etc/new; touch -d 2020-03-03 etc/tool; rm etc/conf.d/a.conf; mkdir etc/conf.d/a.conf\n"
                     "touch 'etc/conf.d/name\nof two lines'")
        changes = self.answer(diff)["changes"]
        told = [(one["path"].removeprefix("/w/etc"), one["what"], one["details"]) for one in changes]
        self.assertEqual([one for one in told if "name" not in one[0]], [
            ("/conf.d/a.conf", "content", ["file → directory"]), ("/conf.d/empty", "removed", []),
            ("/link", "content", ["main.conf → tool"]),
            ("/main.conf", "content", ["4 → 5 bytes"]),
            ("/main.conf", "metadata", [
                "mode 0664 → 0674",
                "acl user::rw-,user:bob:r--,group::r--,group:www-data:rw-,mask::rw-,other::r-- → "
                "user::rw-,user:bob:r-x,group::r--,group:www-data:rw-,mask::rwx,other::r--",
                "extended attribute user.note"]),
            ("/new", "added", []), ("/secret/key", "content", ["4 → 5 bytes"]),
            ("/tool", "metadata", ["another modification time"])])
        by_path = {one["path"]: one for one in changes if one["what"] == "content"}
        self.assertIn("@@ -1 +1 @@\n-one\n+eins\n", by_path["/w/etc/main.conf"]["diff"])
        self.assertIn("sensitive", by_path["/w/etc/secret/key"]["withheld"])
        self.assertNotIn("keys", json.dumps(changes))
        lines = self.lines(diff)
        self.assertEqual([{"event": "change", **one} for one in changes], lines[:-1])

    def test_what_a_rule_calls_sensitive_is_not_shown_and_what_it_does_not_is(self):
        for sensitive, path in (("true", "etc/main.conf"), ("false", "etc/secret/key")):
            text = sandbox.pinned("/w/etc") + f"sensitive = {sensitive}\n"
            (self.box.work / "pins.toml").write_text(text, encoding="ascii")
            self.answer(CREATE)
            self.box.run(f"echo other >>{path}")
            for command in ("snapshot diff", "restore -n"):
                status, out, err = self.box.run(f"permward {command} -p pins.toml --state-dir state {path}")
                self.assertEqual(b"+other" in out or b"-other" in out, sensitive == "false", (out, err))
                self.assertEqual(status, 2 if "-n" in command else 0)
        (self.box.work / "pins.toml").write_text(sandbox.pinned("/w/etc"), encoding="ascii")

    def test_nothing_is_shown_of_what_lies_in_a_private_directory(self):
        self.answer(CREATE)
        for command in ("chmod 0700 etc/conf.d; echo other >etc/conf.d/a.conf", "chmod 0700 etc/secret; echo x >etc/secret/key",
                        "chmod 0644 etc/secret/key; chmod 0700 etc/secret; echo y >>etc/secret/key"):
            self.box.run(command)
            for question in ("snapshot diff", "restore -n", "apply -n"):
                _, out, err = self.box.run(f"permward {question} -p pins.toml --state-dir state"
                                           f"{' /w/etc' if 'restore' in question else ''}")
                self.assertNotIn(b"@@", out, (command, question, err))

    def test_of_two_places_the_stricter_rule_decides_what_is_shown(self):
        (self.box.work / "pins.toml").write_text(
            sandbox.pinned("/w/etc") + '[[rule]]\nid = "marked"\npath = "/w/etc/main.conf"\nsensitive = true\nmode = "0644"\n',
            encoding="ascii")
        self.answer(CREATE)
        self.box.run("mkdir -p to/w/etc; echo other >to/w/etc/main.conf; echo other >etc/main.conf")
        for words in ("restore -n --to to etc/main.conf", "restore -n etc/main.conf", "snapshot diff"):
            _, out, err = self.box.run(f"permward {words} -p pins.toml --state-dir state")
            self.assertIn(b"it is sensitive", out, err)
            self.assertNotIn(b"@@", out)
        (self.box.work / "pins.toml").write_text(sandbox.pinned("/w/etc"), encoding="ascii")

    def test_a_mount_over_what_was_accepted_is_not_the_same(self):
        self.answer(CREATE)
        self.box.run("cp -a etc/conf.d other; echo new >other/new; mount --bind other etc/conf.d")
        try:
            found = self.answer("permward snapshot diff -p pins.toml --state-dir state", 2)
            self.assertEqual([one["path"] for one in found["not_seen"]], ["/w/etc/conf.d"])
        finally:
            self.box.run("umount etc/conf.d; rm -r other")

    def test_a_link_on_the_way_is_not_the_same(self):
        self.answer(CREATE)
        self.box.run("mv etc/conf.d elsewhere; ln -s ../elsewhere etc/conf.d")
        found = self.answer("permward snapshot diff -p pins.toml --state-dir state etc/conf.d/a.conf", 2)
        self.assertIn("a link lies on the way", found["not_seen"][0]["why"])

    def test_what_is_not_utf8_leaves_the_rest_of_a_diff_readable(self):
        self.answer(CREATE)
        self.box.run("printf 'one\\n\\377\\n' >etc/main.conf")
        changes = self.answer("permward snapshot diff -p pins.toml --state-dir state etc/main.conf")["changes"]
        self.assertIn(" one\n+\\xff\n", changes[0]["diff"])

    def test_what_cannot_be_compared_is_not_the_same(self):
        self.answer(CREATE)
        (self.box.work / "permward.toml").write_text("schema = 1\n[store]\nmax_file_size = 8\n", encoding="ascii")
        self.box.run("echo ten bytes. >etc/main.conf")
        found = self.answer("permward snapshot diff -p pins.toml --state-dir state --config permward.toml", 2)
        self.assertIn("/w/etc/tool", [one["path"] for one in found["not_seen"]])  # of the same size as it was
        self.assertIn(("/w/etc/main.conf", ["4 → 11 bytes"]), [(one["path"], one["details"]) for one in found["changes"]])
        self.lines("permward snapshot diff -p pins.toml --state-dir state --config permward.toml", 2)
        self.assertEqual(self.box.run("printf x | dd of=$(ls -d state/snapshots/*) bs=1 seek=300 conv=notrunc")[0], 0)
        self.assertIn("error", self.answer("permward snapshot diff -p pins.toml --state-dir state", 1))

    def test_what_is_too_large_is_named_and_the_rest_is_kept(self):
        (self.box.work / "settings.toml").write_text('[store]\nmax_file_size = "1KiB"\n', encoding="ascii")
        made = self.answer(f"{CREATE} --config settings.toml", 2)
        self.assertEqual([one["path"] for one in made["not_taken"]], ["/w/etc/tool"])
        self.assertEqual(self.lines(f"{CREATE} --config settings.toml", 2)[0]["event"], "not_taken")
        found = self.box.run("permward check -q -p pins.toml --state-dir state")
        self.assertEqual(found[0], 2)

    def test_only_root_changes_what_is_kept_and_reads_it(self):
        self.assertEqual(self.box.run(CREATE)[0], 0)
        for words in ("create -p pins.toml", "prune --keep-last 1", "import copy"):
            status, out, err = self.box.run(f"setpriv --reuid bob --clear-groups permward snapshot {words} --state-dir state")
            self.assertEqual((status, out), (77, b""), err)
        for words in ("list", "verify", "export"):
            status, _, err = self.box.run(f"setpriv --reuid bob --clear-groups permward snapshot {words} --state-dir state >out")
            self.assertEqual(status, 1, err)
        # Who may not read what was accepted is not told that all is as it was.
        status, out, _ = self.box.run("setpriv --reuid bob --clear-groups permward check -p pins.toml --state-dir state -f json")
        self.assertEqual(status, 2)
        self.assertNotIn('"pass"', out.decode())

    def test_a_policy_that_others_could_replace_accepts_nothing(self):
        self.box.run("chmod 0666 pins.toml")
        self.addCleanup(self.box.run, "chmod 0644 pins.toml")
        status, _, err = self.box.run(CREATE)
        self.assertEqual(status, 65, err)
        self.assertEqual(self.box.run("ls state")[0], 2)

    def test_a_link_in_the_place_of_a_directory_leads_nowhere(self):
        self.box.run("mkdir elsewhere; mv etc/secret elsewhere; ln -s ../elsewhere/secret etc/secret")
        made = self.answer(CREATE)
        shown = self.answer(f"permward snapshot show {made['snapshot']} --state-dir state")
        self.assertEqual([one["type"] for one in shown["objects"] if one["path"].startswith("/w/etc/secret")], ["symlink"])

    def test_bytes_that_are_not_those_that_were_written_are_damage(self):
        made = self.answer(CREATE)
        archive = f"state/snapshots/{made['snapshot']}.pax.zst"
        # All that is read of it is the same.
        self.assertEqual(self.box.run(f"zstd -dqc {archive} >tar; zstd -19qc tar >{archive}")[0], 0)
        self.assertEqual(self.box.run("permward check -q -p pins.toml --state-dir state")[0], 0)
        found = self.answer("permward snapshot verify --state-dir state", 2)["snapshots"]
        self.assertEqual([one["damage"] for one in found], ["its bytes are not those that were written"])
        # Without what was written down nobody can tell.
        self.box.run("rm state/state.db*")
        self.answer("permward snapshot verify --state-dir state")

    def test_a_name_beside_what_is_pinned_makes_no_new_snapshot(self):
        self.answer(CREATE)
        self.box.run("touch beside; mkdir etc/none; touch -d 2001-01-01 etc; rmdir etc/none")
        self.assertFalse(self.answer(CREATE)["new"])
        self.box.run("mkdir etc/some")
        self.assertTrue(self.answer(CREATE)["new"])
        self.box.run("rm -r beside; touch -d 2001-01-01 etc/main.conf")
        self.assertTrue(self.answer(CREATE)["new"])

    def test_an_archive_can_be_in_an_archive(self):
        made = self.answer(CREATE)
        self.box.run(f"permward snapshot export {made['snapshot']} etc/copy.pax.zst --state-dir state")
        self.assertTrue(self.answer(CREATE)["new"])
        self.box.run("permward snapshot export --state-dir state >etc/copy.pax.zst")
        self.assertTrue(self.answer(CREATE)["new"])
        found = self.answer("permward snapshot verify --state-dir state")["snapshots"]
        self.assertEqual([one["damage"] for one in found], [None] * 3)

    def test_what_cannot_be_taken_stays_as_it_was_accepted(self):
        before = self.answer(CREATE)
        self.box.run("truncate -s 70M etc/main.conf; rm etc/link")
        made = self.answer(CREATE, 2)
        self.assertEqual([one["path"] for one in made["not_taken"]], ["/w/etc/main.conf"])
        self.assertEqual((made["new"], made["objects"]), (True, before["objects"] - 1))
        self.answer("permward snapshot prune --keep-last 1 --state-dir state")
        self.box.run("permward snapshot export --state-dir state >copy")
        self.assertEqual(self.box.run("tar --zstd -xOf copy w/etc/main.conf")[1], b"one\n")
        # With a path too, and where another's link leads the way by now.
        self.box.run("echo one >etc/main.conf; mv etc/conf.d moved; ln -s ../moved etc/conf.d; chown -h bob etc/conf.d")
        again = self.answer(f"{CREATE} /w/etc/conf.d/a.conf", 2)
        self.assertEqual(again["objects"], made["objects"])

    def test_the_way_to_what_could_not_be_taken_stays_too(self):
        (self.box.work / "one.toml").write_text(sandbox.pinned("/w/etc/conf.d/a.conf").replace("recurse = true\n", ""),
                                                encoding="ascii")
        create = "permward snapshot create -p one.toml --state-dir state"
        before = self.answer(create)
        self.box.run("truncate -s 70M etc/conf.d/a.conf")
        made = self.answer(create, 2)
        self.assertEqual((made["objects"], made["new"]), (before["objects"], False))

    def test_a_signal_accepts_nothing_and_says_so(self):
        self.answer(CREATE)
        self.box.run("echo more >>etc/main.conf")
        status, out, err = self.box.run(f"strace -f -qq -o /dev/null -e inject=pwrite64:signal=SIGTERM:when=1 "
                                        f"{CREATE} -f json")
        self.assertEqual(status, -15, (out, err))
        made = json.loads(out)
        self.assertEqual((made["interrupted"], made["new"]), (True, False))
        self.assertEqual(reports.mistakes_in(out), [])
        self.assertEqual(len(self.answer("permward snapshot list --state-dir state")["snapshots"]), 1)

    def ended(self, call, path, command):
        """What it writes when SIGTERM comes at the first such call on that path, and dies by it."""
        status, out, err = self.box.run(f"strace -f -qq -o /dev/null -P {path} -e inject={call}:signal=SIGTERM:when=1 {command}")
        self.assertEqual(status, -15, (out, err))
        self.assertEqual(reports.mistakes_in(out), [])
        return out.decode(), err.decode()

    def several(self):
        """The ids of three snapshots, the newest first."""
        out = []
        for number in range(3):
            self.box.run(f"echo {number} >>etc/main.conf")
            out.insert(0, self.answer(CREATE)["snapshot"])
        return out

    def test_a_signal_ends_a_verification_which_says_what_it_has_read(self):
        ids = self.several()
        for form in ("json", "jsonl", "text"):
            for read in (0, 1):
                with self.subTest(form=form, read=read):
                    out, _ = self.ended("read", f"/w/state/snapshots/{ids[read]}.pax.zst",
                                        f"permward snapshot verify --state-dir state -f {form}")
                    if form == "text":
                        said = "Interrupted, this is not all: 1 snapshot read to the end: whole." if read else \
                            "Interrupted: no snapshot was read to the end."
                        self.assertEqual(out.splitlines()[-1], said)
                        continue
                    told = json.loads(out) if form == "json" else json.loads(out.splitlines()[-1])
                    self.assertIs(told.get("interrupted"), True)
                    if form == "json":
                        self.assertEqual([one["id"] for one in told["snapshots"]], ids[:read])
                    else:
                        self.assertEqual(len(out.splitlines()), read + 1)

    def test_a_signal_ends_a_pruning_which_says_what_it_has_removed(self):
        ids = self.several()
        out, _ = self.ended("read", f"/w/state/snapshots/{ids[0]}.pax.zst",
                            "permward snapshot prune --keep-last 1 --state-dir state -f json")
        told = json.loads(out)
        self.assertEqual((told.get("interrupted"), told["removed"], told["kept"], told["damaged"]), (True, [], 3, []))
        out, _ = self.ended("unlinkat", "/w/state/snapshots",
                            "permward snapshot prune --keep-last 1 --state-dir state")
        self.assertEqual(out, "Interrupted, this is not all: 1 snapshot removed, 2 kept.\n")
        self.assertEqual([one["id"] for one in self.answer("permward snapshot list --state-dir state")["snapshots"]], ids[:2])

    def test_a_signal_ends_what_goes_through_a_pipe_at_once_and_that_is_said(self):
        ids = self.several()
        _, err = self.ended("read", f"/w/state/snapshots/{ids[0]}.pax.zst", "permward snapshot export copy --state-dir state")
        self.assertEqual(err, "permward: interrupted: the archive may not be there, or not as a whole\n")
        self.shell("test ! -e copy; permward snapshot export copy --state-dir state")
        _, err = self.ended("read", "/w/copy", "permward snapshot import copy --state-dir elsewhere")
        self.assertEqual(err, "permward: interrupted: `permward snapshot list` shows whether it was taken in\n")
        self.shell("rm -r elsewhere")
        with self.box.popen("exec permward snapshot import - --state-dir elsewhere", sandbox.without_leak_search(),
                            stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            self.wait_for(process)
            process.send_signal(signal.SIGINT)
            said = process.stderr.read()
        self.assertEqual((process.returncode, said.count(b"interrupted: ")), (-2, 1))

    def wait_for(self, process):
        """Until it reads what it is given."""
        latest = time.monotonic() + sandbox.patience(20)
        while not list((self.box.work / "elsewhere/snapshots").glob(".import")) and time.monotonic() < latest:
            time.sleep(0.01)

    def test_a_damaged_newest_one_is_made_anew(self):
        made = self.answer(CREATE)
        archive = f"state/snapshots/{made['snapshot']}.pax.zst"
        self.box.run(f"truncate -s -30 {archive}")
        self.answer("permward snapshot verify --state-dir state", 2)
        self.assertEqual(self.answer(f"{CREATE} /w/etc/main.conf", 1)["new"], False)
        again = self.answer(CREATE)
        self.assertTrue(again["new"])
        # And is not what prune takes for the newest.
        self.box.run("echo damaged >state/snapshots/20990101T000000Z-0000.pax.zst; chmod 0600 state/snapshots/*")
        left = self.answer("permward snapshot prune --keep-last 1 --state-dir state", 2)
        self.assertNotIn(again["snapshot"], left["removed"])
        self.assertIn("20990101T000000Z-0000", left["damaged"])

    def test_what_cannot_be_taken_is_no_reason_to_fail_where_the_newest_is_damaged(self):
        made = self.answer(CREATE)
        self.box.run(f"truncate -s -30 state/snapshots/{made['snapshot']}.pax.zst; truncate -s 70M etc/main.conf")
        again = self.answer(CREATE, 2)
        self.assertEqual((again["new"], again["objects"]), (True, made["objects"] - 1))

    def test_a_whole_copy_takes_the_place_of_a_damaged_one_and_of_no_other(self):
        made = self.answer(CREATE)
        archive = f"state/snapshots/{made['snapshot']}.pax.zst"
        self.box.run(f"permward snapshot export copy --state-dir state; truncate -s -30 {archive}; head -c 99 copy >short")
        self.assertEqual(self.box.run("stat -c %a copy")[1], b"600\n")
        self.answer("permward snapshot verify --state-dir state", 2)
        self.answer("permward snapshot import --state-dir state short", 1)
        self.assertTrue(self.answer("permward snapshot import --state-dir state copy")["new"])
        self.answer("permward snapshot verify --state-dir state")
        self.assertEqual(self.box.run(f"cmp copy {archive}; permward snapshot export - --state-dir state | cmp - copy")[0], 0)
        self.assertFalse(self.answer("permward snapshot import --state-dir state copy")["new"])

    def test_whoever_restores_a_path_is_told_which_ones_have_it(self):
        self.answer(CREATE)
        self.box.run("ln -s etc way")
        self.addCleanup(self.box.run, "rm way")
        for path in ("etc/conf.d/", "etc/conf.d", "way/conf.d", "way/main.conf", "/w/way/", "/w/"):
            listed = self.answer(f"permward restore --list --state-dir state {path}")
            self.assertEqual(len(listed["snapshots"]), 1, path)
        self.assertEqual(self.answer("permward restore --list --state-dir state /w/etc/main.conf2")["snapshots"], [])

    def test_a_digest_is_written_down_of_every_one(self):
        self.answer(CREATE)
        self.box.run("rm state/state.db*; echo garbage-garbage-garbage >state/state.db; chmod 0600 state/state.db; echo more >>etc/main.conf")
        self.assertEqual(self.answer(CREATE, 1)["new"], False)
        self.assertEqual(len(self.answer("permward snapshot list --state-dir state")["snapshots"]), 1)
        self.box.run("rm state/state.db*; echo one >etc/main.conf; touch -d '2020-02-02 02:02:02.123456789' etc/main.conf")
        found = self.answer("permward snapshot verify --state-dir state")["snapshots"]
        self.assertEqual([one["recorded"] for one in found], [False])
        self.answer(CREATE)
        found = self.answer("permward snapshot verify --state-dir state")["snapshots"]
        self.assertEqual({one["recorded"] for one in found}, {True})

    def test_what_is_no_store_is_not_an_empty_one(self):
        self.assertEqual(self.box.run("permward snapshot list --state-dir pins.toml")[0], 1)
        self.box.run("rm -rf etc; mkdir etc")
        status, _, _ = self.box.run("permward check -q -p pins.toml --state-dir state")
        self.assertEqual(status, 2)
        self.assertEqual(self.box.run("permward check -q -p pins.toml --state-dir pins.toml")[0], 2)

    def test_an_imported_one_says_that_checks_go_by_it(self):
        self.answer(CREATE)
        self.box.run("sleep 1.1; echo evil >etc/main.conf")
        self.answer("permward snapshot create -p pins.toml --state-dir elsewhere")
        _, out, _ = self.box.run("permward snapshot export --state-dir elsewhere | permward snapshot import --state-dir state -")
        self.assertIn(b"It is the newest: checks compare with it.", out)

    def test_export_says_what_failed(self):
        made = self.answer(CREATE)["snapshot"]
        for words, status in ((f"{made} /w/nowhere/x", 1), ("20200101T000000Z-0000 x", 64), (f"-f json {made} x", 64)):
            self.assertEqual(self.box.run(f"permward snapshot export --state-dir state {words}")[0], status, words)

    def test_a_root_has_a_store_of_its_own(self):
        self.box.run("rm -rf image; mkdir -p image/etc/permward/policy.d image/w; cp -a etc image/w; "
                     "cp /etc/passwd /etc/group image/etc; cp pins.toml image/etc/permward/policy.d")
        made = self.answer("permward snapshot create --root image")
        self.assertTrue(made["new"])
        self.assertEqual(self.box.run("permward check -q --root image")[0], 0)
        self.box.run("rm image/w/etc/main.conf")
        missing = self.answer("permward check --root image", 2)
        self.assertEqual([one["path"] for one in missing["findings"]], ["/w/etc/main.conf"])
        self.assertEqual(self.box.run("ls image/var/lib/permward/snapshots")[1].decode().split(),
                         [made["snapshot"] + ".pax.zst"])

    def test_tar_brings_back_what_was_deleted(self):
        self.box.run("chattr +i etc/secret/key")
        pristine = judges.snapshot(self.box.work)
        self.assertEqual(self.box.run(f"{CREATE}; permward snapshot export --state-dir state >copy; "
                                      "chattr -i etc/secret/key; rm -rf etc")[0], 0)
        missing = self.answer("permward check -p pins.toml --state-dir state", 2)
        gone = {one["path"] for one in missing["findings"] if one["actual"] == "absent"}
        self.assertIn("/w/etc/conf.d/empty", gone)
        self.assertEqual(len(gone), missing["summary"]["violations"])
        status, _, err = self.box.run("tar --zstd --acls --xattrs --xattrs-include='*' -xpf copy --strip-components 1 w/etc")
        self.assertEqual(status, 0, err)
        left = judges.differences(pristine, judges.snapshot(self.box.work))
        # No tar knows the flags of chattr(1): they are in the manifest alone.
        self.assertEqual([(path, fact) for path, fact, *_ in left], [(b"etc/secret/key", "attributes")])
        self.assertEqual(self.box.run("permward check -q -p pins.toml --state-dir state")[0], 0)


if __name__ == "__main__":
    cli_test.main()
