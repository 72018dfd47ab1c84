#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""store_attacks_test.py --program PERMWARD [CLASS]: what becomes of snapshots on a bad day: no room for them, files that
cannot be read or are written to all the while, many runs at once of which some are killed, and a store that somebody has
spoilt."""

import json
import os
import random
import signal
import subprocess
import threading
import time

import cli_test
import sandbox

STORE = "--state-dir state"
CREATE = f"permward snapshot create -f json -p pins.toml {STORE}"
SEED = int(os.environ.get("PERMWARD_STORE_SEED", "1"))
ALL = os.environ.get("PERMWARD_TEST_ALL") == "1"


def sampled(some, everything, what):
    if not ALL:
        print(f"sampled: {some} of {everything} {what}", flush=True)
    return everything if ALL else some


class StoreTestCase(cli_test.TestCase):
    pinned = "/w/there/etc"
    more = ""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not sandbox.real_root():
            sandbox.skip("needs root")
        (cls.box.work / "pins.toml").write_text(sandbox.pinned(cls.pinned) + cls.more, encoding="ascii")

    def setUp(self):
        self.shell("rm -rf state there; mkdir -p there/etc; echo one >there/etc/a; echo two >there/etc/b; chmod 0640 there/etc/b")

    def create(self, *statuses):
        return json.loads(self.shell(CREATE, statuses or (0,)))

    def assert_whole(self, *ids):
        found = json.loads(self.shell(f"permward snapshot verify -f json {STORE}"))["snapshots"]
        self.assertLessEqual(set(ids), {one["id"] for one in found})
        return [one["id"] for one in found]


class FullAndBroken(StoreTestCase):
    def test_a_store_without_room_keeps_what_it_has__T39(self):
        self.shell("mkdir -m 700 state; mount -t tmpfs -o size=1m,mode=700 none state")
        self.addCleanup(self.box.run, "umount -l state")
        first = self.create()["snapshot"]
        self.shell("head -c 3M /dev/urandom >there/etc/big; echo more >>there/etc/a")
        self.create(1, 2)
        self.assert_whole(first)
        self.assertEqual(self.shell("ls -A state/snapshots"), f"{first}.pax.zst\n")
        self.shell(f"rm there/etc/big; permward restore -q -p pins.toml {STORE} there/etc/a")
        self.assertEqual(self.shell("cat there/etc/a"), "one\n")
        self.shell("echo more >>there/etc/a")
        self.assertTrue(self.create()["new"])

    def test_what_cannot_be_read_is_not_taken_and_not_taken_for_another_content__T41(self):
        """By a disk that ends before the file does."""
        self.addCleanup(self.box.image("there", "ext4", "64M"))
        self.shell("mkdir there/etc; echo one >there/etc/a; head -c 40M /dev/urandom >there/etc/f")
        first = self.create()["snapshot"]
        self.shell("echo more >>there/etc/a; sync")
        there, image = self.box.work / "there", self.box.work / "image"
        subprocess.run(["umount", there], check=True)  # what was read of it is forgotten
        subprocess.run(["mount", "-o", "loop", image, there], check=True)
        os.truncate(image, 20 << 20)
        self.shell("cat there/etc/f >/dev/null; [ $? = 1 ]; ls there/etc/f")
        made = self.create(2)
        self.assertEqual([one["path"] for one in made["not_taken"]], ["/w/there/etc/f"])
        objects = json.loads(self.shell(f"permward snapshot show {made['snapshot']} -f json {STORE}"))["objects"]
        kept = json.loads(self.shell(f"permward snapshot show {first} -f json {STORE}"))["objects"]
        of_f = [[one for one in listed if one["path"].endswith("/f")] for listed in (objects, kept)]
        self.assertEqual(of_f[0], of_f[1])  # carried over
        for command in ("check", "apply -n"):
            found = json.loads(self.shell(f"permward {command} -f json -p pins.toml {STORE}", (2,)))["findings"]
            self.assertEqual({(one["path"], one["status"]) for one in found}, {("/w/there/etc/f", "error")})

    def test_what_is_written_to_meanwhile_is_no_mixture__T42(self):
        """Of two contents, of which a writer puts one over the other, piece by piece, all the time."""
        size, stop = 8_000_000, threading.Event()

        def write():
            with open(self.box.work / "there/etc/f", "wb", buffering=0) as file:
                while not stop.is_set():
                    for letter in (b"A", b"B"):
                        for at in range(0, size, 1 << 20):
                            os.pwrite(file.fileno(), letter * min(1 << 20, size - at), at)

        (self.box.work / "there/etc/f").write_bytes(b"A" * size)
        writer = threading.Thread(target=write)
        writer.start()
        made, end = [], time.monotonic() + 60
        least = sampled(4, 40, "snapshots of what is being written to")
        try:
            while len(made) < least or not any(one["not_taken"] for one in made):
                self.assertLess(time.monotonic(), end, "the writer was too slow")
                made.append(self.create(0, 2))
        finally:
            stop.set()
            writer.join()
        for name in self.shell("ls state/snapshots").split():
            letters = self.shell(f"tar --zstd -xOf state/snapshots/{name} w/there/etc/f 2>/dev/null | fold -w 4096 | sort -u | "
                                 "cut -c 1 | sort -u", (0, 2)).split()
            self.assertLessEqual(len(letters), 1, f"{name} has a mixture")


class AtOnce(StoreTestCase):
    more = 'on_missing = "restore"\non_changed = "restore"\n'

    def test_many_runs_of_which_some_are_killed_lose_nothing__T45_T46(self):
        dice = random.Random(SEED)
        for number in range(50):
            (self.box.work / f"there/etc/{number}").write_text(f"{number}\n" * 2000, encoding="ascii")
        first = self.create()["snapshot"]
        pristine = self.shell("cd there/etc; sha256sum * | sort")
        commands = [CREATE, f"permward apply -q -p pins.toml {STORE}", f"permward restore -q -p pins.toml {STORE} there/etc",
                    f"permward snapshot prune -q --keep-last 2 {STORE}", f"permward snapshot verify -q {STORE}",
                    f"permward snapshot create -q -p pins.toml {STORE} there/etc/a"]
        running, statuses = [], set()
        end = time.monotonic() + sampled(4, 60, "seconds of runs at once")
        while time.monotonic() < end:
            while len(running) < 8:
                running.append(self.box.popen(dice.choice(commands), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                              start_new_session=True))
            self.box.run(f"rm -f there/etc/{dice.randrange(50)}")
            if dice.random() < 0.3:
                os.killpg(dice.choice(running).pid, signal.SIGKILL)
            time.sleep(0.02)
            statuses |= {one.returncode for one in running if one.poll() is not None}
            running = [one for one in running if one.poll() is None]
        for one in running:
            statuses.add(one.wait())
        self.assertLessEqual(statuses, {0, 1, 2, -signal.SIGKILL})
        self.assertIn(0, statuses)
        self.assert_whole()
        self.shell(f"permward restore -q --from {first} -p pins.toml {STORE} there/etc", (0, 64))
        self.shell(f"permward apply -q -p pins.toml {STORE}; {CREATE}", (0, 2))
        left = self.shell("ls -A state/snapshots there/etc | grep '^[.]' || true")
        self.assertEqual(left, "")
        lines = set(self.shell("cd there/etc; sha256sum * | sort").splitlines())
        self.assertLessEqual(lines, set(pristine.splitlines()), "something has another content")


class Spoilt(StoreTestCase):
    """Whatever was done to the files of the store."""

    more = 'on_missing = "restore"\non_changed = "restore"\n'
    commands = [f"permward check -p pins.toml {STORE}", f"permward snapshot list {STORE}", f"permward snapshot verify {STORE}",
                f"permward snapshot diff -p pins.toml {STORE}", f"permward log {STORE}", f"permward undo -n -p pins.toml {STORE}",
                f"permward restore -n -p pins.toml {STORE} there/etc", f"permward restore -p pins.toml {STORE} there/etc",
                f"permward apply -p pins.toml {STORE}"]

    def setting(self):
        self.setUp()
        self.shell(f"{CREATE}; chmod 0600 there/etc/b; permward apply -q -p pins.toml {STORE}; echo three >there/etc/c; {CREATE}")
        self.shell("echo spoilt >there/etc/a; rm there/etc/b")

    def spoil(self, dice):
        """Returns what was done, as it is to be told."""
        files = sorted(path for path in (self.box.work / "state").rglob("*") if path.is_file())
        victim, other = dice.sample(files, 2)
        data = bytearray(victim.read_bytes())
        how = dice.choice(("cut", "flipped", "zeros", "exchanged", "longer", "gone"))
        if how == "cut":
            data = data[:dice.randrange(len(data) + 1)]
        elif how == "flipped" and data:
            data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
        elif how == "zeros":
            at = dice.randrange(len(data) + 1)
            data[at:at + 512] = bytes(len(data[at:at + 512]))
        elif how == "longer":
            data += dice.randbytes(dice.randrange(1, 3000))
        elif how == "exchanged":
            data, saved = bytearray(other.read_bytes()), bytes(data)
            other.write_bytes(saved)
        if how == "gone":
            victim.unlink()
        else:
            victim.write_bytes(data)
        return f"{victim.relative_to(self.box.work)} {how}"

    def test_no_command_ends_by_a_signal_or_restores_other_bytes__T47(self):
        dice = random.Random(SEED)
        for number in range(sampled(25, 600, "ways to spoil a store")):
            self.setting()
            before = set(self.shell("ls state/snapshots").split())
            what = f"seed {SEED}, {number}: {self.spoil(dice)}"
            for command in self.commands:
                status, out, err = self.box.run(command)
                self.assertIn(status, (0, 1, 2), (what, command, out, err))
                content = {name: self.shell(f"cat there/etc/{name} 2>/dev/null", (0, 1)) for name in "abc"}
                self.assertIn(content["a"], ("one\n", "spoilt\n"), (what, command))
                self.assertIn(content["b"], ("two\n", ""), (what, command))
                self.assertEqual(content["c"], "three\n", (what, command))
            kinds = {one["id"]: one["kind"] for one in
                     json.loads(self.shell(f"permward snapshot list -f json {STORE}", (0, 1, 2))).get("snapshots", [])}
            new = [kind for one, kind in kinds.items() if f"{one}.pax.zst" not in before]
            self.assertNotIn("accepted", new, f"{what}: something was accepted that nobody has accepted")


if __name__ == "__main__":
    cli_test.main()
