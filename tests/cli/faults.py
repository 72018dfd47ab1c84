# SPDX-License-Identifier: Apache-2.0
"""What the tests of faults share: errors at the system calls of a run, and kills, by strace(1).

A call is known by its name and by the how many-th of its name it is in a thread: strace counts in each
thread by itself, so that in a run of several the fault comes to each that gets so far.

PERMWARD_TEST_ALL=1 takes every call, else it is a sample of them. Which error it is, of all that T36 names,
is drawn: by PERMWARD_FAULTS_SEED, and so are the samples.
"""

import errno
import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import cli_test
import sandbox

SEED = int(os.environ.get("PERMWARD_FAULTS_SEED", "1"))
ERRORS = ("EIO ENOSPC EDQUOT EROFS EPERM EACCES EINTR EAGAIN ENOMEM EMFILE ENFILE ENOSYS EOPNOTSUPP ESTALE "
          "ETXTBSY EBUSY ELOOP ENAMETOOLONG EOVERFLOW").split()
# A kernel does not go on interrupting, and who begins again then is right.
NEVER_FOR_GOOD = {"EINTR"}
# What cannot fail, what tells that it did otherwise than by an error, what ends a process or a system call,
# and a wait for which the C library ends the process if it does not work.
NOT_OURS = ("execve exit_group exit rt_sigreturn restart_syscall brk futex set_robust_list rseq getpid getppid "
            "gettid getuid geteuid getgid getegid umask").split()
# The first call of ours: before it are those of the loader, which ends with words of its own or none.
FIRST = re.compile(r"fcntl\(0, F_GETFD\)")
# Which strace(1) may be too old to have a fault for: then a run is one on a kernel that lacks them.
YOUNG = {"fchmodat2": 452, "setxattrat": 463, "getxattrat": 464, "listxattrat": 465, "removexattrat": 466}
CHANGING = ("fchownat fchown fchmodat2 fchmodat fchmod setxattrat setxattr removexattrat removexattr fremovexattr "
            "ioctl symlinkat linkat renameat2 renameat unlinkat unlink mkdirat openat pwrite64 write ftruncate "
            "fdatasync fsync").split()

# The same tree for all. Each object has one thing that is out of policy, or more.
POLICY = """\
schema = 1
[[rule]]
id = "mode"
path = "/w/tree/mode"
mode = "0640"
[[rule]]
id = "given"
path = "/w/tree/given"
owner = "root"
group = "root"
mode = "0600"
[[rule]]
id = "acl"
path = "/w/tree/acl"
mode = "0640"
acl = []
[[rule]]
id = "barred"
path = "/w/tree/barred"
mode = "0640"
[[rule]]
id = "link"
path = "/w/tree/link"
target = "new"
[[rule]]
id = "made"
path = "/w/tree/made"
type = "file"
owner = "bob"
group = "bob"
mode = "0600"
on_missing = "create"
[[rule]]
id = "below"
path = "/w/tree/below"
recurse = true
owner = "root"
acl = []
files = { mode = { at_most = "0644" } }
directories = { mode = "0755" }
"""
BUILD = """chattr -R -i tree 2>/dev/null; rm -rf tree state
mkdir -p tree/below/sub; cd tree; touch mode given acl barred below/good below/sub/bad
chmod 0666 mode given barred below/sub/bad; chown bob:www-data given
chmod 0644 acl; setfacl -m u:bob:rw acl; chmod 0700 below/sub
ln -s old link; chattr +i barred"""
FILES = "mode given acl barred made below below/good below/sub below/sub/bad".split()
SHOW = f"""cd tree; for f in {' '.join(FILES)} link; do
if [ -e $f -o -L $f ]; then stat -c '%n %F %a %u %g %N' $f; [ -L $f ] || getfacl -cnE $f
[ -L $f ] || lsattr -d $f | cut -c5; else echo "$f is missing"; fi; done; ls -AR"""
APPLY = "permward apply -f json -p p.toml --state-dir state"


class Fault(NamedTuple):
    call: str
    number: int
    what: str  # of strace's inject
    for_good: bool = False

    def __str__(self):
        return f"{self.call}:{self.what}:when={self.number}{'+' if self.for_good else ''}"

    def options(self):
        """Of strace."""
        return f"-e trace={self.call} -e inject={self}"


def strace(program):
    """The command, of a run of which every call can be told a fault."""
    told = [name for name in YOUNG if subprocess.run(["strace", "-e", f"trace={name}", "true"], check=False,
                                                     capture_output=True).returncode == 0]
    untold = ",".join(str(number) for name, number in YOUNG.items() if name not in told)
    without = Path(program).resolve().parents[1] / "tests/support/permward_without_calls"
    return f"{without} {errno.ENOSYS} {untold} strace" if untold else "strace"



def all_of_them():
    return os.environ.get("PERMWARD_TEST_ALL") == "1"


def report_in(output):
    """The JSON report; none where there is none, or no whole one."""
    try:
        return json.loads(output)
    except ValueError:
        return None


def rights_of(shown):
    """Who is granted what of each object: by mode, and by each entry of an ACL."""
    out, name = {}, None
    for line in shown.splitlines():
        if match := re.match(r"([\w/]+) (?:regular (?:empty )?file|directory) (\d+) (\d+) (\d+)", line):
            name = match[1]
            out[name] = {("owner", match[3]), ("group", match[4])}
        elif match := re.match(r"((?:user|group|other):\w*:)([r-])([w-])([x-])$", line):
            out[name] |= {(match[1], right) for right in match.groups()[1:] if right != "-"}
    return out


class FaultsTestCase(cli_test.TestCase):
    command = ""  # that is tried
    setting = BUILD  # what is there before each run of it
    sampled = 8  # of each kind of fault, unless all are taken

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not sandbox.real_root():
            sandbox.skip("needs root")
        if not shutil.which("strace"):
            sandbox.skip("needs strace")
        (cls.box.work / "p.toml").write_text(POLICY, encoding="ascii")
        cls.strace = strace(cls.program)
        cls.ended = Counter()  # how faulted runs ended, by status
        cls.not_met = 0  # faults at calls that a run came to make fewer of
        cls.prepare()
        cls.calls = cls.count_calls()

    @classmethod
    def tearDownClass(cls):
        ended = ", ".join(f"{count} in {status}" for status, count in sorted(cls.ended.items()))
        print(f"{cls.__name__}: {sum(cls.ended.values())} faults of seed {SEED}, ended: {ended}; "
              f"{cls.not_met} not met", file=sys.stderr, flush=True)

    @classmethod
    def prepare(cls):
        """What is to be known before there are faults."""

    @classmethod
    def build(cls):
        status, _, err = cls.box.run(cls.setting)
        assert status == 0, err

    @classmethod
    def shown(cls):
        return cls.box.run(SHOW)[1].decode()

    @classmethod
    def count_calls(cls):
        """Of each system call, by its name: the numbers that those have which the threads of a run make. Those
        that a call of the loader has, too, would end it there: `failing.py` has what comes of them."""
        cls.build()
        cls.box.run(f"{cls.strace} -f -qq -o /w/trace {cls.command}")
        made, loading, ours, out = Counter(), Counter(), False, {}
        for line in (cls.box.work / "trace").read_text(encoding="utf-8", errors="replace").splitlines():
            if not (call := re.match(r"(\d+) +(\w+)\(", line)):
                continue
            thread, name = call[1], call[2]
            ours = ours or bool(FIRST.search(line))
            made[thread, name] += 1
            if not ours:
                loading[name] += 1
            elif name not in NOT_OURS and not name.startswith("syscall_") and made[thread, name] > loading[name]:
                out.setdefault(name, set()).add(made[thread, name])
        return out

    def number_of(self, call, text):
        """That of the first such call of a run in whose line of the trace `text` is."""
        self.build()
        self.box.run(f"{self.strace} -f -qq -o /w/trace -e trace={call} {self.command}")
        made = Counter()
        for line in (self.box.work / "trace").read_text(encoding="utf-8", errors="replace").splitlines():
            thread = line.split()[0]
            made[thread] += f" {call}(" in line
            if text in line:
                return made[thread]
        return self.fail(f"no {call} of {text}")

    def sample(self, every, kind):
        if all_of_them() or len(every) <= self.sampled:
            return every
        print(f"sampled: {self.sampled} of {len(every)} {kind}", file=sys.stderr)
        return random.Random(SEED).sample(every, self.sampled)

    def errors(self, for_good):
        dice = random.Random(SEED + int(for_good))
        errors = [error for error in ERRORS if not (for_good and error in NEVER_FOR_GOOD)]
        return [Fault(call, number, "error=" + dice.choice(errors), for_good)
                for call in sorted(self.calls) for number in sorted(self.calls[call])[::self.step(call, for_good)]]

    @staticmethod
    def step(call, for_good):
        """A lock that is never free, which is what SQLite takes many errors for, is waited for for 10 seconds."""
        return 10 if call == "fcntl" and for_good else 1

    def kills(self):
        return [Fault(call, number, "signal=SIGKILL")
                for call in CHANGING for number in sorted(self.calls.get(call, ()))]

    def start_from(self):
        """What is to be known of what was built for one run."""

    def inject(self, fault):
        self.build()
        self.start_from()
        status, out, err = self.box.run(
            f"{self.strace} -f -qq -o /w/trace {fault.options()} {self.command}")
        self.assertNotIn(b"strace: ", err)
        status = status if status <= 128 else 128 - status
        self.ended[status] += 1
        trace = (self.box.work / "trace").read_text(encoding="utf-8", errors="replace")
        self.not_met += fault.what.startswith("error") and "(INJECTED)" not in trace
        return status, out, err

    def try_all(self, faults, check):
        for fault in faults:
            with self.subTest(fault=str(fault)):
                status, out, err = self.inject(fault)
                if fault.what.startswith("error"):
                    self.assert_told(fault, status, out, err)
                check(fault, status, out, err)

    def assert_told(self, fault, status, out, err):
        """It ended by itself, and whatever is not right is told; but where nothing can be written."""
        self.assertGreaterEqual(status, 0, f"it died: {out} {err}")
        if status != 0 and not (fault.call == "write" and fault.for_good):
            self.assertTrue(out + err, "it failed without a word")

    @staticmethod
    def not_as(wanted, shown):
        """The names of what is otherwise in one of these."""
        parts = [dict(re.findall(r"^([\w/]+)( (?:regular|directory|symbolic|is missing).*?)(?=^[\w/]+ |^\.:)", text,
                                 re.DOTALL | re.MULTILINE)) for text in (wanted, shown)]
        return {name for name in parts[0] if parts[0][name] != parts[1].get(name)}

    def assert_no_wider(self, shown, *allowed):
        """Nobody has a right that he has in none of these. What is root's alone is no right of others."""
        were = [rights_of(text) for text in allowed]
        for name, rights in rights_of(shown).items():
            some = set().union(*(one.get(name, set()) for one in were), {("owner", "0"), ("group", "0")})
            self.assertLessEqual(rights, some, name)

    def assert_named(self, names, out):
        """Each of these has a finding in the report that is not one of something done."""
        report = report_in(out)
        self.assertIsNotNone(report, out)
        findings = {finding["path"]: finding["status"] for finding in report["findings"]
                    if finding["status"] not in ("corrected", "waived")}
        for name in names:
            ways = [f"/w/tree/{name}", *(f"/w/tree/{name}"[:at.start()] for at in re.finditer("/", f"/w/tree/{name}"))]
            self.assertTrue(any(way in findings for way in ways), f"{name} is not told of: {out}")


class EveryError(FaultsTestCase):
    """An error at each system call of a run, once and from then on."""

    def check(self, fault, status, out, err):
        """What has to hold after a run that met `fault`."""
        raise NotImplementedError

    def test_an_error_at_each_system_call(self):
        self.try_all(self.sample(self.errors(for_good=False), "errors"), self.check)

    def test_an_error_at_each_system_call_and_from_then_on(self):
        self.try_all(self.sample(self.errors(for_good=True), "errors that stay"), self.check)


class EveryErrorAndKill(EveryError):
    """And a kill at each that changes something."""

    def test_a_kill_at_each_call_that_changes_something(self):
        self.try_all(self.sample(self.kills(), "kills"), self.check)
