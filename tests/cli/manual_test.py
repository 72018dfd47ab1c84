#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""manual_test.py --program PERMWARD: the manual says what the program does, and nothing else.

Each check is a function that returns what is wrong. All of them run on the pages as they are, where they
find nothing, and on pages that are broken on purpose, where they have to.
"""

import difflib
import functools
import json
import re
import subprocess

import cli_test
import manual
import reports
import sandbox
import schema_test
import transcript

ROOT = manual.ROOT
LANGUAGE = "permward-policy.5"
COMMAND = "permward.8"
SETTINGS = "permward.toml.5"
STORE = "permward-store.5"
GUIDES = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs/how-to").glob("*.md"))]

# What no fragment of a policy that can be shown ends in: where it comes from, the machine, sizes, bytes.
WITHOUT_EXAMPLE = {"E0001", "E0002", "E0003", "E0004", "W0001", "W0002", "W0003", "W0004",
                   "W0005", "W0006", "W0007", "W0008", "W0009", "W0010", "W0011", "E0101", "E0102", "E0103", "E0105", "E0108", "E0199", "W0199", "E0505",
                   "W0608", "W0609"}
OF_CHECK = {"E0005"}  # what validate accepts, and check does not
MAY_WARN = {"W0607"}  # an account that is not in the sandbox

# The machine on which the examples of permward(8) are run.
MACHINE = """
mkdir -p /etc/nginx/conf.d /etc/nginx/tls /etc/permward/policy.d /run /var/log /mnt/image/etc
cp /etc/passwd /etc/group /mnt/image/etc
touch /etc/nginx/nginx.conf /etc/nginx/conf.d/shop.conf /etc/nginx/tls/server.key
chmod 0666 /etc/nginx/conf.d/shop.conf
chmod 0640 /etc/nginx/tls/server.key
"""


def source(path):
    return (ROOT / path).read_text(encoding="utf-8")


def both(there, told, what):
    """What of two sets is missing in one."""
    return ([f"{what} {name} is not in the page" for name in sorted(there - told)]
            + [f"the page has {what} {name}, which does not exist" for name in sorted(told - there)])


# What there is.

def codes():
    return set(re.findall(r'\{Code::\w+, "([EW]\d{4})"', source("src/model/codes.cpp")))


def keys():
    """Of every table of the language, from the schema and from the loader."""
    out = set(schema_test.demand_keys())
    for _, node in schema_test.tables():
        out.update(node["properties"])
    for _, found in schema_test.loader_tables():
        out.update(found)
    return out


def aspects():
    return set(re.findall(r'\{Aspect::\w+,\s*"(\w+)"', source("src/model/aspect.hpp")))


def settings():
    """(table, key, least, most, default) of each setting; of those of later versions only its names."""
    text = source("src/model/settings.hpp")
    defaults = {name: value.replace("'", "") for name, value in
                re.findall(r"std::uint64_t (\w+) = ([\d']+);", text.partition("struct SettingRow")[0])}
    rows = re.findall(r'\{"(\w+)", "(\w+)"(?:, &Settings::(\w+), ([\d\']+), ([\d\']+)(?:, true)?)?\}', text)
    assert len(rows) == int(re.search(r"array<SettingRow, (\d+)>", text)[1])
    for table, key, member, least, most in rows:
        yield table, key, least.replace("'", ""), most.replace("'", ""), defaults.get(member)


def exit_statuses():
    enum = source("src/cli/exit_status.hpp").partition("enum class ExitStatus")[2].partition("};")[0]
    return set(re.findall(r" = (\d+),", enum))


def environment():
    return set(re.findall(r'value_of\("(\w+)"\)', source("src/cli/environment.cpp")))


def search_path():
    text = source("src/os/policy_files.hpp").partition("policy_search_path = {")[2].partition("}")[0]
    return {f"{directory}/*.toml" for directory in re.findall(r'"([^"]+)"', text)}


def later_commands():
    return set(re.findall(r'\blater\("([\w-]+)"\)', source("src/cli/commands.cpp")))


def members(*definitions):
    """Of those parts of the schema of reports, and of what is in them."""
    def within(node):
        for name, member in node.get("properties", {}).items():
            yield name
            yield from within(member)
        for part in [node.get("items"), *node.get("allOf", [])]:
            if isinstance(part, dict):
                yield from within(part)

    schema = json.loads(reports.SCHEMA.read_text(encoding="utf-8"))["definitions"]
    return {name for definition in definitions or schema for name in within(schema[definition])}


@functools.cache
def help_of(box):
    """(commands, options) by the program's own help."""
    def said(command):
        status, out, _ = box.run(command)
        assert status == 0, command
        return out.decode("utf-8")

    texts = [said("permward --help")]
    commands = set(re.findall(r"^  ([a-z-]+) +\S", texts[0].partition("Commands:\n")[2]
                              .partition("\n\n")[0], re.MULTILINE))
    texts += [said(f"permward help {command}") for command in commands]
    options = set()
    for text in texts:
        for short, long in re.findall(r"^  (?:(-\w), |    )(--[\w-]+)", text, re.MULTILINE):
            options.update({short, long} - {""})
    return commands, options


# The checks. Each takes a sandbox and the two pages.

def lint_mistakes(_, language, command):
    return language.lint() + command.lint()


def code_mistakes(_, language, command):
    told = language.words("Li", "DIAGNOSTICS", head=True)
    return both(codes(), {word for word in told if re.fullmatch(r"[EW]\d+", word)}, "code")


def key_mistakes(box, language, command):
    told = language.words("Cm")
    return both(keys(), told - help_of(box)[0], "key")


def option_mistakes(box, language, command):
    there = help_of(box)[1]
    told = command.words("Fl", "OPTIONS", head=True)
    elsewhere = (command.words("Fl") | language.words("Fl")) - told
    out = both(there, told | elsewhere, "option")
    return out + [f"option {name} is not explained" for name in sorted(there - told)]


def command_mistakes(box, language, command):
    out = both(help_of(box)[0], command.words("Cm", "COMMANDS", head=True), "command")
    out += both(help_of(box)[0] | command.words("Cm", "COMMANDS", head=True), command.words("Cm"), "command")
    later = command.words("Li", "NOT IN THIS VERSION")
    options = {word for word in later if word.startswith("-")}
    out += both(later_commands(), later - options, "command of later versions")
    for option in sorted(options):
        status, _, err = box.run(f"permward check {option} /x")
        if status != 64 or b"is not in this version" not in err:
            out.append(f"option {option} is in this version now, or never was to come")
    for name in sorted(later_commands()):
        status, _, err = box.run(f"permward {name}")
        if status != 64 or b"is not in this version" not in err:
            out.append(f"command {name} is in this version now")
    return out


def word_mistakes(box, language, command):
    out = both(exit_statuses(), command.words("Li", "EXIT STATUS", head=True), "exit status")
    out += both(environment(), command.words("Ev"), "variable")
    for page in (language, command):
        out += both(search_path(), {path for path in page.words("Pa") if path.endswith(".d/*.toml")},
                    "directory")
    for told in (language.words("Li", "WAIVERS"), command.words("Li", "REPORTS")):
        out += [f"aspect {name} is not in a page" for name in sorted(aspects() - told)]
    return out


def member_mistakes(_, language, command):
    told = command.words("Va")
    here = members("run_members", "finding", "summary", "host", "tool", "policy", "policy_files", "source",
                   "error", "errors", "diagnostics", "validation", "explanation", "explained_rules",
                   "clause", "decision", "explained_waiver", "explanations_members", "log_members",
                   "logged_run", "logged_change")
    return ([f"member {name} is not in the page" for name in sorted(here - told)]
            + [f"the page has member {name}, which does not exist" for name in sorted(told - members())])


def answers(box, policies, command="validate"):
    """For each policy, (code, message) of all that is said of it."""
    box.run("rm -rf tried; mkdir tried")
    for number, text in enumerate(policies):
        (box.work / f"tried/{number}.toml").write_text(text, encoding="utf-8")
    box.run(f"cd tried; for f in *.toml; do permward {command} -p $f -f json >$f.json; done", timeout=300)
    for number in range(len(policies)):
        answer = json.loads((box.work / f"tried/{number}.toml.json").read_bytes())
        yield [(error["code"], error["message"])
               for error in answer.get("errors", []) + answer.get("warnings", [])]


def found_codes(said):
    return {code for code, _ in said}


def policy_mistakes(box, language, command):
    """Of the examples outside DIAGNOSTICS: they are valid, and nothing but an account is warned of."""
    shown = [(display.text, set()) for display in language.literals() if display.section != "DIAGNOSTICS"]
    shown += [(fence.text, fence.codes) for text in [source("README.md"), *GUIDES]
              for fence in manual.fences(text) if fence.language == "toml"]
    out = [] if len(shown) > 20 else ["there are hardly any examples"]
    for (text, wanted), said in zip(shown, answers(box, [manual.completed(text) for text, _ in shown])):
        if found_codes(said) - MAY_WARN != wanted:
            out.append(f"{said}\n{text}")
    return out


def diagnostic_mistakes(box, language, command):
    """Of the examples of codes: each ends in its code and nothing else."""
    shown = [(display.item, display.text) for display in language.literals("DIAGNOSTICS")]
    out = [f"{code} has no example" for code in sorted(codes() - WITHOUT_EXAMPLE - {code for code, _ in shown})]
    for command_name, wanted in [("validate", codes() - OF_CHECK), ("check", OF_CHECK)]:
        tried = [(code, manual.completed(text, code)) for code, text in shown if code in wanted]
        for (code, text), said in zip(tried, answers(box, [text for _, text in tried], command_name)):
            if {found for found, _ in said} != {code}:
                out.append(f"an example of {code} ends in {said}\n{text}")
    out += [f"'{code}' stands above an example and is no code" for code, _ in shown if code not in codes()]
    return out


def said_by(box, command):
    with box.popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                   stderr=subprocess.STDOUT) as process:
        out, _ = process.communicate(timeout=sandbox.patience(60))
    return process.returncode, out.decode("utf-8")


def at_any_time(text):
    """What is said without what differs from run to run."""
    for pattern, word in transcript.NOISE:
        text = re.sub(pattern, word, text)
    return text


def story_mistakes(box, story):
    out = []
    for command, expected in manual.commands_in(story):
        _, said = said_by(box, command)
        expected, said = at_any_time(expected), at_any_time(said)
        if said != expected:
            difference = difflib.unified_diff(expected.splitlines(), said.splitlines(), "the page",
                                              "what it says now", lineterm="")
            out.append("\n".join([command, *difference]))
    return out


def example_mistakes(box, language, command):
    """Of the examples of permward(8): what they show is what is said, one after the other."""
    box = sandbox.Sandbox(box.program)
    assert box.run(MACHINE)[0] == 0
    policy = manual.completed(language.literals("EXAMPLES")[0].text)
    (box.root / "etc/permward/policy.d/web.toml").write_text(policy, encoding="utf-8")
    shown = command.literals("EXAMPLES")
    out = [] if len(shown) > 5 else ["there are hardly any examples"]
    for display in shown:
        out += story_mistakes(box, display.text)
    return out


def line_mistakes(box, language, command):
    """Of commands that cannot be run anywhere: the command line is understood."""
    box = sandbox.Sandbox(box.program)
    assert box.run(MACHINE)[0] == 0
    out = []
    for line in command.lines():
        status, said = said_by(box, line.removeprefix("# "))
        if not line.startswith("# permward ") or status not in (0, 2, 65):
            out.append(f"{line}: {status} {said}")
    return out


def guide_mistakes(box, guide):
    """Of one of docs/how-to: policies are written to the files that they name, commands say what is shown."""
    box = sandbox.Sandbox(box.program)
    out = []
    fences = manual.fences(guide)
    for fence in fences:
        if fence.language == "toml":
            (box.work / fence.file).write_text(fence.text, encoding="utf-8")
        elif fence.language == "console":
            out += story_mistakes(box, fence.text)
    languages = {fence.language for fence in fences}
    return out + [f"it has no block of {name}" for name in sorted({"toml", "console"} - languages)]


def setting_mistakes(box, page):
    """Of permward.toml(5): each setting is told with its range and its default, and its examples are valid."""
    out = page.lint()
    there = {key for _, key, _, _, default in settings() if default}
    out += both(there, page.words("Cm", "SETTINGS", head=True), "setting")
    later = {key for _, key, _, _, default in settings() if not default}
    out += both(later, {word for word in page.words("Li", "NOT IN THIS VERSION") if word[0] != "["},
                "setting of later versions")
    out += both(there | {"schema"}, page.words("Cm") - help_of(box)[0], "key")
    for table, key, least, most, default in settings():
        told = re.search(rf"^\.It Cm {key}\n(.*?)^\.(?:It|El)", page.source, re.MULTILINE | re.DOTALL)
        if default and f"A number from {least} to {most}; the default is {default}." not in (told or ["", ""])[1]:
            out.append(f"what {key} may be is not told")
        if f".Ss [{table}]" not in page.source and f"[{table}]" not in page.words("Li"):
            out.append(f"table {table} is not told")
    out += [f"option {name} does not exist" for name in page.words("Fl") - help_of(box)[1]]
    path = re.search(r'settings_path = "(.*)"', source("src/os/policy_files.hpp"))[1]
    out += [f"it does not say {path}"] if path not in page.words("Pa") else []
    for display in page.literals():
        out += settings_said(box, display.text)
    return out


def settings_said(box, text):
    (box.work / "policy.toml").write_text('schema = 1\n[[rule]]\nid = "x"\npath = "/w/x"\n', encoding="utf-8")
    (box.work / "settings.toml").write_text(text, encoding="utf-8")
    status, _, err = box.run("permward validate -p policy.toml --config settings.toml")
    return [] if status == 0 else [err.decode("utf-8")]


def example_settings_mistakes(box, example):
    """Of the file that is installed: it is valid as it is, and all of it with nothing behind a `#key`."""
    whole = re.sub(r"^#(\w+ = )", r"\1", example, flags=re.MULTILINE)
    found = re.findall(r"^(?:\[(\w+)\]|(\w+) = (\d+))$", whole, re.MULTILINE)
    told, table = set(), None
    for header, key, value in found:
        table = header or table
        told |= {f"{table}.{key} = {value}"} if key else set()
    there = {f"{table}.{key} = {default}" for table, key, _, _, default in settings() if default}
    return both(there, told, "setting") + settings_said(box, example) + settings_said(box, whole)


CHECKS = [lint_mistakes, code_mistakes, key_mistakes, option_mistakes, command_mistakes, word_mistakes,
          member_mistakes, policy_mistakes, diagnostic_mistakes, example_mistakes, line_mistakes]

# (check, page, what is there, what it becomes): each has to be found.
BREAKS = [
    (lint_mistakes, COMMAND, ".Sh EXIT STATUS", ".Sh EXIT STATUS\n.Bl -tag"),
    (lint_mistakes, LANGUAGE, ".Sh OVERRIDES", ".Sh OVERRIDES\n.Xx"),
    (code_mistakes, LANGUAGE, ".It Li E0441\n", ".It Li E0442\n"),
    (key_mistakes, LANGUAGE, ".It Cm approved_by", ".It Li approved_by"),
    (key_mistakes, LANGUAGE, ".It Cm recurse", ".It Cm recursive"),
    (option_mistakes, COMMAND, ".It Fl -all", ".It Fl -alle"),
    (option_mistakes, COMMAND, ".It Fl j Ar N , Fl -jobs Ar N", ".It Fl -jobs Ar N"),
    (option_mistakes, COMMAND, ".Op Fl -strict", ".Op Fl -stricter"),
    (option_mistakes, LANGUAGE, "Fl -tag .", "Fl -tags ."),
    (command_mistakes, COMMAND, ".It Cm explain Ar", ".It Li explain Ar"),
    (command_mistakes, COMMAND, ".It Cm validate\n", ".It Cm lint\n"),
    (command_mistakes, COMMAND, ".Li watch , unlock", ".Li watch"),
    (word_mistakes, COMMAND, ".It Li 77", ".It Li 78"),
    (word_mistakes, COMMAND, ".It Ev NO_COLOR", ".It Ev NO_COLOUR"),
    (word_mistakes, LANGUAGE, "/run/permward/policy.d/*.toml", "/var/permward/policy.d/*.toml"),
    (word_mistakes, LANGUAGE, "attributes , capabilities , links ,", "attributes , capabilities ,"),
    (member_mistakes, COMMAND, "started , duration_ms", "started , duration"),
    (member_mistakes, COMMAND, ".It Va stopped_at", ".It Li stopped_at"),
    (policy_mistakes, LANGUAGE, 'mode = "u+rw,go-w"', 'mode = "u+rw,go"'),
    (policy_mistakes, LANGUAGE, "max_links = 1 }", "max_link = 1 }"),
    (diagnostic_mistakes, LANGUAGE, 'severity = "severe"', 'severity = "low"'),
    (diagnostic_mistakes, LANGUAGE, 'owner = "rot"', 'onwer = "rot"'),
    (example_mistakes, COMMAND, "Valid: 1 file, 2 rules.", "Valid: 1 file, 3 rules."),
    (example_mistakes, COMMAND, "0666 \\(-> 0644\nIn policy", "0666 \\(-> 0640\nIn policy"),
    (example_mistakes, COMMAND, "# permward validate --strict", "# permward validate --srict"),
    (line_mistakes, COMMAND, "-p site.toml", "--plicy site.toml"),
]

# The same of the settings.
SETTING_BREAKS = [
    (".Sh EXAMPLES", ".Sh EXAMPLES\n.Bl -tag"),
    (".It Cm keep_days", ".It Li keep_days"),
    (".It Cm keep_days", ".It Cm keep_weeks"),
    ("from 1 to 36500", "from 0 to 36500"),
    ("the default is 1000.", "the default is 100."),
    ("keep_days = 90", "keep_days = 0"),
    (".Li [alert]\n", ""),
    ("max_marks\n", "\n"),
    ("Fl -config", "Fl -settings"),
    ("/etc/permward/permward.toml", "/etc/permward.toml"),
]


PINNED = """
mkdir -p etc/sub out; echo one >etc/a; ln -s a etc/link; chmod 0640 etc/a; setfacl -m u:1001:r etc/a; setfattr -n user.x -v y etc/a
printf 'schema = 1\\n[[rule]]\\nid = "t"\\npath = "/w/etc"\\nrecurse = true\\ncontent = "pinned"\\n' >p.toml
permward snapshot create -p p.toml --state-dir state -f json
"""


def store_mistakes(box, page):
    """Of permward-store(5): its names are those of the store, its members those of a manifest that was made, and its
    command unpacks one."""
    out = page.lint()
    box.run("rm -rf etc out state")
    status, answer, err = box.run(PINNED)
    if status != 0:
        return [err.decode("utf-8")]
    made = json.loads(answer)["snapshot"]
    kept = {name.name for name in (box.work / "state").iterdir()}
    told = {path.rstrip("/") for path in page.words("Pa", "DESCRIPTION")}
    out += [f"{name} is not in the page" for name in kept - {"state.db-wal", "state.db-shm"} - told]
    text = source("src/store/layout.hpp")
    suffix = re.search(r'snapshot_suffix = "(.*)"', text)[1]
    out += [f"{suffix} is not in the page"] if suffix not in told else []
    archive = f"state/snapshots/{made}{suffix}"
    members = box.run(f"tar --zstd -tf {archive}")[1].decode().split()
    out += [f"{member} is not in the page" for member in (members[0], members[-1]) if member not in told]
    manifest = json.loads(box.run(f"tar --zstd -xOf {archive} permward/manifest.json")[1])
    there = set(manifest) | {member for one in manifest["objects"] for member in one}
    out += both(there | {"name", "value_b64"}, page.words("Va"), "member")
    keys = {pair.partition("=")[0] for one in manifest["objects"] for pair in one["metadata"].split()}
    out += [f"{key} of the metadata is not told" for key in keys - page.words("Li")]
    commands = [display.text for display in page.displays if display.text.startswith("# tar")]
    for command in commands:
        command = re.sub(r"\d{8}T\d{6}Z-[0-9a-f]{4}" + re.escape(suffix), archive, command[2:])
        status, _, err = box.run(command.replace("/mnt", "out").replace(" etc", " w/etc"))
        unpacked = box.run("acls() { find etc | sort | xargs getfacl -cpE; }; acls >1; cd out/w; acls | diff ../../1 - && diff -r --no-dereference "
                           "../../etc etc && getfattr -n user.x --only-values etc/a")
        if status != 0 or unpacked[:2] != (0, b"y"):
            out += [f"{command}: {(err, unpacked)}"]
    return out if commands else [*out, "no command unpacks it"]


STORE_BREAKS = [(".It Va xattrs", ".It Va attributes"), ("manifest.sha256", "manifest.md5"), ("-xpf", "-xqf"),
                (".It Pa snapshots/", ".It Pa generations/"), (".Li group ,", ".Li groups ,")]


class Manual(cli_test.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pages = {name: manual.read(name) for name in (LANGUAGE, COMMAND)}

    def mistakes(self, check, pages):
        return check(self.box, pages[LANGUAGE], pages[COMMAND])

    def test_the_pages_are_true(self):
        for check in CHECKS:
            with self.subTest(check.__name__):
                self.assertEqual("\n".join(self.mistakes(check, self.pages)), "")

    def test_the_guides_are_true(self):
        self.assertNotEqual(GUIDES, [])
        for guide in GUIDES:
            with self.subTest(guide.partition("\n")[0]):
                self.assertEqual("\n".join(guide_mistakes(self.box, guide)), "")

    def test_the_settings_are_true(self):
        page = manual.read(SETTINGS)
        self.assertEqual("\n".join(setting_mistakes(self.box, page)), "")
        for old, new in SETTING_BREAKS:
            with self.subTest(old=old, new=new):
                self.assertTrue(old in page.source)
                broken = manual.Page(page.source.replace(old, new))
                self.assertNotEqual(setting_mistakes(self.box, broken), [])

    def test_the_store_is_as_told(self):
        if not sandbox.real_root():
            self.skipTest("needs root")
        page = manual.read(STORE)
        self.assertEqual("\n".join(store_mistakes(self.box, page)), "")
        for old, new in STORE_BREAKS:
            with self.subTest(old=old, new=new):
                self.assertTrue(old in page.source)
                self.assertNotEqual(store_mistakes(self.box, manual.Page(page.source.replace(old, new))), [])

    def test_the_example_of_settings_is_true(self):
        example = source("packaging/permward.toml")
        self.assertEqual("\n".join(example_settings_mistakes(self.box, example)), "")
        for old, new in [("#keep_runs", "#keep_run"), ("= 400", "= 40"), ("[store]", "[stores]")]:
            with self.subTest(old=old, new=new):
                self.assertNotEqual(example_settings_mistakes(self.box, example.replace(old, new)), [])

    def test_what_is_false_is_found(self):
        self.assertEqual({check for check, *_ in BREAKS}, set(CHECKS))
        for check, name, old, new in BREAKS:
            with self.subTest(check.__name__, old=old, new=new):
                text = self.pages[name].source
                self.assertTrue(old in text)
                pages = {**self.pages, name: manual.Page(text.replace(old, new, 1))}
                self.assertNotEqual(self.mistakes(check, pages), [])

    def test_what_is_false_in_a_guide_is_found(self):
        for guide in GUIDES:
            for old, new in [(r"^No violations in", "1 violation in"), (r"^mode  = .*", 'mode  = "0664"'),
                             (r"^# permward check ", "# permward chek "), (r"^```console", "```text")]:
                with self.subTest(guide.partition("\n")[0], old=old):
                    broken = re.sub(old, new, guide, flags=re.MULTILINE)
                    self.assertNotEqual(broken, guide)
                    self.assertNotEqual(guide_mistakes(self.box, broken), [])


if __name__ == "__main__":
    cli_test.main()
