#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""restore_meanwhile_test.py --program PERMWARD: what others do to a tree while it is put back, who interrupts that, and what
a host cannot give for it. The others act when a program is run that has to take a file: at a known moment."""

import json
import signal

import cli_test
import faults
import sandbox

BUILD = """chattr -R -ia etc home 2>/dev/null; rm -rf etc home state out x
mkdir -p etc/a/b etc/later home/bob/site; echo a >etc/a/b/a; echo first >etc/first; echo two >etc/later/file; echo his >home/bob/site/page
chown -R bob:bob home/bob; chmod 0750 etc/later; chmod 0755 home/bob home/bob/site; ln -s first etc/link"""
STORE = "--state-dir state"
SETTING = "setxattr,fsetxattr,lsetxattr"


class Meanwhile(cli_test.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not sandbox.real_root():
            sandbox.skip("needs root")
        (cls.box.work / "pins.toml").write_text(
            sandbox.pinned("/w/etc") + '[[rule]]\nid = "home"\npath = "/w/home"\nrecurse = true\ncontent = "pinned"\n',
            encoding="ascii")

    def setUp(self):
        self.shell(f"{BUILD}; permward snapshot create -q -p pins.toml {STORE}")

    def restore(self, meanwhile, paths="/w/etc /w/home", status=2):
        """While `etc/first`, which is made before what lies in directories, is looked at."""
        command = f"[ -e /w/once ] || {{ touch /w/once; {meanwhile}; }}"
        (self.box.work / "once").unlink(missing_ok=True)
        (self.box.work / "verify.toml").write_text(
            (self.box.work / "pins.toml").read_text(encoding="ascii") +
            '[[rule]]\nid = "first"\npath = "/w/etc/first"\ncontent = "pinned"\nverify = ["sh", "-c", ' +
            json.dumps(command.replace("$", "$$")) + "]\n", encoding="ascii")
        report = self.do(f"permward restore -p verify.toml {STORE} {paths}", status)
        return {one["path"].removeprefix("/w/"): (one["status"], one.get("message", "")) for one in report["findings"]}

    def test_a_directory_that_somebody_makes_meanwhile_is_his(self):
        self.shell("rm -r etc/first etc/later")
        found = self.restore("mkdir /w/etc/later; chmod 0711 /w/etc/later; echo mine >/w/etc/later/mine", status=0)
        self.assertEqual(found["etc/later"][0], "corrected")
        self.assertEqual(self.shell("stat -c %a:%U etc/later; cat etc/later/mine etc/later/file"), "750:root\nmine\ntwo\n")

    def test_a_directory_that_goes_again_is_not_said_to_be_there(self):
        self.shell("rm -r etc/*; mkdir x")
        found = self.restore("mv /w/etc/a /w/x/a")
        self.assertEqual(found["etc/a"][0], "failed")
        self.assertIn("not there any more", found["etc/a"][1])
        self.assertEqual(self.shell("stat -c %a x/a; stat -c %a:%U etc/later"), "700\n750:root\n")

    def test_another_in_the_place_of_one_that_was_made_is_not_given_away(self):
        """In a directory of his own a user may rename whatever is there."""
        self.shell("install -d -m 0700 home/bob/data; echo secret >home/bob/data/of-root; rm -r home/bob/site")
        self.shell("mkdir z; echo z >z/file; chmod 0700 z")
        self.addCleanup(self.box.run, "rm -r z")
        pins = (self.box.work / "pins.toml").read_text(encoding="ascii")
        self.addCleanup((self.box.work / "pins.toml").write_text, pins, encoding="ascii")
        more = '[[rule]]\nid = "z"\npath = "/w/z/file"\ncontent = "pinned"\nverify = ["sh", "-c", "%s"]\n'
        swap = "cd /w/home/bob; mv site x; mv data site"
        (self.box.work / "z.toml").write_text(pins + more % swap, encoding="ascii")
        self.shell(f"permward snapshot create -q -p z.toml {STORE} /w/z; rm z/file")
        report = self.do(f"permward restore -p z.toml {STORE} /w/home /w/z", 2)
        found = {one["path"].removeprefix("/w/"): one["status"] for one in report["findings"]}
        self.assertEqual((found["home/bob/site"], found["z/file"]), ("failed", "corrected"))
        self.assertEqual(self.shell("stat -c %a:%U home/bob/site home/bob/site/of-root"), "700:root\n644:root\n")

    def test_a_directory_is_open_though_somebody_interrupts_what_is_put_into_it(self):
        self.shell("rm -r etc/*; rm -f pid")
        (self.box.work / "verify.toml").write_text(
            (self.box.work / "pins.toml").read_text(encoding="ascii") + '[[rule]]\nid = "first"\npath = "/w/etc/first"\n'
            'content = "pinned"\nverify = ["sh", "-c", "echo $$$$ >/w/pid; exec sleep 1000"]\n', encoding="ascii")
        with self.box.popen(f"exec permward restore -q -p verify.toml {STORE} /w/etc") as process:
            self.box.run("until [ -s pid ]; do sleep 0.05; done")
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(sandbox.patience(30)), -signal.SIGTERM)
        self.assertEqual(self.shell("stat -c %a:%U etc/a etc/a/b; cat etc/a/b/a"), "755:root\n755:root\na\n")

    def test_what_the_disk_does_not_take_is_an_error(self):
        for begin, command in (
                ("rm -r etc/later", "restore -p pins.toml /w/etc"), ("chmod 0777 etc/later", "restore -p pins.toml /w/etc"),
                ("rm etc/link", "restore -p pins.toml --to /w/out /w/etc/link"),
                ("ln -sfn elsewhere etc/link", "restore -p pins.toml /w/etc/link"),
                ("chmod 0777 etc/first", "apply -p mode.toml --offline --no-journal")):
            with self.subTest(begin):
                self.setUp()
                (self.box.work / "mode.toml").write_text(
                    'schema = 1\n[[rule]]\nid = "first"\npath = "/w/etc/first"\nmode = "0644"\n', encoding="ascii")
                self.shell(f"mkdir -p out; {begin}")
                traced = f"permward {command} {STORE} -f json"
                status, out, err = self.box.run(
                    "strace -f -qq -o trace -e trace=syncfs -e inject=syncfs:error=EIO:when=1 " + traced)
                self.assertIn("(INJECTED)", self.shell("cat trace"))
                self.assertEqual(status, 1, (out, err))
                self.assertIn("could not sync the file system of /w/", json.loads(out)["error"]["message"])

    def test_a_link_is_not_led_elsewhere_where_nothing_can_be_written_down(self):
        self.shell("mv state place; mkdir state; mount -t tmpfs -o mode=0700 none state; cp -a place/. state; "
                   "mount -o remount,ro /w/state; rm -r place; ln -sfn elsewhere etc/link; rm etc/first")
        self.addCleanup(self.box.run, "umount state")
        report = self.do(f"permward restore -p pins.toml {STORE} /w/etc", 2)
        found = {one["path"].removeprefix("/w/"): one["status"] for one in report["findings"]}
        self.assertEqual(found, {"etc/link": "violation", "etc/first": "corrected"})
        self.assertEqual(self.shell("readlink etc/link"), "elsewhere\n")

    def test_an_attribute_that_could_not_be_set_is_told_whatever_else_was_wrong(self):
        for begin in ("ln -sfn nowhere etc/first", "chmod 0666 etc/first"):
            with self.subTest(begin):
                self.setUp()
                self.shell(f"setfattr -n user.note -v x etc/first; permward snapshot create -q -p pins.toml {STORE}; {begin}")
                inject = f"-e trace={SETTING} -e inject={SETTING}:error=EDQUOT:when=1+"
                status, out, err = self.box.run(
                    f"{faults.strace(self.program)} -f -qq -o trace {inject} permward restore -p pins.toml {STORE} /w/etc/first -f json")
                self.assertEqual(status, 2, (out, err))
                found = json.loads(out)["findings"]
                self.assertEqual([one["status"] for one in found], ["failed"], found)

    def test_a_host_that_has_no_room_is_not_taken_for_a_damaged_snapshot(self):
        """Else an older one would be put over what is newer."""
        self.shell(f"echo second >etc/first; permward snapshot create -q -p pins.toml {STORE}; rm etc/first state/state.db*")
        status, _, err = self.box.run("strace -f -qq -o trace -e trace=pwrite64 -e inject=pwrite64:error=ENOSPC:when=1 "
                                      f"permward restore -n -p pins.toml {STORE} /w/etc/first")
        self.assertEqual(status, 1, err)
        self.assertIn(b"No space left on device", err)
        self.assertNotIn(b"whole snapshot", err)


if __name__ == "__main__":
    cli_test.main()
