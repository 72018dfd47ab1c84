#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""restore_test.py --program PERMWARD: that `restore`, and `apply`, give back what was deleted or altered, with all of its
metadata, as judges that are not ours see it; what they leave alone, and that they lose nothing."""

import json
import signal

import cli_test
import judges
import sandbox

BUILD = """umount etc/conf.d/a.conf 2>/dev/null; chattr -R -ia etc home victim elsewhere 2>/dev/null
rm -rf etc state elsewhere copy victim home there
mkdir -p etc/conf.d/empty etc/secret; echo one >etc/main.conf; echo two >etc/conf.d/a.conf; echo key >etc/secret/key
ln -s main.conf etc/link; printf 'a\\377' >'etc/conf.d/name
of two lines'; chown bob:www-data etc/secret/key; chmod 0750 etc/secret; chmod 0400 etc/secret/key
setfacl -m u:bob:r,g:www-data:rw etc/main.conf; setfacl -d -m u:bob:rx etc/conf.d; setfacl -m u:bob:rx etc/secret
setfattr -n user.note -v 'a b' etc/main.conf; setfattr -n trusted.note -v x etc/main.conf; cp /bin/true etc/tool; setcap cap_net_raw=ep etc/tool
cp /bin/true etc/setuid; chmod 4755 etc/setuid; : >etc/none; chown -h bob:www-data etc/link; chattr +i etc/secret/key
touch -d '2020-02-02 02:02:02.123456789' etc/main.conf etc/secret etc/conf.d; touch -hd '2021-01-01' etc/link etc"""
STORE = "--state-dir state"
CREATE = f"permward snapshot create -q -p pins.toml {STORE}"
RESTORE = f"permward restore -p pins.toml {STORE}"
SHOW = judges.show_command("etc")
DELETED = "chattr -R -i etc; rm -rf etc"


class Restore(cli_test.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not sandbox.real_root():
            sandbox.skip("needs root")
        pins = sandbox.pinned("/w/etc")
        for name, more in (("pins", ""), ("back", 'on_changed = "restore"\n')):
            (cls.box.work / f"{name}.toml").write_text(pins + more, encoding="ascii")

    def setUp(self):
        status, _, err = self.box.run(f"{BUILD}; {CREATE} >/dev/null")
        self.assertEqual(status, 0, err)
        self.pristine = self.shown()

    def shown(self):
        status, out, err = self.box.run(SHOW)
        self.assertEqual((status, err), (0, b""))
        return out.decode()

    def statuses(self, report):
        return {one["path"].removeprefix("/w/"): one["status"] for one in report["findings"]}

    def test_what_was_deleted_is_back(self):
        ways = {
            "restore": f"{RESTORE} /w/etc",
            "restore of two paths": f"{RESTORE} /w/etc/main.conf /w/etc",
            "restore by a relative path": f"{RESTORE} etc",
            "apply": f"permward apply -p pins.toml {STORE}",
            "an archive alone": "permward restore --from copy --state-dir elsewhere -p none.toml /w/etc",
            "a pipe": "cat copy | permward restore --from - --state-dir elsewhere -p none.toml /w/etc",
        }
        self.shell(f"permward snapshot export {STORE} >copy")
        for way, command in ways.items():
            with self.subTest(way):
                self.shell(DELETED)
                self.box.run(command)
                self.assertEqual(self.shown(), self.pristine)
                self.assertEqual(self.box.run(f"permward check -q -p pins.toml {STORE}")[0], 0)
        # There is nothing more to do.
        again = self.do(f"{RESTORE} /w/etc")
        self.assertEqual((again["findings"], again["run"]), ([], None))

    def test_what_was_altered_is_as_it_was(self):
        mutations = {
            "content": "echo evil >etc/main.conf",
            "shorter": ": >etc/setuid",
            "emptied": "echo more >etc/none",
            "rights": "chmod 0666 etc/main.conf; setfacl -b etc/main.conf; chown bob etc/tool",
            "another type": "rm etc/link etc/none; echo file >etc/link; ln -s /etc/passwd etc/none",
            "another target": "ln -sfn elsewhere etc/link",
            # Some kernels keep none on tmpfs.
            "xattrs and times": "(setfattr -n user.note -v other etc/main.conf; setfattr -n user.more -v 1 etc/conf.d) 2>&1; "
                                "touch etc/none etc/link -h",
            "immutable": "chattr -i etc/secret/key; chattr +i etc/main.conf; echo x >>etc/secret/key",
            "directories": "chmod 0777 etc/conf.d; chattr -i etc/secret/key; setfacl -k etc/conf.d; rm etc/secret -r",
        }
        for name, mutation in mutations.items():
            with self.subTest(name):
                self.shell(mutation)
                altered = self.shown()
                self.assertNotEqual(altered, self.pristine)
                rehearsed = self.do(f"{RESTORE} -n /w/etc", 2)
                self.assertEqual(self.shown(), altered, "a dry run")
                done = self.do(f"{RESTORE} /w/etc")
                self.assertEqual(self.shown(), self.pristine)
                self.assertEqual(set(self.statuses(rehearsed).values()), {"would_correct"})
                self.assertEqual(set(self.statuses(done)), set(self.statuses(rehearsed)))
                self.assertEqual(set(self.statuses(done).values()), {"corrected"})

    def test_what_was_open_to_all_is_closed_first_and_looked_at_before_anything_is_put_there(self):
        self.shell("chmod 0777 etc/conf.d; rmdir etc/conf.d/empty")
        left = self.do(f"{RESTORE} /w/etc", 2)
        self.assertEqual(self.statuses(left), {"etc/conf.d": "corrected", "etc/conf.d/empty": "refused"})
        self.do(f"{RESTORE} /w/etc")
        self.assertEqual(self.shown(), self.pristine)

    def test_undo_gives_back_what_was_replaced(self):
        self.shell("echo evil >etc/main.conf; chmod 0604 etc/main.conf; rm etc/tool etc/link; ln -s evil etc/none -f")
        altered = self.shown().replace("etc", "")
        self.do(f"{RESTORE} /w/etc")
        undone = self.do(f"permward undo -p pins.toml {STORE}")
        self.assertEqual(set(self.statuses(undone).values()), {"corrected"})
        # But for the times of directories, of which nobody took note.
        keep = [line for line in altered.splitlines() if line.split()[1:2] not in (["d"], ["l"])]
        self.assertEqual([line for line in self.shown().splitlines() if line.split()[1:2] not in (["d"], ["l"])], keep)
        self.do(f"permward undo -p pins.toml {STORE}")
        self.assertEqual(self.shell("cat etc/main.conf; readlink etc/link; getcap etc/tool"),
                         "one\nmain.conf\netc/tool cap_net_raw=ep\n")

    def test_apply_takes_a_change_back_only_where_that_is_said(self):
        self.shell("echo evil >etc/main.conf; rm etc/tool")
        left = self.do(f"permward apply -p pins.toml {STORE}", 2)
        self.assertEqual(self.statuses(left), {"etc/main.conf": "violation", "etc/tool": "corrected"})
        self.assertEqual(self.shell("cat etc/main.conf"), "evil\n")
        done = self.do(f"permward apply -p back.toml {STORE}")
        self.assertEqual(self.statuses(done), {"etc/main.conf": "corrected"})
        self.do(f"{RESTORE} /w/etc")  # the time of a directory alone
        self.assertEqual(self.shown(), self.pristine)
        rehearsed = self.do(f"permward apply -n -p back.toml {STORE}")
        self.assertEqual(rehearsed["findings"], [])

    def test_what_must_not_be_there_goes_and_a_copy_is_kept(self):
        (self.box.work / "no.toml").write_text(
            "schema = 1\n" + "".join(f'[[rule]]\nid = "no-{name}"\npath = "/w/home/{name}"\npresence = "forbidden"\n'
                                     'on_forbidden = "remove"\n' for name in ("file", "link", "full", "empty", "fifo")),
            encoding="ascii")
        self.shell("mkdir -p home/full home/empty; echo kept >home/file; chmod 0604 home/file; chattr +i home/file; "
                   "ln -s x home/link; touch home/full/x; mkfifo home/fifo")
        done = self.do(f"permward apply -p no.toml {STORE}", 2)
        self.assertEqual(self.statuses(done), {"home/file": "corrected", "home/link": "corrected",
                                               "home/empty": "corrected", "home/full": "violation",
                                               "home/fifo": "violation"})
        self.assertEqual(self.shell("ls home"), "fifo\nfull\n")
        self.do(f"permward undo -p no.toml {STORE}")
        self.assertEqual(self.shell("cat home/file; readlink home/link; stat -c %a home/file; lsattr home/file | cut -c5"),
                         "kept\nx\n604\ni\n")

    def test_nothing_but_the_archives_is_needed(self):
        self.shell(DELETED)
        self.shell("echo broken >state/state.db; rm -f state/state.db-*; echo broken >broken.toml")
        status, out, err = self.box.run(f"permward restore -q -p broken.toml {STORE} /w/etc")
        self.assertEqual(status, 0, (out, err))
        self.assertIn(b"`undo` cannot take it back", err)
        self.assertEqual(self.shown(), self.pristine)

    def test_a_damaged_snapshot_is_passed_over_and_that_is_said(self):
        self.shell(f"echo later >>etc/main.conf; {CREATE}; newest=$(ls state/snapshots | tail -1); "
                   "truncate -s -20 state/snapshots/$newest; " + DELETED)
        done = self.do(f"{RESTORE} /w/etc", 2)
        self.assertFalse(done["summary"]["in_policy"])
        self.assertEqual(self.shown(), self.pristine)

    def test_apply_says_that_no_whole_copy_is_left(self):
        # Its manifest, which checks go by, can still be read.
        self.shell(f"head -c 1M /dev/urandom >etc/zz; rm state/snapshots/*; {CREATE}; truncate -s -20 state/snapshots/*; rm etc/tool")
        left = self.do(f"permward apply -p pins.toml {STORE}", 2)
        self.assertEqual(self.statuses(left), {"etc/tool": "violation"})
        self.assertIn("is whole", left["findings"][0]["message"])

    def test_what_no_snapshot_has_is_left(self):
        left = self.do(f"{RESTORE} /w/etc /w/nowhere", 2)
        self.assertEqual(self.statuses(left), {"nowhere": "failed"})
        self.assertEqual(self.do(f"{RESTORE} --state-dir elsewhere /w/etc", 2)["summary"]["failed"], 1)

    def test_an_older_one_is_restored_by_its_id(self):
        older = json.loads(self.shell(f"permward snapshot list {STORE} -f json"))["snapshots"][0]["id"]
        self.shell(f"echo later >>etc/main.conf; {CREATE}")
        listed = json.loads(self.shell(f"permward restore --list {STORE} etc/main.conf -f json"))
        self.assertEqual(len(listed["snapshots"]), 2)
        self.do(f"{RESTORE} --from {older} /w/etc/main.conf")
        self.assertEqual(self.shell("cat etc/main.conf"), "one\n")

    def test_elsewhere_by_its_whole_path(self):
        self.shell("mkdir elsewhere")
        self.do(f"{RESTORE} --to elsewhere /w/etc")
        self.assertEqual(self.shell("cat elsewhere/w/etc/main.conf; stat -c %a elsewhere/w/etc/secret"), "one\n750\n")
        self.shell(f"{DELETED}; mv elsewhere/w/etc .")
        self.assertEqual(self.shown(), self.pristine)

    def test_a_file_of_several_names_is_not_parted_unasked(self):
        self.shell("ln etc/main.conf etc/other; echo evil >etc/main.conf")
        left = self.do(f"{RESTORE} /w/etc/main.conf", 2)
        self.assertEqual(self.statuses(left), {"etc/main.conf": "violation"})
        self.assertIn("--break-links", left["findings"][0]["message"])
        self.assertEqual(self.shell("cat etc/main.conf"), "evil\n")
        self.do(f"{RESTORE} --break-links /w/etc/main.conf")
        self.assertEqual(self.shell("cat etc/main.conf etc/other"), "one\nevil\n")

    def test_what_it_cannot_keep_is_not_replaced(self):
        self.shell("rm -r etc/main.conf etc/tool etc/conf.d etc/none; mkfifo etc/main.conf; mkdir etc/tool; echo x >etc/conf.d; "
                   "mknod etc/none c 1 3")
        left = self.do(f"{RESTORE} /w/etc", 2)
        found = self.statuses(left)
        for name in ("main.conf", "tool", "conf.d", "none"):
            self.assertEqual(found[f"etc/{name}"], "violation", left)
        self.assertEqual(self.shell("stat -c %F etc/main.conf etc/tool etc/conf.d etc/none"),
                         "fifo\ndirectory\nregular file\ncharacter special file\n")

    def test_a_link_on_the_way_leads_nowhere(self):
        self.shell("mkdir victim; mv etc/conf.d/a.conf victim; rm -r etc/conf.d; ln -s ../victim etc/conf.d; echo evil >victim/a.conf")
        for command in (f"{RESTORE} /w/etc", f"permward apply -p back.toml {STORE}"):
            left = self.do(command, 2)
            self.assertNotIn("corrected", self.statuses(left).values())
            self.assertEqual(self.shell("ls victim; cat victim/a.conf"), "a.conf\nevil\n")
        self.shell("rm etc/conf.d; ln -s victim there; mkdir victim/w")
        self.do(f"{RESTORE} /w/etc")
        self.assertEqual(self.shown(), self.pristine)
        self.do(f"{RESTORE} --to there /w/etc")
        self.assertEqual(self.shell("cat victim/w/etc/conf.d/a.conf; rm there"), "two\n")

    def test_a_mount_point_is_not_replaced(self):
        self.shell("echo over >victim; mount --bind victim etc/conf.d/a.conf")
        left = self.do(f"{RESTORE} /w/etc/conf.d/a.conf", 2)
        self.assertIn("mount", left["findings"][0]["message"])
        self.assertEqual(self.shell("cat victim"), "over\n")

    def test_T15_a_link_in_its_place_is_not_written_through(self):
        self.shell("echo victim >victim; chmod 0600 victim; rm etc/main.conf; ln -s ../victim etc/main.conf")
        self.do(f"{RESTORE} /w/etc")
        self.assertEqual(self.shown(), self.pristine)
        self.assertEqual(self.shell("cat victim; stat -c %a victim"), "victim\n600\n")

    def test_whoever_owns_it_may_control_where_it_lies_and_nobody_else(self):
        pins = sandbox.pinned("/w/home")
        (self.box.work / "home.toml").write_text(pins, encoding="ascii")
        self.shell("mkdir home; echo his >home/his; echo not >home/not; chown bob home home/his; chmod 0600 home/*; "
                   f"permward snapshot create -q -p home.toml {STORE}; rm home/*")
        left = self.do(f"permward restore -p home.toml {STORE} /w/home", 2)
        self.assertEqual(self.statuses(left), {"home/his": "corrected", "home/not": "refused"})
        self.assertEqual(self.shell("stat -c '%n %U %a' home/*"), "home/his bob 600\n")
        self.shell("ln -s ../etc/main.conf home/not; chown -h bob home/not")
        left = self.do(f"permward restore -p home.toml {STORE} /w/home", 2)
        self.assertEqual(self.shell("readlink home/not"), "../etc/main.conf\n")
        self.assertEqual(self.shown(), self.pristine)
        (self.box.work / "home.toml").write_text(pins + 'trust = ["bob"]\n', encoding="ascii")
        self.do(f"permward restore -p home.toml {STORE} /w/home")
        self.assertEqual(self.shell("cat home/not"), "not\n")

    def test_a_program_that_the_rule_names_has_to_take_it_first(self):
        def policy(*command):
            more = 'on_changed = "restore"\nverify = ' + json.dumps(command).replace("$", "$$") + "\n"
            (self.box.work / "verify.toml").write_text(sandbox.pinned("/w/etc/main.conf") + more, encoding="ascii")

        restore = f"permward restore -p verify.toml {STORE} /w/etc/main.conf"
        look = "grep -q one $1 && cp -p $1 /w/seen; echo $1 >/w/where; stat -c %a:%U ${1%/*} >>/w/where; env >>/w/where"
        for begin in ("rm etc/main.conf", "echo evil >etc/main.conf"):
            with self.subTest(begin):
                self.shell(f"{begin}; rm -f seen where")
                policy("sh", "-c", "echo no good; exit 3", "sh", "{}")
                left = self.do(restore, 2)
                self.assertEqual(self.statuses(left), {"etc/main.conf": "failed"})
                self.assertIn("ended with status 3", left["findings"][0]["message"])
                self.assertIn("no good", left["findings"][0]["message"])
                policy("nowhere", "{}")
                self.assertEqual(self.statuses(self.do(restore, 2)), {"etc/main.conf": "failed"})
                self.assertEqual(self.box.run("cat etc/main.conf")[1], b"evil\n" if "evil" in begin else b"")
                policy("sh", "-c", look, "sh", "{}")
                self.do(f"permward apply -p verify.toml {STORE}" if "evil" in begin else restore)
                self.assertEqual(self.shell("cat etc/main.conf seen"), "one\none\n")
                where = self.shell("cat where").splitlines()
                self.assertRegex(where[0], r"^/w/etc/\.permward-[^/]*/new$")
                self.assertEqual(where[1], "700:root")
                self.assertEqual({line.split("=")[0] for line in where[2:]} - {"PWD", "SHLVL", "_"}, {"PATH", "LC_ALL"})
                self.assertEqual(self.shell("ls -A etc | grep -c permward || true"), "0\n")

    def test_what_looks_at_it_may_not_change_it_nor_be_shown_something_else(self):
        def policy(*command, path="/w/etc/main.conf"):
            (self.box.work / "verify.toml").write_text(
                sandbox.pinned(path) + "verify = " + json.dumps(command).replace("$", "$$") + "\n", encoding="ascii")

        restore = f"permward restore -p verify.toml {STORE}"
        for change in ("echo more >>$0", "chmod 4777 $0", "chown bob $0", "setfacl -m u:bob:rw $0", "ln $0 /w/etc/second"):
            with self.subTest(change):
                self.shell("echo evil >etc/main.conf; rm -f etc/second")
                policy("sh", "-c", f"{change}; touch -r /w/etc/tool $0", "{}")
                left = self.do(f"{restore} /w/etc/main.conf", 2)
                self.assertEqual(self.statuses(left), {"etc/main.conf": "failed"})
                self.assertEqual(self.shell("cat etc/main.conf"), "evil\n")
        # Where its owner rules he could rename what is staged.
        policy("true", "{}", path="/w/home")
        self.shell(f"mkdir home; echo his >home/his; chown -R bob home; permward snapshot create -q -p verify.toml {STORE}; rm home/his")
        left = self.do(f"{restore} /w/home", 2)
        self.assertEqual(self.statuses(left), {"home/his": "failed"})
        # And of what not everybody may read nothing that it says is told.
        policy("sh", "-c", "cat $0; exit 1", "{}", path="/w/etc/secret/key")
        self.shell("chattr -i etc/secret/key; echo evil >etc/secret/key")
        left = self.do(f"{restore} /w/etc/secret/key", 2)
        self.assertNotIn("key", left["findings"][0]["message"].replace("secret/key", ""))

    def test_what_others_could_write_gets_an_inode_of_its_own(self):
        self.shell("chmod 0666 etc/none")
        with open(self.box.work / "etc/none", "a", encoding="ascii") as writer:
            self.do(f"{RESTORE} /w/etc")
            writer.write("evil")
        self.assertEqual(self.shown(), self.pristine)

    def test_what_cannot_be_restored_is_corrected_all_the_same(self):
        (self.box.work / "mode.toml").write_text(
            sandbox.pinned("/w/etc/main.conf") + 'on_changed = "restore"\nverify = ["false"]\nmode = "0644"\nacl = []\n'
            'owner = "root"\n', encoding="ascii")
        self.shell("echo evil >etc/main.conf; chown bob etc/main.conf; setfacl -b etc/main.conf; chmod 0666 etc/main.conf")
        left = self.do(f"permward apply -p mode.toml {STORE}", 2)
        self.assertEqual({one["aspect"]: one["status"] for one in left["findings"]},
                         {"owner": "corrected", "mode": "corrected", "content": "failed"})
        self.assertEqual(self.shell("stat -c '%a %U' etc/main.conf; cat etc/main.conf"), "644 root\nevil\n")

    def test_a_store_that_cannot_be_written_is_no_reason_not_to_restore(self):
        self.shell("mv state place; mkdir state; mount -t tmpfs -o mode=0700 none state; cp -a place/. state; "
                   "mount -o remount,ro /w/state; rm -r place; echo evil >etc/main.conf; rm etc/tool")
        self.addCleanup(self.box.run, "umount state")
        left = self.do(f"{RESTORE} /w/etc", 2)
        self.assertEqual(self.statuses(left), {"etc/main.conf": "failed", "etc/tool": "corrected"})

    def test_what_may_not_be_on_the_disk_is_not_said_to_be_done(self):
        for begin in ("echo evil >etc/main.conf", "rm etc/main.conf"):
            with self.subTest(begin):
                self.shell(begin)
                status, out, err = self.box.run("strace -f -qq -o trace -P /w/etc -e trace=fsync -e inject=fsync:error=EIO "
                                                f"{RESTORE} -f json /w/etc/main.conf")
                self.assertIn("(INJECTED)", (self.box.work / "trace").read_text(encoding="ascii", errors="replace"))
                self.assertEqual(status, 2, (out, err))
                report = json.loads(out)
                self.assertEqual(self.statuses(report), {"etc/main.conf": "failed"})
                self.assertEqual((report["summary"]["changed"], self.shell("cat etc/main.conf")), (1, "one\n"))
                self.do(f"permward undo {report['run']} -p pins.toml {STORE}")
                self.assertEqual(self.shell("cat etc/main.conf 2>/dev/null || true"), "evil\n" if "evil" in begin else "")

    def test_what_an_administrator_makes_meanwhile_is_not_lost(self):
        """The program that has to take it is when he does. What he made stays, or a copy of it is kept."""
        for begin in ("rm etc/main.conf", "echo evil >etc/main.conf"):
            for how in ("echo mine >/w/etc/main.conf", "echo mine >/w/x; mv /w/x /w/etc/main.conf",
                        "rm -f /w/etc/main.conf; ln -s /w/mine /w/etc/main.conf"):
                with self.subTest(f"{begin}; {how}"):
                    self.setUp()
                    once = f"[ -e /w/once ] || {{ touch /w/once; {how}; }}"
                    (self.box.work / "verify.toml").write_text(
                        sandbox.pinned("/w/etc/main.conf") + f'verify = ["sh", "-c", "{once}"]\n', encoding="ascii")
                    self.shell(f"rm -rf out once; mkdir out; echo mine >mine; {begin}")
                    missing = "rm" in begin
                    stays = missing or how.endswith(">/w/etc/main.conf")
                    report = self.do(f"permward restore -p verify.toml {STORE} /w/etc/main.conf", 2 if stays else 0)
                    self.assertEqual(self.shell("cat mine; ls -A etc | grep -c permward || true"), "mine\n0\n")
                    if stays:
                        self.assertEqual(self.shell("cat etc/main.conf"), "mine\n")
                        self.assertRegex(report["findings"][0]["message"], "meanwhile" if missing else "replaced|changed")
                        continue
                    self.assertEqual(self.shell("cat etc/main.conf"), "one\n")
                    newest = self.do(f"permward snapshot list {STORE}")["snapshots"][0]
                    self.assertEqual(newest["kind"], "evidence")
                    self.do(f"permward restore -p verify.toml {STORE} --from {newest['id']} --to /w/out /w/etc/main.conf")
                    self.assertEqual(self.shell("cat out/w/etc/main.conf; stat -c %a out/w/etc"), "mine\n700\n")

    def test_whoever_interrupts_it_ends_what_it_has_started(self):
        (self.box.work / "verify.toml").write_text(
            sandbox.pinned("/w/etc/main.conf") + 'verify = ["sh", "-c", "echo $$$$ >/w/pid; exec sleep 1000"]\n', encoding="ascii")
        self.shell("echo evil >etc/main.conf; rm -f pid")
        with self.box.popen(f"exec permward restore -q -p verify.toml {STORE} /w/etc/main.conf") as process:
            self.box.run("until [ -s pid ]; do sleep 0.05; done")
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(30), -signal.SIGINT)
        self.shell("for i in $(seq 100); do kill -0 $(cat pid) 2>/dev/null || exit 0; sleep 0.05; done; exit 1")
        self.assertEqual(self.shell("cat etc/main.conf; ls -A etc | grep -c permward || true"), "evil\n0\n")

    def test_evidence_of_the_same_thing_is_kept_once(self):
        (self.box.work / "verify.toml").write_text(
            sandbox.pinned("/w/etc/main.conf") + 'verify = ["false"]\n', encoding="ascii")
        self.shell("echo evil >etc/main.conf")
        for _ in range(3):
            self.do(f"permward restore -p verify.toml {STORE} /w/etc/main.conf", 2)
        listed = json.loads(self.shell(f"permward snapshot list {STORE} -f json"))["snapshots"]
        self.assertEqual([one["kind"] for one in listed], ["evidence", "accepted"])

    def test_evidence_is_bounded_and_its_oldest_and_newest_stay(self):
        (self.box.work / "few.toml").write_text("[store]\nevidence_per_path = 3\n", encoding="ascii")
        for number in range(6):
            self.shell(f"echo evil {number} >etc/main.conf")
            self.do(f"{RESTORE} --config few.toml /w/etc/main.conf")
        listed = json.loads(self.shell(f"permward snapshot list {STORE} -f json"))
        evidence = [one["id"] for one in listed["snapshots"] if one["kind"] == "evidence"]
        self.assertEqual((len(evidence), listed["dropped"]), (3, 3))
        contents = [self.shell(f"permward snapshot export {one} {STORE} | tar --zstd -xO w/etc/main.conf") for one in evidence]
        self.assertEqual(contents, ["evil 5\n", "evil 4\n", "evil 0\n"])
        # Where there is no room for it nothing is replaced.
        (self.box.work / "few.toml").write_text("[store]\nevidence_bytes = 1000\n", encoding="ascii")
        self.shell("head -c 3000 /dev/urandom >etc/main.conf")
        left = self.do(f"{RESTORE} --config few.toml /w/etc/main.conf", 2)
        self.assertEqual(self.statuses(left), {"etc/main.conf": "failed"})
        self.assertEqual(self.shell("stat -c %s etc/main.conf"), "3000\n")

    def test_owners_go_by_number_or_by_name(self):
        passwd = (self.box.root / "etc/passwd").read_text(encoding="ascii")
        self.addCleanup((self.box.root / "etc/passwd").write_text, passwd, encoding="ascii")
        number = int(self.shell("id -u bob"))
        (self.box.root / "etc/passwd").write_text(passwd.replace(f":{number}:", ":7777:", 1), encoding="ascii")
        self.shell(DELETED)
        for command in (f"{RESTORE} /w/etc", f"permward apply -p pins.toml {STORE}"):
            self.shell(f"{DELETED} 2>/dev/null; true")
            _, _, err = self.box.run(command)
            self.assertIn(f"the user bob was {number} and is 7777 here", err.decode())
        self.assertEqual(self.shell("stat -c %u etc/secret/key"), f"{number}\n")
        self.do(f"{RESTORE} --by-name /w/etc")
        self.assertEqual(self.shell("stat -c %u etc/secret/key"), "7777\n")

    def test_one_at_a_time_and_only_by_root(self):
        status, _, err = self.box.run(f"flock state/lock {RESTORE} /w/etc")
        self.assertEqual(status, 1, err)
        status, _, err = self.box.run(f"setpriv --reuid bob --clear-groups {RESTORE} /w/etc")
        self.assertEqual(status, 77, err)

    def test_in_an_image(self):
        self.shell("rm -rf image; mkdir -p image/etc/permward/policy.d image/w; cp -a etc image/w; "
                   "cp /etc/passwd /etc/group image/etc; cp pins.toml image/etc/permward/policy.d; "
                   "permward snapshot create -q --root image; rm image/w/etc/main.conf")
        self.do("permward restore --root image /w/etc/main.conf")
        self.assertEqual(self.shell("cat image/w/etc/main.conf"), "one\n")


if __name__ == "__main__":
    cli_test.main()
