#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""etc_test.py --program PERMWARD: a copy of /etc that got out of policy is brought back by one apply, a
second one does nothing, and undo gives the one that was out of policy back: as stat, getfacl, lsattr,
getcap and the content tell.

Seeds begin at 1, or at PERMWARD_ETC_SEED.
"""

import contextlib
import json
import os
import random
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import cli_test
import etc_tree
import judges
import sandbox

FILE_SYSTEMS = ["ext4", "tmpfs", "xfs", "btrfs", "overlay"]
SEEDS = 20
SEEDS_OF_ETC = 5
IMAGE_BYTES = 1 << 30  # sparse
MOST_SHOWN = 10

# All that change a file system, as strace names them. A file that is opened to be written to is another
# matter: what is opened without O_CREAT is judged by what is then called.
CHANGING = ("chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat setxattr lsetxattr fsetxattr setxattrat "
            "removexattr lremovexattr fremovexattr removexattrat ioctl link linkat symlink symlinkat rename "
            "renameat renameat2 unlink unlinkat rmdir mkdir mkdirat mknod mknodat creat open openat openat2 "
            "truncate ftruncate write pwrite64 writev pwritev fallocate copy_file_range utimensat").split()
CALL = re.compile(r"\d+ +(?P<name>\w+)\((?P<rest>.*)")
# getxattrat and listxattrat, where strace does not know them. Other calls without a name are taken for
# changing ones: fchmodat2 may be one.
READING = {"syscall_0x1d0", "syscall_0x1d1"}
# The kernel is asked for calls with a descriptor that is none; the state directory was there already.
NO_CHANGE = re.compile(r"\(0xffffffff, .* = -1 EBADF |mkdirat\(.* = -1 EEXIST ")
WRITES = re.compile(r"write|truncate|fallocate|copy_file_range|utimensat")


def run_all():
    return os.environ.get("PERMWARD_TEST_ALL") == "1"


def sample(sampled, everything, what):
    if run_all():
        return everything
    print(f"sampled: {len(sampled)} of {len(everything)} {what}", flush=True)
    return sampled


def first_seed():
    return int(os.environ.get("PERMWARD_ETC_SEED", "1"))


def changes(line):
    """Whether a line of a trace is of a call that changes a tree. What goes to a pipe or a terminal does
    not."""
    if not (found := CALL.match(line)) or found["name"] in READING:
        return False
    if NO_CHANGE.search(line):
        return False
    name, rest = found["name"], found["rest"]
    if name == "ioctl":
        return "SETFLAGS" in rest or "FSSETXATTR" in rest
    if name.startswith("open"):
        return "O_CREAT" in rest or "O_TRUNC" in rest
    if WRITES.search(name):
        return re.match(r"\d+<(pipe|socket|anon_inode|/dev/|/proc/)", rest) is None
    return True


@contextlib.contextmanager
def mounted(file_system, place):
    """An empty file system of that kind; where it is mounted. Overlay: over a copy of /etc."""
    tree = place / "tree"
    tree.mkdir()
    points = [tree]
    if file_system == "tmpfs":
        sandbox.mount("-t", "tmpfs", "-o", "mode=0755", "tmpfs", tree)
    elif file_system == "overlay":
        below = place / "below"
        below.mkdir()
        sandbox.mount("-t", "tmpfs", "-o", "mode=0755", "tmpfs", below)
        points.append(below)
        parts = [below / part for part in ("lower", "upper", "work")]
        for part in parts:
            part.mkdir()
        copy_etc(parts[0])
        sandbox.mount("-t", "overlay", "-o", "lowerdir={},upperdir={},workdir={}".format(*parts), "overlay", tree)
    else:
        image = place / "image"
        with open(image, "xb") as file:
            file.truncate(IMAGE_BYTES)
        judges.run(f"mkfs.{file_system}", "-q", image)
        sandbox.mount("-t", file_system, "-o", "loop", image, tree)
        image.unlink()
    try:
        yield tree
    finally:
        for point in points:
            subprocess.run(["umount", "--lazy", point], check=True)


def copy_etc(tree):
    """Each name of a hard link becomes a file."""
    if not (tree / "etc").exists():
        judges.run("cp", "-dR", "--preserve=mode,ownership,timestamps,xattr", "/etc", tree)


class Case:
    """A copy of /etc that gets out of policy. `arguments` say where permward is to look, and `root` where
    the judges do."""

    def __init__(self, program, place, tree, file_system, seed):
        self.program = program
        self.place = place
        self.tree = tree
        self.file_system = file_system
        self.name = file_system
        self.seed = seed
        self.dice = random.Random(seed)
        self.root = tree
        self.arguments = ["--root", tree, "--offline"]
        self.state = tree / "var/lib/permward"
        self.said = ""
        (tree / "var/lib").mkdir(parents=True)

    def enrich(self):
        copy_etc(self.tree)
        etc_tree.make_extra(self.tree, self.dice, links=self.file_system != "overlay")
        etc_tree.enrich(self.tree, self.dice, self.file_system)
        self.pristine = judges.snapshot(self.root)
        self.policy = etc_tree.Policy(self.root, self.pristine, self.dice, self.file_system)
        self.write_policy(self.policy.text())

    def write_policy(self, text):
        (self.place / "policy.toml").write_text(text, encoding="utf-8")

    def mutate(self):
        mutation = etc_tree.Mutation(self.root, self.policy, self.dice, self.file_system)
        mutation.make()
        self.mutated = judges.snapshot(self.root)
        return mutation

    def _command(self, command):
        words = [self.program, command, *self.arguments]
        return words + ["-p", self.place / "policy.toml"] * (command == "apply")

    def permward(self, command, *more, status=0):
        done = subprocess.run([*self._command(command), *more], capture_output=True, check=False)
        self.said = (done.stdout + done.stderr).decode("utf-8", "backslashreplace")
        if done.returncode != status:
            wrong = [line for line in self.said.splitlines() if "corrected" not in line] or [self.said]
            self.fail(f"{command} ended with {done.returncode}, not {status}:\n" + "\n".join(wrong[-40:]))
        return done.stdout

    def trace(self, command):
        """The calls that change something outside of the state directory."""
        out = self.place / "trace"
        traced = ",".join("?" + call for call in CHANGING)
        environment = os.environ | sandbox.without_leak_search()
        done = subprocess.run(["strace", "-f", "-y", "-o", out, "-e", "trace=" + traced, *self._command(command)],
                              capture_output=True, check=False, env=environment)
        if done.returncode != 0:
            self.fail(f"{command} under strace ended with {done.returncode}:\n{done.stdout + done.stderr!r}")
        lines = cli_test.whole_calls(out.read_text(encoding="utf-8", errors="replace").splitlines())
        return [line for line in lines if changes(line) and str(self.state) not in line]

    def compare(self, wanted, what):
        found = judges.snapshot(self.root)
        wrong = judges.differences(wanted, found)
        if wrong:
            shown = "\n".join(f"  {path!r}: {fact}\n    wanted {a!r}\n    found  {b!r}\n{self.about(path)}"
                              for path, fact, a, b in wrong[:MOST_SHOWN])
            self.fail(f"{what}: {len(wrong)} differences\n{shown}")

    def about(self, path):
        """How it was, is to be, and what permward last said of it."""
        lines = [f"    {word} {facts.get(path)!r}" for word, facts in
                 [("pristine", self.pristine), ("mutated ", self.mutated)]]
        said = self.said.split("\n/")
        lines += ["    said /" + block for block in said if block.startswith(os.fsdecode(path))][:1]
        return "\n".join(lines)

    def fail(self, message):
        raise AssertionError(f"{self.name}, PERMWARD_ETC_SEED={self.seed}: {message}")


class LiveCase(Case):
    """Over /etc itself, and permward is told nothing but where its state is."""

    def __init__(self, program, place, tree, file_system, seed):
        super().__init__(program, place, tree, file_system, seed)
        self.name += " on /etc"
        self.root = Path("/")
        self.state = place / "state"
        self.arguments = ["--offline", "--state-dir", self.state]

    def enrich(self):
        copy_etc(self.tree)
        sandbox.mount("--bind", self.tree / "etc", "/etc")
        super().enrich()

    @staticmethod
    def leave():
        subprocess.run(["umount", "--lazy", "/etc"], check=True)


# Bounds and clauses, as policies for many machines have them: nothing is brought back by it. The hard links
# may lie where others make names by then, and are refused there.
LOOSE = """schema = 1
[[rule]]
id = "loose"
path = "/etc"
recurse = true
exclude = ["linked"]
owner = [0, 33]
acl = { at_most = ["user:7001:r", "group:33:rwx"] }
attributes = { clear = ["immutable"] }
files = { mode = { at_most = "0755", at_least = "0400" }, capabilities = "" }
directories = { mode = "u+rwx,o-w", default_acl = [] }
"""


class Etc(cli_test.TestCase):
    @classmethod
    def setUpClass(cls):
        if not sandbox.real_root():
            sandbox.skip("needs root, to mount file systems and to give files to others")
        for tool in ["strace", "getfacl", "lsattr", "getcap"]:
            if not shutil.which(tool):
                sandbox.skip(f"needs {tool}")

    @contextlib.contextmanager
    def case(self, file_system, seed, kind=Case):
        with tempfile.TemporaryDirectory(prefix="permward-etc-") as name:
            place = Path(name)
            with mounted(file_system, place) as tree:
                case = kind(Path(self.program).resolve(), place, tree, file_system, seed)
                try:
                    case.enrich()
                    yield case
                finally:
                    if kind is LiveCase and os.path.ismount("/etc"):
                        case.leave()

    def there_and_back(self, case):
        mutation = case.mutate()
        wrong = judges.differences(case.pristine, case.mutated)
        print(f"{case.name}, seed {case.seed}: {len(case.pristine)} objects, {len(case.policy.ruled)} by a "
              f"literal rule; {len(mutation.mutated)} changed, {len(mutation.removed)} of them removed, in "
              f"{len(wrong)} aspects", flush=True)
        self.assertGreater(len(wrong), 100)
        case.permward("apply")
        case.compare(case.pristine, "apply")
        if calls := case.trace("apply"):
            case.fail("a second apply changes something:\n" + "\n".join(calls[:MOST_SHOWN]))
        case.compare(case.pristine, "a second apply")
        case.permward("undo")
        case.compare(case.mutated, "undo")
        case.permward("undo")
        case.compare(case.pristine, "undo of undo")
        return mutation

    def test_a_copy_of_etc_is_brought_back_by_apply_and_what_it_was_by_undo(self):
        seeds = sample([0], range(SEEDS), "seeds on each file system")
        systems = sample(FILE_SYSTEMS[:2], FILE_SYSTEMS, "file systems: ext4 and tmpfs, not xfs, btrfs and overlay")
        for file_system in systems:
            for seed in seeds:
                with self.subTest(file_system=file_system, seed=first_seed() + seed), \
                        self.case(file_system, first_seed() + seed) as case:
                    self.there_and_back(case)

    def test_so_is_etc_itself(self):
        for seed in sample([0], range(SEEDS_OF_ETC), "seeds on /etc itself"):
            with self.subTest(seed=first_seed() + seed), self.case("ext4", first_seed() + seed, LiveCase) as case:
                self.there_and_back(case)
                for letter in "ia":
                    self.assertTrue(any(letter in facts.get("attributes", "") for facts in case.pristine.values()))

    def lose(self, case):
        """More than rules alone could bring back: contents are altered, files and trees are gone, others are there."""
        names = [path for path in case.pristine if not path.startswith(etc_tree.LINKED)]
        # Of these attributes no run may list or set any.
        trusted = {path for path in names if "trusted.note" in case.pristine[path].get("xattrs", {})}
        files = [path for path in names if case.pristine[path]["type"] in ("file", "symlink") and path not in trusted]
        trees = [path for path in names if case.pristine[path]["type"] == "directory"
                 and path.count(b"/") == 1 and path != etc_tree.EXTRA]
        at = lambda path: os.path.join(os.fsencode(case.root), path)
        lost = case.dice.sample(files, len(files) // 5)
        # What is made anew where it is missing is not what was there.
        taken = [path for path in case.dice.sample(trees, 3) if not any(
            one in trusted or case.pristine[one]["type"] not in ("file", "symlink", "directory")
            for one in names if one.startswith(path))]
        subprocess.run(["chattr", "-R", "-f", "-ia", at(b"etc")], check=False)
        for number, path in enumerate(lost):
            if os.path.lexists(at(path)) and case.pristine[path]["type"] == "file" and number % 2:
                with open(at(path), "ab") as file:
                    file.write(b"altered\n")
            elif os.path.lexists(at(path)):
                os.unlink(at(path))
        for path in taken:
            shutil.rmtree(at(path), ignore_errors=True)
        for path in case.dice.sample(trees, 3):
            os.makedirs(at(path), exist_ok=True)
            with open(os.path.join(at(path), b"nobody-asked-for"), "wb") as file:
                file.write(b"extra\n")
        return len(lost), len(taken)

    def test_what_is_gone_altered_or_there_without_leave_is_brought_back_too(self):
        more = ('[[rule]]\nid = "all-of-etc"\npath = "/etc"\nrecurse = true\nexclude = ["linked"]\n'
                'content = "pinned"\non_changed = "restore"\n'
                '[[rule]]\nid = "extra"\npath = "/etc/*/nobody-asked-for"\npresence = "forbidden"\non_forbidden = "remove"\n')
        for seed in sample([0], range(SEEDS_OF_ETC), "seeds with what is gone"):
            with self.subTest(seed=first_seed() + seed), self.case("ext4", first_seed() + seed) as case:
                case.write_policy(case.policy.text() + more)
                case.permward("snapshot", "create", "-p", case.place / "policy.toml")
                case.mutate()
                print(f"{case.name}, seed {case.seed}: %d files lost, and %d trees" % self.lose(case), flush=True)
                case.permward("apply")
                case.compare(case.pristine, "apply")
                case.permward("apply")
                case.compare(case.pristine, "a second apply")

    def test_undo_gives_back_whatever_a_policy_of_bounds_has_changed(self):
        for seed in sample([0], range(SEEDS), "seeds with a policy of bounds"):
            with self.subTest(seed=first_seed() + seed), self.case("ext4", first_seed() + seed) as case:
                case.mutate()
                case.write_policy(LOOSE)
                case.permward("apply")
                applied = judges.snapshot(case.root)
                self.assertGreater(len(judges.differences(case.mutated, applied)), 100)
                case.permward("undo")
                case.compare(case.mutated, "undo")
                case.permward("undo")
                case.compare(applied, "undo of undo")

    def test_what_has_changed_since_is_left_alone_and_told_and_the_others_are_taken_back(self):
        with self.case("ext4", first_seed()) as case:
            case.mutate()
            case.permward("apply")
            path = next(path for path, fact, _, _ in judges.differences(case.pristine, case.mutated)
                        if case.pristine[path]["type"] == "file" and fact == "mode"
                        and case.pristine[path]["mode"] != "0741"
                        and not set(case.pristine[path]["attributes"]) & set("ia"))
            os.chmod(os.path.join(os.fsencode(case.root), path), 0o741)
            since = judges.snapshot(case.root)
            self.assertEqual({one for one, *_ in judges.differences(case.pristine, since)}, {path})
            said = case.permward("undo", "-f", "json", status=2)
            left = {finding["path"] for finding in json.loads(said)["findings"] if finding["status"] != "corrected"}
            self.assertEqual(left, {"/" + path.decode("utf-8")}, f"seed {case.seed}")
            case.compare(case.mutated | {path: since[path]}, "undo")

    def test_it_can_fail(self):
        with self.case("tmpfs", first_seed()) as case:
            case.mutate()
            wrong = judges.differences(case.pristine, case.mutated)
            path = next(path for path, fact, _, _ in wrong if fact == "target")
            case.write_policy(case.policy.text(without=path))
            case.permward("apply")
            with self.assertRaisesRegex(AssertionError, re.escape(f"{path!r}: target")):
                case.compare(case.pristine, "apply")
            left = judges.differences(case.pristine, judges.snapshot(case.root))
            self.assertEqual({one for one, *_ in left}, {path})
            case.write_policy(case.policy.text())
            self.assertRegex("\n".join(case.trace("apply")), r"symlinkat\(.*\n(.*\n)*.*renameat2?\(")

    def test_the_judges_see_whatever_is_changed(self):
        with self.case("ext4", first_seed()) as case:
            extra = os.path.join(os.fsencode(case.root), etc_tree.EXTRA)
            file, directory, link = (os.path.join(extra, name) for name in (b"judged", b"judged-in", b"judged-to"))
            with open(file, "wb") as out:
                out.write(b"one")
            os.mkdir(directory)
            os.symlink("one", link)

            def rewrite():
                with open(file, "r+b") as out:
                    out.write(b"two")

            def lead_elsewhere():
                os.unlink(link)
                os.symlink("two", link)

            for fact, change in [
                    ("mode", lambda: os.chmod(file, 0o4644)), ("owner", lambda: os.lchown(link, 33, -1)),
                    ("group", lambda: os.lchown(directory, -1, 33)), ("content", rewrite),
                    ("target", lead_elsewhere), ("acl", lambda: judges.run("setfacl", "-m", "u:33:r", file)),
                    ("acl", lambda: judges.run("setfacl", "-d", "-m", "u:33:r", directory)),
                    ("capabilities", lambda: judges.run("setcap", "-q", "cap_chown=p", file)),
                    ("attributes", lambda: judges.run("chattr", "+d", directory)),
                    ("size", lambda: os.truncate(file, 2)), ("presence", lambda: os.rmdir(directory))]:
                before = judges.snapshot(case.root)
                change()
                seen = [one for _, one, _, _ in judges.differences(before, judges.snapshot(case.root))]
                self.assertIn(fact, seen)


if __name__ == "__main__":
    cli_test.main()
