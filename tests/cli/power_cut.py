#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""power_cut.py work|judge PERMWARD PLACE: what a power cut is to interrupt, and what has to be true after it.

`work` changes, accepts, damages and brings back a tree in PLACE, over and over, and says on stdout what it begins and
what was answered; it ends where something fails. `judge` reads on stdin what a `work` has said, as far as it got, looks at
PLACE as it came out of the cut, and lets permward go on there. PLACE is a directory of root's on a file system of its own.

Promised is: what exit status 0 has reported is on the disk; what was under way is as before or as after, file by file, and
whole; the next run goes on as if nothing had been, and nothing of the last one is left."""

import hashlib
import json
import os
import random
import stat
import subprocess
import sys
from pathlib import Path

KEPT = 2  # snapshots that a prune leaves
FILES = {"a.conf": (0o640, 40), "large": (0o644, 150_000), "conf.d/b.conf": (0o600, 3_000), "conf.d/deep/c": (0o755, 1)}
DIRECTORIES = {"": 0o755, "conf.d": 0o750, "conf.d/deep": 0o755}
MODES = {**DIRECTORIES, **{name: mode for name, (mode, _) in FILES.items()}}
LINK = "link"
DAMAGED = b"damaged"


def content(name, version):
    """A file of which every part tells whose it is."""
    lines = FILES[name][1] // 40 + 1
    return b"".join(b"%s %06d %06d\n" % (hashlib.sha256(name.encode()).hexdigest()[:20].encode(), version, number)
                    for number in range(lines))


def policy(place):
    return (f'schema = 1\n[[rule]]\nid = "tree"\npath = "{place}/etc"\nrecurse = true\ncontent = "pinned"\n'
            'on_missing = "restore"\non_changed = "restore"\n')


class Place:
    def __init__(self, program, place):
        self.program, self.place = program, Path(place)
        self.etc = self.place / "etc"

    def run(self, *words):
        """(status, the last document on stdout)"""
        done = subprocess.run([self.program, *words, "-p", self.place / "policy.toml", "--state-dir", self.place / "state",
                               "-f", "json"], capture_output=True, check=False)
        try:
            return done.returncode, json.loads(done.stdout), done.stderr
        except ValueError:
            return done.returncode, {}, done.stderr


# --- The work ---


class Work(Place):
    def __init__(self, program, place, seed):
        super().__init__(program, place)
        self.dice = random.Random(seed)

    @staticmethod
    def say(*words):
        print(*words, flush=True)

    def settle(self):
        """What was changed is on the disk. sync(2) says nothing of one that is gone, fsync(2) does."""
        os.sync()
        place = os.open(self.place, os.O_RDONLY | os.O_DIRECTORY)
        os.fsync(place)
        os.close(place)

    def build(self, version):
        for name, mode in DIRECTORIES.items():
            directory = self.etc / name
            directory.mkdir(exist_ok=True)
            directory.chmod(mode)
        for name, (mode, _) in FILES.items():
            path = self.etc / name
            path.write_bytes(content(name, version))
            path.chmod(mode)
        link = self.etc / LINK
        link.unlink(missing_ok=True)
        link.symlink_to(f"version-{version}")
        self.settle()

    def damage(self):
        """Each file is gone, another, or as it was; sometimes a directory is gone with all in it."""
        self.say("damaging")
        for name in FILES:
            path, fate = self.etc / name, self.dice.randrange(3)
            if fate == 0:
                path.unlink()
            elif fate == 1:
                path.write_bytes(DAMAGED)
        if self.dice.randrange(2):
            subprocess.run(["rm", "-rf", self.etc / "conf.d"], check=True)
        if self.dice.randrange(2):
            (self.etc / LINK).unlink()
        self.settle()
        self.say("damaged")

    def step(self, what, version, *words):
        self.say("begin", what, version)
        status, answer, err = self.run(*words)
        if status != 0:
            self.say("failed", what, status)
            print(answer, err.decode(errors="replace"), file=sys.stderr)
            sys.exit(3)
        self.say("done", what, version, answer.get("snapshot") or "-")

    def go_on(self, version):
        self.place.joinpath("policy.toml").write_text(policy(self.place), encoding="ascii")
        while True:
            self.say("building", version)
            self.build(version)
            self.step("create", version, "snapshot", "create")
            self.damage()
            self.step("restore", version, "restore", self.etc)
            self.damage()
            self.step("apply", version, "apply")
            if version % 3 == 0:
                self.step("prune", version, "snapshot", "prune", "--keep-last", str(KEPT))
            version += 1


# --- The judgement ---


class Judge(Place):
    """`mistakes` are what is not as it was promised."""

    def __init__(self, program, place, said):
        super().__init__(program, place)
        self.said = [line.split() for line in said]
        self.mistakes = []

    def wrong(self, *words):
        self.mistakes.append(" ".join(str(word) for word in words))

    def version_of(self, name):
        """What is in a file: a version, "damaged", "absent"; or "torn"."""
        try:
            data = (self.etc / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return "absent"
        if data == DAMAGED:
            return "damaged"
        fields = data.split(maxsplit=2)
        known = len(fields) > 1 and fields[1].isdigit() and data == content(name, int(fields[1]))
        return int(fields[1]) if known else "torn"

    def target(self):
        try:
            return int(os.readlink(self.etc / LINK).removeprefix("version-"))
        except FileNotFoundError:
            return "absent"

    def tree(self):
        return {**{name: self.version_of(name) for name in FILES}, LINK: self.target()}

    def modes_are_right(self, why):
        for name, mode in MODES.items():
            found = stat.S_IMODE((self.etc / name).lstat().st_mode)
            if found != mode:
                self.wrong(why, name, f"has the mode {found:o}, not {mode:o}")

    def nothing_is_wider(self):
        """What is not there yet is not more widely accessible than it is to be."""
        for name, mode in MODES.items():
            try:
                found = stat.S_IMODE((self.etc / name).lstat().st_mode)
            except (FileNotFoundError, NotADirectoryError):
                continue
            damaged = name in FILES and self.version_of(name) == "damaged"
            if found & ~mode and not damaged:
                self.wrong(name, f"has the mode {found:o}, wider than {mode:o}")

    def is_version(self, version, why):
        tree = self.tree()
        if set(tree.values()) != {version}:
            self.wrong(why, f"not all is of version {version}:", tree)
        else:
            self.modes_are_right(why)

    def look(self):
        """At what the cut has left."""
        last = self.said[-1] if self.said else ["nothing"]
        done = last[0] == "done" or last[:2] in (["begin", "create"], ["begin", "prune"])
        if done:
            self.is_version(int(last[2]), " ".join(last))
        elif last[0] == "begin":
            self.nothing_is_wider()
            for name, found in self.tree().items():
                if found not in (int(last[2]), "damaged", "absent"):
                    self.wrong("while", *last[1:], name, "is", found)

    def snapshots(self):
        status, answer, err = self.run("snapshot", "verify")
        listed = answer.get("snapshots", [])
        if status != 0:
            self.wrong("snapshot verify:", status, err, [one for one in listed if one["damage"]])
        return listed

    def accepted(self):
        """The versions and ids that `create` has reported."""
        return [(int(line[2]), line[3]) for line in self.said if line[:2] == ["done", "create"]]

    def may_be_accepted(self):
        """The last one that was reported, and one of which nothing was reported yet. A work begins after the one before."""
        begun = [int(line[2]) for line in self.said if line[:2] == ["begin", "create"]]
        before = int(self.said[0][1]) - 1
        return {([before] + [version for version, _ in self.accepted()])[-1], *begun[-1:]}

    def go_on(self):
        """Returns the version that is accepted now, 0: none."""
        self.look()
        created, listed = self.accepted(), self.snapshots()
        ids = {one["id"]: one for one in listed}
        if created and created[-1][1] not in ids:
            self.wrong("the snapshot", created[-1][1], "was reported, and is not there")
        # Of one that was in its place at an earlier cut, and not reported, none may have been written down.
        if not all(ids[one]["recorded"] for _, one in created if one in ids):
            self.wrong("snapshots that were reported have no digest:", listed)
        accepted = [one for one in listed if one["kind"] == "accepted"]
        if not accepted:
            return 0
        status, _, err = self.run("restore", self.etc)
        if status != 0:
            self.wrong("restore after the cut:", status, err)
        found = self.tree()[LINK]
        self.is_version(found, "after restore")
        if found not in self.may_be_accepted():
            self.wrong("restored was version", found, "of", self.may_be_accepted())
        status, _, err = self.run("restore", "-n", self.etc)
        if status != 0:
            self.wrong("a second restore would do something:", status, err)
        self.nothing_is_left()
        return found if isinstance(found, int) else 0

    def nothing_is_left(self):
        expected = {*FILES, *DIRECTORIES, LINK} - {""}
        for path in self.etc.rglob("*"):
            if str(path.relative_to(self.etc)) not in expected:
                self.wrong("left over:", path)
        status, _, err = self.run("snapshot", "create")  # removes what a killed one has left
        if status != 0:
            self.wrong("create after the cut:", status, err)
        for name in os.listdir(self.place / "state/snapshots"):
            if not name.endswith(".pax.zst"):
                self.wrong("left over in the store:", name)


def main():
    verb, program, place = sys.argv[1:4]
    if verb == "work":
        version, seed = int(sys.argv[4]), int(sys.argv[5])
        Work(program, place, seed).go_on(version)
    judge = Judge(program, place, sys.stdin.read().splitlines())
    print("version", judge.go_on())
    for mistake in judge.mistakes:
        print("WRONG", mistake)
    sys.exit(1 if judge.mistakes else 0)


if __name__ == "__main__":
    main()
