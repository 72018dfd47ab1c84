#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""restore_places_test.py --program PERMWARD: restores on file systems of every kind, on full and read-only ones, and from
archives that somebody has made or damaged."""

import hashlib
import io
import json
import random
import tarfile

import cli_test
import judges
import sandbox

STORE = "--state-dir /w/state"
SEAL = 40  # bytes at the end of an archive: permward-store(5)
SETTING = """mkdir -p etc/conf.d/empty etc/team; echo one >etc/main.conf; head -c 300000 /dev/urandom >etc/large
ln -s main.conf etc/link; chown bob:www-data etc/main.conf; chmod 2775 etc/team; chgrp www-data etc/team
setfacl -m u:bob:r,g:www-data:rw etc/main.conf; setfacl -d -m u:bob:rwx,g:www-data:rx etc/conf.d
echo two >etc/conf.d/a.conf; echo three >etc/team/t; setfattr -n user.note -v 'a b' etc/main.conf; setfattr -n trusted.note -v x etc/main.conf
cp /bin/true etc/tool; setcap cap_net_raw=ep etc/tool; cp /bin/true etc/setuid; chmod 6755 etc/setuid; : >etc/none
chattr +i etc/none; chattr +a etc/team/t; find etc ! -path etc/none ! -path etc/team/t -exec touch -hd 2020-02-02 {} +"""
SHOW = judges.show_command("there/etc")
UNBAR = "chattr -R -ia etc 2>/dev/null"


class Places(cli_test.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not sandbox.real_root():
            sandbox.skip("needs root")

    def setUp(self):
        self.box.run("chattr -R -ia state there 2>/dev/null; rm -rf state there there-upper outside; mkdir there")

    def image(self, kind, size="300M", options=""):
        self.addCleanup(self.box.image("there", kind, size, options))

    def accepted(self, setting=SETTING, path="/w/there/etc"):
        trusts = 'trust = ["@www-data"]\n'  # of the directory etc/team
        (self.box.work / "pins.toml").write_text(sandbox.pinned(path) + trusts, encoding="ascii")
        self.shell(f"cd there && {setting}")
        self.shell(f"permward snapshot create -q -p pins.toml {STORE}")
        return self.shell(SHOW)

    def restore(self, status=0, words="/w/there/etc"):
        found, out, err = self.box.run(f"permward restore -f json -p pins.toml {STORE} {words}")
        self.assertEqual(found, status, (out, err))
        return {one["path"].removeprefix("/w/there/"): (one["status"], one["message"])
                for one in json.loads(out).get("findings", [])}

    def test_everything_is_back_on_every_file_system(self):
        for kind in ("ext4", "xfs", "btrfs", "tmpfs", "overlay"):
            with self.subTest(kind):
                self.setUp()
                self.image(kind)
                pristine = self.accepted()
                for change in ("rm -rf etc", "chmod -R 0700 etc; setfacl -Rb etc; echo x >etc/tool; rm etc/link",
                               "for f in $(find etc -type f); do echo evil >$f; done; setfattr -x user.note etc/main.conf"):
                    self.shell(f"cd there; {UNBAR}; {change}")
                    self.assertNotEqual(self.shell(SHOW, (0, 1)), pristine)
                    self.restore()
                    self.assertEqual(self.shell(SHOW), pristine)
                self.doCleanups()

    def test_it_is_put_on_the_file_system_that_its_directory_is_on(self):
        self.image("btrfs")
        pristine = self.accepted(f"btrfs subvolume create etc >/dev/null; {SETTING}")
        self.shell(f"cd there; {UNBAR}; echo evil >etc/main.conf; rm etc/conf.d/a.conf etc/link")
        self.restore()
        self.assertEqual(self.shell(SHOW), pristine)

    def test_it_is_put_into_the_project_of_its_directory(self):
        self.image("xfs")  # where nothing of another project can be moved into the directory
        pristine = self.accepted(f"mkdir etc; chattr -p 42 +P etc; {SETTING}")
        self.shell(f"cd there; {UNBAR}; echo evil >etc/main.conf; rm -r etc/conf.d etc/link")
        self.shell("cd there; touch other; ! ln other etc/other")
        self.restore()
        self.assertEqual(self.shell(SHOW), pristine)
        projects = self.shell("lsattr -p there/etc there/etc/conf.d | sed 's/^ *//; s/ .*//'").split()
        self.assertEqual((set(projects), len(projects)), ({"42"}, 9))

    def test_what_is_over_a_quota_stays_and_the_rest_is_put_back(self):
        self.image("btrfs")
        pristine = self.accepted(f"btrfs subvolume create etc >/dev/null; btrfs quota enable .; {SETTING}; head -c 9M /dev/urandom >etc/large")
        mode = self.shell("stat -c %a there/etc/conf.d/a.conf")
        self.shell(f"cd there; {UNBAR}; echo evil >etc/large; chmod 0666 etc/conf.d/a.conf; sync; btrfs qgroup limit 6M etc")
        left = self.restore(2)
        self.assertEqual({path: status for path, (status, _) in left.items() if status == "failed"}, {"etc/large": "failed"})
        self.assertIn("quota", left["etc/large"][1])
        self.assertEqual(self.shell("cat there/etc/large; stat -c %a there/etc/conf.d/a.conf"), f"evil\n{mode}")
        self.shell("btrfs qgroup limit none there/etc")
        self.restore()
        self.assertEqual(self.shell(SHOW), pristine)

    def test_where_there_is_no_room_the_old_file_stays_and_nothing_is_left_beside(self):
        self.image("ext4", "4M", "-b 1024")
        self.accepted("mkdir etc; head -c 300000 /dev/urandom >etc/large; echo one >etc/small; chmod 0640 etc/small")
        self.shell("cd there; echo evil >etc/large; chmod 0666 etc/small; cat /dev/zero >full", (1,))
        self.assertEqual({path: status for path, (status, _) in self.restore(2).items()},
                         {"etc/large": "failed", "etc/small": "corrected"})
        self.assertIn("No space left", self.restore(2)["etc/large"][1])
        self.assertEqual(self.shell("cat there/etc/large; stat -c %a there/etc/small; ls -A there/etc"),
                         "evil\n640\nlarge\nsmall\n")
        self.shell("rm there/full")
        self.restore()
        self.assertEqual(self.shell("stat -c %s there/etc/large"), "300000\n")

    def test_where_no_evidence_can_be_kept_nothing_is_replaced_and_what_is_gone_comes_back(self):
        self.image("ext4", "4M", "-b 1024")
        store = "--state-dir /w/there/state"
        (self.box.work / "pins.toml").write_text(sandbox.pinned("/w/tree"), encoding="ascii")
        for name, spoil, size in (("full", "head -c 9M /dev/zero >there/full", 200000), ("too large", "true", 8000000)):
            with self.subTest(name):
                self.shell("rm -rf tree there/state there/full; mkdir tree; echo one >tree/a; echo two >tree/b")
                self.shell(f"permward snapshot create -q -p pins.toml {store}")
                self.shell(f"head -c {size} /dev/urandom >tree/a; rm tree/b; {spoil}", (0, 1))
                status, out, err = self.box.run(f"permward restore -f json -p pins.toml {store} /w/tree")
                self.assertEqual(status, 2, (out, err))
                self.assertEqual(self.shell("stat -c %s tree/a; cat tree/b"), f"{size}\ntwo\n")
                self.shell("rm -f there/full; echo x >tree/a")
                self.shell(f"permward restore -q -p pins.toml {store} /w/tree")
                self.assertEqual(self.shell("cat tree/a tree/b; ls -A there/state/snapshots | grep -c '^[.]' || true"),
                                 "one\ntwo\n0\n")

    def test_what_is_read_only_or_bars_new_names_is_told(self):
        self.image("ext4")
        pristine = self.accepted()
        alter = f"cd there; {UNBAR}; rm etc/link etc/team/t; echo evil >etc/main.conf"
        self.shell(f"{alter}; mount -o remount,ro /w/there")
        left = self.restore(2)
        self.assertIn("Read-only", left["etc/main.conf"][1])
        self.shell("mount -o remount,rw /w/there; cd there; chattr +i etc; chattr +a etc/team")
        # It was not so when it was accepted.
        self.restore()
        self.assertEqual(self.shell(SHOW), pristine)
        self.shell(f"chattr +i there/etc; permward snapshot create -q -p pins.toml {STORE}; chattr -i there/etc; {alter}; chattr +i etc")
        left = self.restore(2)
        refused = {path for path, (status, _) in left.items() if status == "refused"}
        self.assertEqual(refused, {"etc/link", "etc/main.conf"})
        self.assertIn("immutable", left["etc/link"][1])

    # --- Archives that somebody has made ---

    def archive(self):
        """A good one, as a list of members: (header, bytes)."""
        self.shell("mkdir -p there/etc/d; echo one >there/etc/a; ln -s a there/etc/l; echo two >there/etc/d/b")
        (self.box.work / "pins.toml").write_text(sandbox.pinned("/w/there/etc"), encoding="ascii")
        self.shell(f"permward snapshot create -q -p pins.toml {STORE}; permward snapshot export {STORE} | zstd -dqc >good.tar")
        with tarfile.open(self.box.work / "good.tar") as tar:
            return [(one, tar.extractfile(one).read() if one.isfile() else b"") for one in tar]

    def pack(self, members, name="made"):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for header, content in members:
                tar.addfile(header, io.BytesIO(content) if header.isfile() else None)
        (self.box.work / "made.tar").write_bytes(out.getvalue())
        self.shell(f"zstd -qf made.tar -o {name}")

    def assert_nothing_comes_of(self, what, name="made"):
        self.shell("rm -rf there/etc outside")
        status, out, err = self.box.run(f"permward restore --from {name} --state-dir state2 -p none.toml / /w/there/etc")
        self.assertEqual(status, 1, (what, out, err))
        self.assertEqual(self.shell("ls -A there; ls -d outside etc 2>/dev/null", (2,)), "", what)

    def test_an_archive_that_is_not_what_it_says_restores_nothing(self):
        members = self.archive()
        self.pack(members)
        self.shell("rm -rf there/etc; permward restore -q --from made --state-dir state2 -p none.toml /w/there/etc")
        self.assertEqual(self.shell("cat there/etc/a there/etc/d/b"), "one\ntwo\n")
        manifest = json.loads(members[0][1])

        def with_manifest(change):
            altered = json.loads(json.dumps(manifest))
            change(altered)
            text = json.dumps(altered).encode()
            out = [(tarfile.TarInfo(one.name), content) for one, content in members]
            for (new, _), (old, _) in zip(out, members):
                for slot in ("mode", "uid", "gid", "mtime", "type", "linkname", "uname", "gname", "size", "pax_headers"):
                    setattr(new, slot, getattr(old, slot))
            out[0][0].size = len(text)
            out[0] = (out[0][0], text)
            digest = hashlib.sha256(text).hexdigest().encode() + b"\n"
            out[-1] = (out[-1][0], digest)
            return out

        def path_of_a(path):
            def change(altered):
                for one in altered["objects"]:
                    if one["path"].endswith("/a"):
                        one["path"] = path
            return change

        paths = ["/w/there/etc/../../outside/a", "w/there/etc/a", "/w/there/etc//a", "/w/there/etc/a/", "/w/there/etc/./a",
                 "/w/outside/a", "/w/there/etc/a/../a", "", "/w/there/etc/d/b/a"]
        for path in paths:
            self.pack(with_manifest(path_of_a(path)))
            self.assert_nothing_comes_of(f"a path of {path!r}")
        changes = {
            "an unknown version": lambda m: m.update(format_version=2),
            "an object twice": lambda m: m["objects"].append(m["objects"][-1]),
            "another order": lambda m: m["objects"].reverse(),
            "another size": lambda m: m["objects"][-1].update(size=10**15),
            "another type": lambda m: m["objects"][-1].update(type="directory"),
            "an unknown type": lambda m: m["objects"][-1].update(type="fifo"),
            "another digest": lambda m: [one.update(sha256="0" * 64) for one in m["objects"] if "sha256" in one],
            "an owner that is none": lambda m: m["objects"][-1].update(owner=2**32 - 1),
        }
        for name, change in changes.items():
            self.pack(with_manifest(change))
            self.assert_nothing_comes_of(name)
        self.pack(members[:-1])
        self.assert_nothing_comes_of("no last member")
        self.pack(members + [members[1]])
        self.assert_nothing_comes_of("more behind the last one")
        self.pack(members[:1] + members[2:])
        self.assert_nothing_comes_of("an object that is not there")
        link = tarfile.TarInfo("w/there/etc")
        link.type, link.linkname = tarfile.SYMTYPE, "/w/outside"
        self.pack(members[:1] + [(link, b"")] + members[1:])
        self.assert_nothing_comes_of("a link in the place of a directory")

    def test_a_byte_that_differs_is_damage__T30(self):
        self.archive()
        self.shell(f"permward snapshot export {STORE} >whole")
        whole = (self.box.work / "whole").read_bytes()
        dice = random.Random(1)
        for _ in range(40):
            at = dice.randrange(len(whole))
            damaged = bytearray(whole)
            damaged[at] ^= 1 << dice.randrange(8)
            (self.box.work / "made").write_bytes(bytes(damaged))
            self.assert_nothing_comes_of(f"another byte {at}")
        for size in sorted(dice.sample(range(len(whole) - SEAL), 20)):
            (self.box.work / "made").write_bytes(whole[:size])
            self.assert_nothing_comes_of(f"the first {size} of {len(whole)} bytes")
        empty = self.shell("printf '' | zstd -qc >empty; printf '\\x5a\\x2a\\x4d\\x18\\0\\0\\0\\0' >skipped; cat whole empty >made")
        self.assertEqual(empty, "")
        self.assert_nothing_comes_of("an empty frame behind it")
        self.shell("cat whole skipped >made")
        self.assert_nothing_comes_of("a frame behind it that is skipped")
        # What somebody has compressed anew has no seal.
        (self.box.work / "made").write_bytes(whole[:-SEAL])
        self.shell("rm -rf there/etc; permward restore -q --from made --state-dir state2 -p none.toml /w/there/etc")
        self.assertEqual(self.shell("cat there/etc/a there/etc/d/b; zstd -tq whole"), "one\ntwo\n")


if __name__ == "__main__":
    cli_test.main()
