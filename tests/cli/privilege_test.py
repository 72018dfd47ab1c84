#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""privilege_test.py --program PERMWARD: which capabilities each command keeps, and what each of them is for.

permward(8) says which, and strace(1) sees it. What one is for shows when it is missing: setpriv(1) takes it from
the bounding set, and something does not come out as with it.
"""

import os
import re
from pathlib import Path

import cli_test
import sandbox

MANUAL = Path(__file__).resolve().parents[2] / "man/permward.8"
ARGUMENTS = {"check": "check -p p.toml", "apply": "apply -p p.toml --state-dir state", "validate": "validate -p p.toml",
             "explain": "explain -p p.toml /w/f", "undo": "undo -n --state-dir state", "log": "log --state-dir state",
             "restore": "restore --state-dir state /w/f", "snapshot": "snapshot list --state-dir state",
             "version": "version", "help": "help"}
POLICY = 'schema = 1\n[[rule]]\nid = "f"\npath = "/w/f"\nmode = "0640"\n'
CAPSET = re.compile(r"(?P<pid>\d+) +capset\(.*effective=(?P<set>[^,}]*), permitted=(?P=set),")
FORK = re.compile(r"(?P<pid>\d+) +(?:clone3?|v?fork)\(.*= (?P<child>\d+)$")


class Case:
    """Something that comes out otherwise without `lacking`: `setup`, and a rule, or the arguments of a run."""

    def __init__(self, lacking, setup, rule="", arguments="", also=(), command="apply", after="true"):
        self.lacking, self.setup, self.rule, self.after = lacking, setup, rule, after
        self.arguments, self.also, self.command = arguments, also, command


STICKY = "install -d -o bob -m 1777 tree/d; install -o www-data -m 0600 /dev/null tree/d/report"
BOBS = "install -d -o bob -m 0700 tree/d; install -o bob -m 0666 /dev/null tree/d/f"
TRUSTED = 'trust = ["bob"]\n'
ATTRIBUTE = "rm -rf state3; install -m 0644 /dev/null tree/f; setfattr -n trusted.x -v 1 tree/f"
PINNED = 'path = "/w/tree/f"\ncontent = "pinned"\n'
CASES = [
    Case("chown", "install -o bob -m 0600 /dev/null tree/f", 'path = "/w/tree/f"\nowner = "root"'),
    Case("dac_override", BOBS, 'path = "/w/tree/d/new"\ntype = "file"\nowner = "bob"\ngroup = "bob"\nmode = "0600"\n'
         'on_missing = "create"\n' + TRUSTED),
    # Where the stronger one is missing, too, as in a container.
    Case("dac_read_search", BOBS, 'path = "/w/tree/d/f"\nmode = "0640"\n' + TRUSTED, also=["dac_override"]),
    Case("fowner", "install -o bob -m 0666 /dev/null tree/f", 'path = "/w/tree/f"\nmode = "0640"'),
    Case("fsetid", "install -g www-data -m 0755 /dev/null tree/f",
         'path = "/w/tree/f"\nowner = "root"\ngroup = "www-data"\nmode = "2755"'),
    Case("setfcap", "install -m 0755 /dev/null tree/f", 'path = "/w/tree/f"\ncapabilities = "cap_net_raw=ep"'),
    Case("linux_immutable", "install -m 0640 /dev/null tree/f",
         'path = "/w/tree/f"\nattributes = { set = ["immutable"] }'),
    Case("dac_read_search", BOBS, 'path = "/w/tree/d/f"\nmode = "0666"', command="check", also=["dac_override"]),
    Case("setuid", "", 'path = "/w/tree"\nmode = "0755"', command="check"),
    Case("setgid", "", 'path = "/w/tree"\nmode = "0755"', command="check"),
    # A procfs of its own, where that of the machine is not to be had.
    Case("sys_admin", "install -m 0644 /dev/null tree/f; mount -t tmpfs none /proc", 'path = "/w/tree/f"\nacl = []',
         command="check", after="umount /proc"),
    # A report in the place of somebody else's in a sticky directory, and beside what is his.
    Case("fowner", STICKY, 'path = "/w/tree"\nmode = "0755"', command="check", arguments="-o tree/d/report"),
    Case("fowner", STICKY, command="validate", arguments="-p p.toml -o tree/d/report"),
    Case("fowner", STICKY, command="log", arguments="--state-dir state -o tree/d/report"),
    Case("dac_override", "install -d -o bob -m 0755 tree/d", 'path = "/w/tree"\nmode = "0755"', command="check",
         arguments="-o tree/d/report"),
    Case("dac_read_search", "install -d -o bob -m 0700 tree/d; install -m 0644 p.toml tree/d/p.toml", command="validate",
         arguments="-p tree/d/p.toml", also=["dac_override"]),
    Case("dac_override", "install -d -o bob -m 0755 tree/d", command="validate", arguments="-p p.toml -o tree/d/report"),
    Case("dac_override", "install -d -o bob -m 0755 tree/d", command="log", arguments="--state-dir state -o tree/d/report"),
    # Extended attributes in `trusted`.
    Case("sys_admin", ATTRIBUTE, PINNED, command="snapshot", arguments="create -q -o report -p c.toml --state-dir state3",
         after="tar --zstd -xf state3/snapshots/*.zst --xattrs --xattrs-include='*' -C tree"),
    Case("sys_admin", f"{ATTRIBUTE}; permward snapshot create -q -p pins.toml --state-dir state3; setfattr -x trusted.x tree/f",
         PINNED, command="restore", arguments="-q -p c.toml --state-dir state3 /w/tree/f"),
    Case("sys_admin", f"{ATTRIBUTE}; permward snapshot create -q -p pins.toml --state-dir state3; rm tree/f",
         PINNED, command="apply", arguments="--state-dir state3"),
    Case("dac_read_search", "mkdir tree/d; cp -r state tree/d/state; chmod 0000 tree/d", command="log",
         arguments="--state-dir tree/d/state", also=["dac_override"]),
]


def sets_in_manual():
    """Command: its capabilities, as the manual has them in groups."""
    text = MANUAL.read_text(encoding="utf-8")
    part = text[text.index('.\\" Capabilities by command'):]
    out = {}
    for item in re.split(r"^\.It ", part[:part.index("\n.El")], flags=re.MULTILINE)[1:]:
        head, _, body = item.partition("\n")
        found = {name.lower() for name in re.findall(r"CAP_(\w+)", body)}
        if body.startswith("These as well"):
            found |= out["check"]
        out.update({name: found for name in re.findall(r"\w+", head.replace("Cm", ""))})
    return out


# capabilities(7), by their numbers in linux/capability.h.
NUMBERS = {"chown": 0, "dac_override": 1, "dac_read_search": 2, "fowner": 3, "fsetid": 4, "setgid": 6, "setuid": 7,
           "setpcap": 8, "linux_immutable": 9, "sys_admin": 21, "sys_resource": 24, "setfcap": 31}


def held_here():
    """Of these those that this process has, and so those that a run can keep."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    bits = int(re.search(r"^CapPrm:\s*([0-9a-f]+)$", status, re.MULTILINE)[1], 16)
    return {name for name, number in NUMBERS.items() if bits >> number & 1}


def names_in(shown):
    """Of strace's `1<<CAP_CHOWN|1<<CAP_FOWNER`."""
    return {name.lower() for name in re.findall(r"CAP_(\w+)", shown)}


class Privileges(cli_test.TracedTestCase):
    policy = POLICY

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not sandbox.real_root():
            sandbox.skip("needs root")
        (cls.box.work / "f").touch(0o644)
        (cls.box.work / "pins.toml").write_text(f'schema = 1\n[[rule]]\nid = "c"\n{PINNED}', encoding="ascii")
        cls.box.run("permward apply -q -p p.toml --state-dir state")

    def test_each_command_keeps_what_the_manual_says(self):
        sets = sets_in_manual()
        self.assertEqual(set(sets), set(ARGUMENTS))
        for command, arguments in ARGUMENTS.items():
            with self.subTest(command):
                lines = self.trace(["capset", "clone", "clone3", "fork", "vfork"], arguments, [0, 2])
                first = next(found for line in lines if (found := CAPSET.match(line)))
                self.assertEqual(names_in(first["set"]), sets[command] & held_here())

    def test_what_is_given_up_is_not_taken_back(self):
        """Each set that a process takes is within the one before it, of the process or of the one that it came from."""
        for command, arguments in ARGUMENTS.items():
            with self.subTest(command):
                held = {}
                for line in self.trace(["capset", "clone", "clone3", "fork", "vfork"], arguments, [0, 2]):
                    if fork := FORK.match(line):
                        held[fork["child"]] = held.get(fork["pid"])
                    elif found := CAPSET.match(line):
                        before, now = held.get(found["pid"]), names_in(found["set"])
                        self.assertTrue(before is None or now <= before, line)
                        held[found["pid"]] = now

    def outcome(self, case, without):
        """The status and what the run says, and the object after it."""
        self.box.run("chattr -R -i tree; rm -rf tree; mkdir tree; chmod 0755 tree; " + case.setup)
        (self.box.work / "c.toml").write_text(f'schema = 1\n[[rule]]\nid = "c"\n{case.rule}\n' if case.rule else POLICY,
                                              encoding="ascii")
        bounds = ",".join(f"-{one}" for one in without)
        start = f"setpriv --bounding-set {bounds} --inh-caps -all " if without else ""
        options = {"apply": "-q -p c.toml --state-dir state2", "check": "-p c.toml"}.get(case.command, "")
        status, out, err = self.box.run(f"{start}permward {case.command} {options} {case.arguments}")
        self.assertEqual(self.box.run(case.after)[0], 0)
        shown = self.box.run("cd tree; ls -lnR | grep -v ^total | cut -d' ' -f1-4; lsattr -R . 2>&1; getcap -r .; "
                             "getfattr -Rdm- . 2>&1")[1]
        return status, re.sub(rb"\d+ ms", b"", out), err, shown

    def test_without_one_of_them_something_is_not_done(self):
        for case in CASES:
            if case.after != "true" and "ASAN_OPTIONS" in os.environ:
                continue  # which a sanitizer reads, and much more, in the /proc that is taken away
            with self.subTest(command=case.command, lacking=case.lacking):
                whole = self.outcome(case, case.also)
                self.assertIn(whole[0], (0, 2), whole)
                without = self.outcome(case, [case.lacking, *case.also])
                self.assertNotIn(b"setpriv", without[2])
                self.assertNotEqual(without, whole)

    def test_a_right_that_is_missing_for_one_aspect_fails_there_alone(self):
        (self.box.work / "c.toml").write_text(
            'schema = 1\n[[rule]]\nid = "c"\npath = "/w/tree/*"\nmode = "0700"\ncapabilities = "cap_net_raw=ep"\n'
            'attributes = { set = ["no_dump", "immutable"] }\n', encoding="ascii")
        for begin in ("true", "setcap cap_kill=ep tree/f", "chattr +i tree/f", "chattr +a tree/f", "chmod 4755 tree/f"):
            with self.subTest(begin):
                self.box.run("chattr -R -ia tree; rm -rf tree; mkdir tree")
                self.shell(f"install -m 0755 /dev/null tree/f; {begin}")
                report = self.do("setpriv --bounding-set -setfcap --inh-caps -all permward apply -p c.toml --state-dir state2", 2)
                fates = {one["aspect"]: one["status"] for one in report["findings"]}
                self.assertEqual(fates.pop("capabilities"), "failed")
                self.assertEqual(set(fates.values()), {"corrected"}, fates)
                self.assertEqual(self.shell("stat -c %a tree/f; lsattr tree/f | cut -d' ' -f1").split()[0], "700")
                left = self.do("permward check -p c.toml", 2)["findings"]
                self.assertEqual([one["aspect"] for one in left], ["capabilities"])

    def test_nor_does_an_acl_that_takes_rights_away_wait_for_capabilities(self):
        (self.box.work / "c.toml").write_text(
            'schema = 1\n[[rule]]\nid = "c"\npath = "/w/tree/f"\nmode = "0700"\nacl = []\ncapabilities = ""\n', encoding="ascii")
        self.shell("chattr -R -ia tree; rm -rf tree; mkdir tree; install -m 0755 /dev/null tree/f; setfacl -m u:bob:rx tree/f; setcap cap_kill=ep tree/f")
        report = self.do("setpriv --bounding-set -setfcap --inh-caps -all permward apply -p c.toml --state-dir state2", 2)
        self.assertEqual({one["aspect"]: one["status"] for one in report["findings"]},
                         {"mode": "corrected", "acl": "corrected", "capabilities": "failed"})
        self.assertEqual(self.shell("getfacl -cE tree/f"), "user::rwx\ngroup::---\nother::---\n\n")

    def test_without_cap_setpcap_the_bounding_set_stays(self):
        for without, refused in [("", False), ("setpriv --bounding-set -setpcap --inh-caps -all ", True)]:
            _, out, err = self.box.run(f"{without}strace -f -e trace=prctl -o /dev/stdout permward check -q -p p.toml")
            lines = cli_test.whole_calls(out.decode().splitlines())
            drops = [line for line in lines if "PR_CAPBSET_DROP" in line]
            self.assertGreater(len(drops), 40, err)
            self.assertEqual(all("EPERM" in line for line in drops), refused, drops)

    def test_all_of_a_command_have_a_case(self):
        # setpcap has a test of its own, and so has sys_resource (fs_cli).
        for command, more in [("apply", {"setgid", "setuid", "setpcap", "sys_admin", "sys_resource"}),
                              ("check", {"setpcap", "sys_resource"}), ("validate", set()), ("log", set())]:
            shown = {case.lacking for case in CASES if case.command == command}
            self.assertEqual(shown | more, sets_in_manual()[command])


if __name__ == "__main__":
    cli_test.main()
