# SPDX-License-Identifier: Apache-2.0
"""A copy of /etc with what an /etc has little of, the policy that says how it is, and how it gets out of
policy. All of it at random, by a `random.Random`, and done by chattr(1), setfacl(1) and setcap(8).

What apply does not do on purpose does not come into it: set-id bits and capabilities are not given to a
file that somebody else could have written, nor to one with two links; in a directory that others control,
what has two links stays as it is; no policy can ask for an ACL whose mask is empty. In a directory that is
immutable or append-only it changes no name, and what is made anew has no attributes that it cannot see.
"""

import os
import stat

import judges

EXTRA = b"etc/permward-test"
LINKED = EXTRA + b"/linked"
ABOVE_LINKS = {b"etc", EXTRA, LINKED}
NAMES = [b"new\nline", b"a 'quote'", b'a "double" one', "m\u00fcnze \u2603".encode(), b"not\xff\xfeutf-8", b"x" * 255,
         b"a*b[c]{d,e}?", b"back\\slash", b"$HOME ${x}", b"-rf", b" blanks ", b"#5%d", b"tab\tescape\x1b[1m",
         b"\\052", b"."b"hidden"]
IDS = [0, 0, 1, 33, 42, 7001, 7002]
MODES = [0o600, 0o640, 0o644, 0o666, 0o604, 0o660, 0o755, 0o750, 0o777, 0o000, 0o400, 0o111, 0o4755, 0o2755,
         0o6755, 0o2750, 0o2644, 0o1777, 0o4711]
CAPABILITIES = ["cap_net_raw=ep", "cap_net_bind_service,cap_net_raw=p", "cap_chown=eip"]
ATTRIBUTES = {"i": "immutable", "a": "append_only", "d": "no_dump", "A": "no_atime", "S": "sync", "D": "dirsync"}
WITHOUT_ACL = {"symlink"}
WITH_ATTRIBUTES = {"file", "directory"}
SET_ID = 0o6000
WRITABLE_BY_OTHERS = 0o022
RECURSION = {"owner": 0, "group": 0, "acl": [], "attributes": "", "capabilities": "", "default_acl": [],
             "mode": {"file": "0644", "directory": "0755"}}


def letters_kept(file_system, kind):
    """Of chattr(1), by the file system of that name, for such an object."""
    letters = {"ext4": "iadASD", "btrfs": "iadASD", "xfs": "iadAS"}.get(file_system, "iadA")
    return letters if kind == "directory" else letters.replace("D", "")


# --- What is done to an object -------------------------------------------------------------------


def set_letters(path, now, wanted):
    for sign, letters in [("-", set(now) - set(wanted)), ("+", set(wanted) - set(now))]:
        if letters:
            judges.run("chattr", sign + "".join(sorted(letters)), "--", path)


def random_acl(dice, writing=True):
    """Entries of setfacl(1), a whole ACL with a mask."""
    rights = "rwx" if writing else "rx"

    def some():
        return "".join(right if dice.random() < 0.5 else "-" for right in rights) or "-"

    named = [f"{tag}:{who}:{some()}" for tag in "ug" for who in (0, 33, 7001, 7002, 7003) if dice.random() < 0.3]
    return ",".join([f"u::{some()}", f"g::{some()}", f"o::{some()}", f"m::{some()}", *named])


def set_acl(path, entries, *options):
    judges.run("setfacl", *options, "--set", entries, "--", path)


# --- What it is like before ----------------------------------------------------------------------


def expressible(path):
    """Whether a policy, which is UTF-8, can name it."""
    try:
        path.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def make_extra(root, dice, links):
    """Names, types and states that no container's /etc has. Hard links lie in a directory of root's which
    stays so: where others control it, an object with two links is refused on purpose."""
    extra = os.path.join(os.fsencode(root), EXTRA)
    os.mkdir(extra)
    for number, name in enumerate(NAMES):
        path = os.path.join(extra, name)
        if number % 3 == 2:
            os.mkdir(path)
            path = os.path.join(path, name)
        with open(path, "wb") as file:
            file.write(name)
    for number in range(8):
        open(os.path.join(extra, b"empty%d" % number), "xb").close()
        os.makedirs(os.path.join(extra, b"made%d" % number, b"in", b"it"))
        open(os.path.join(extra, b"made%d" % number, b"in", b"f"), "xb").close()
    for number, mode in enumerate([0o4755, 0o2755, 0o6711, 0o4750]):
        path = os.path.join(extra, b"program%d" % number)
        with open(path, "wb") as file:
            file.write(b"\x7fELF")
        os.chown(path, dice.choice([0, 0, 33]), dice.choice([0, 33, 42]))
        os.chmod(path, mode)
    for number, text in enumerate(CAPABILITIES):
        path = os.path.join(extra, b"able%d" % number)
        with open(path, "wb") as file:
            file.write(b"#!/bin/sh\n")
        os.chmod(path, 0o755)
        judges.run("setcap", "-q", text, path)
    for name, mode in [(b"group", 0o2775), (b"sticky", 0o1777), (b"shared", 0o3770)]:
        path = os.path.join(extra, name)
        os.mkdir(path)
        os.chown(path, 0, 33)
        os.chmod(path, mode)
        open(os.path.join(path, b"empty"), "xb").close()
    set_acl(os.path.join(extra, b"group"), "u::rwx,g::rwx,o::---,m::rwx,g:33:rwx,u:7001:r-x", "-d")
    set_acl(os.path.join(extra, b"shared"), "u::rwx,g::r-x,o::---,m::r-x,u:7001:rwx")
    for number, target in enumerate([b"/nowhere", b"..", b"m\xc3\xbcnze 'q'", b"t" * 1000, b"../passwd"]):
        os.symlink(target, os.path.join(extra, b"link%d" % number))
    os.lchown(os.path.join(extra, b"link0"), 33, 42)
    os.mkfifo(os.path.join(extra, b"fifo"), 0o640)
    os.mknod(os.path.join(extra, b"char"), stat.S_IFCHR | 0o660, os.makedev(1, 3))
    many = ",".join(f"u:{8000 + number}:r" for number in range(20))
    with open(os.path.join(extra, b"many"), "wb") as file:
        file.write(b"many\n")
    set_acl(os.path.join(extra, b"many"), f"u::rw,g::r,o::-,m::r,{many}")
    os.makedirs(os.path.join(extra, b"linked"))
    with open(os.path.join(extra, b"linked/one"), "wb") as file:
        file.write(b"two names\n")
    if links:
        os.link(os.path.join(extra, b"linked/one"), os.path.join(extra, b"linked/two"))


def enrich(root, dice, file_system):
    """Some of all objects get an owner, a mode, ACLs and attributes of their own. One is immutable, and one
    append-only."""
    root = os.fsencode(root)
    letters = []
    for path in judges.paths_below(root, b"etc"):
        if path in ABOVE_LINKS or not expressible(path):
            continue
        whole = os.path.join(root, path)
        facts = judges.status(whole)
        kind = facts["type"]
        if dice.random() < 0.1:
            os.lchown(whole, dice.choice(IDS), dice.choice(IDS))
        # What permward knows nothing of. An empty file may be made anew, and a symlink is, by a process that
        # sees no such attributes.
        if facts.get("size") and dice.random() < 0.03:
            os.setxattr(whole, "trusted.note", dice.randbytes(5))
        if kind in WITHOUT_ACL:
            continue
        # Its mask would be the new group bits, and the kernel skips an ACL whose mask is empty; no policy can
        # ask for one.
        if dice.random() < 0.1 and "system.posix_acl_access" not in os.listxattr(whole):
            os.chmod(whole, dice.choice(MODES) & ~(SET_ID if kind == "file" else 0))
        if dice.random() < 0.1 and judges.CAPABILITIES not in os.listxattr(whole):
            set_acl(whole, random_acl(dice).replace("m::---", "m::r--"))
        if kind == "directory" and dice.random() < 0.15:
            set_acl(whole, random_acl(dice).replace("m::---", "m::r--"), "-d")
        if kind in WITH_ATTRIBUTES and dice.random() < 0.06:
            letters.append((whole, dice.choice(letters_kept(file_system, kind))))
    for path, letter in sorted(letters, key=lambda one: one[1] in "ia"):
        set_letters(path, "", letter)
    for name, letter in [(b"able0", "i"), (b"many", "a")]:
        set_letters(os.path.join(root, EXTRA, name), "", letter)


# --- The policy ----------------------------------------------------------------------------------


def string(text):
    """A string of TOML; `$` begins a variable."""
    out = ""
    for character in text.replace("$", "$$"):
        if character in '"\\':
            out += "\\" + character
        elif ord(character) < 0x20 or ord(character) == 0x7F:
            out += f"\\u{ord(character):04x}"
        else:
            out += character
    return f'"{out}"'


def path_text(path):
    text = "/" + path.decode("utf-8")
    return string("".join("\\" + c if c in "*?[]{}\\" else c for c in text))


def strings(texts):
    return "[" + ", ".join(string(text) for text in texts) + "]"


def attributes_text(letters, all_letters):
    chosen = [ATTRIBUTES[letter] for letter in all_letters if letter in letters]
    clear = [ATTRIBUTES[letter] for letter in all_letters if letter not in letters]
    return "{ set = " + strings(chosen) + ", clear = " + strings(clear) + " }"


def acl_of(facts):
    """The base rights as digits of a mode, the other entries, and all those of the default ACL."""
    base, named, default = {}, [], []
    for line in facts["acl"].splitlines():
        entry = line.split("\t")[0]  # behind it stands what is in effect
        if entry.startswith("#") or not entry:
            continue
        if entry.startswith("default:"):
            default.append(entry.removeprefix("default:"))
        elif entry.startswith(("user::", "group::", "other::")):
            tag, rights = entry.split("::")
            base[tag] = sum(bit for bit, right in zip((4, 2, 1), rights) if right != "-")
        else:
            named.append(entry)
    special = int(facts["mode"], 8) >> 9
    return f"{special}{base['user']}{base['group']}{base['other']}", named, default


def demands(facts):
    """{aspect: what stands in a policy for it}, attributes as letters."""
    out = {"owner": facts["owner"], "group": facts["group"]}
    kind = facts["type"]
    if kind == "symlink":
        return out | {"target": facts["target"]}
    out["mode"], out["acl"], default = acl_of(facts)
    if kind in WITH_ATTRIBUTES:
        out["attributes"] = facts["attributes"]
    if kind == "directory":
        out["default_acl"] = default
    if kind == "file":
        out["capabilities"] = facts.get("capabilities", "")
    return out


def ordinary(aspect, value, kind):
    """Whether the recursion demands just that."""
    if aspect == "mode":
        return value == RECURSION["mode"].get(kind)
    if aspect == "attributes":
        return not set(value) & set(ATTRIBUTES)
    return aspect == "target" or value == RECURSION[aspect]


def names_of_ids(root, file):
    """{id: a name that has no other}, as passwd(5) and group(5) have them."""
    with open(os.path.join(root, "etc", file), encoding="utf-8", errors="replace") as lines:
        rows = [line.split(":") for line in lines if line.count(":") >= 2]
    ids = [row[2] for row in rows]
    return {int(row[2]): row[0] for row in rows if row[2].isdigit() and ids.count(row[2]) == 1 and row[0].isalnum()}


class Policy:
    """Of the pristine tree: one recursion for what is ordinary, and a literal rule for what is not, and for
    some that is."""

    def __init__(self, root, pristine, dice, file_system):
        self.pristine = pristine
        self.ruled = {}     # by a literal rule: {path: its text}
        self.created = set()  # where it is missing
        self._users = names_of_ids(root, "passwd")
        self._groups = names_of_ids(root, "group")
        self._file_system = file_system
        for path, facts in pristine.items():
            self._rule(path, facts, dice)

    def text(self, without=None):
        """All of it, but the literal rule of `without`."""
        files = {"mode": string("0644"), "capabilities": string(""),
                 "attributes": attributes_text("", letters_kept(self._file_system, "file"))}
        directories = {"mode": string("0755"), "default_acl": "[]",
                       "attributes": attributes_text("", letters_kept(self._file_system, "directory"))}
        tables = [f"{name} = {{ " + ", ".join(f"{key} = {value}" for key, value in table.items()) + " }"
                  for name, table in [("files", files), ("directories", directories)]]
        recursion = ['id = "tree"', 'path = "/etc"', "recurse = true", 'owner = "root"', "group = 0", "acl = []",
                     *tables]
        rules = ["\n".join(recursion), *[rule for path, rule in self.ruled.items() if path != without]]
        return "schema = 1\n" + "".join(f"\n[[rule]]\n{rule}\n" for rule in rules)

    def _rule(self, path, facts, dice):
        kind = facts["type"]
        wanted = demands(facts)
        usual = {aspect: ordinary(aspect, value, kind) for aspect, value in wanted.items()}
        if not expressible(path):
            assert all(usual.values()), (path, wanted)
            return
        if all(usual.values()) and dice.random() < 0.6:
            return
        creates = kind == "directory" or kind == "file" and facts["size"] == 0
        lines = [f'id = "r{len(self.ruled)}"', f"path = {path_text(path)}", f'type = "{kind}"']
        for aspect, value in wanted.items():
            kept = aspect == "target" or creates and aspect in ("owner", "group", "mode")
            if kept or not usual[aspect] or dice.random() < 0.5:
                lines.append(f"{aspect} = {self._value(aspect, value, kind, dice)}")
        if creates:
            lines.append('on_missing = "create"')
            self.created.add(path)
        self.ruled[path] = "\n".join(lines)

    def _value(self, aspect, value, kind, dice):
        if aspect in ("owner", "group"):
            name = (self._users if aspect == "owner" else self._groups).get(value)
            return string(name) if name and dice.random() < 0.5 else str(value)
        if aspect in ("acl", "default_acl"):
            return strings(value)
        if aspect == "attributes":
            return attributes_text(value, letters_kept(self._file_system, kind))
        return string(os.fsdecode(value))


# --- How it gets out of policy -------------------------------------------------------------------


def is_armed(facts):
    return facts["type"] == "file" and (int(facts["mode"], 8) & SET_ID != 0 or "capabilities" in facts)


class Mutation:
    """Of some objects. Either the hard links are changed or the directories above them."""

    def __init__(self, root, policy, dice, file_system):
        self.root = os.fsencode(root)
        self.pristine = policy.pristine
        self.policy = policy
        self.dice = dice
        self.file_system = file_system
        self.mutated = set()
        self.removed = set()
        self._kept = ABOVE_LINKS if dice.random() < 0.5 else {LINKED, LINKED + b"/one", LINKED + b"/two"}
        self._final = {}  # letters, when all else is done
        # In what is immutable or append-only no name is changed, whoever does it.
        self._closed = {path for path, facts in self.pristine.items() if set(facts.get("attributes", "")) & set("ia")}
        self._open = set()  # directories in which a name is changed

    def make(self, share=0.35):
        self._take_letters()
        self._remove()
        for path, facts in self.pristine.items():
            if path not in self.removed and path not in self._kept and self.dice.random() < share:
                self._mutate(path, facts)
        # What is immutable takes no others, by another name of it either.
        for which in ("dASD", "ia"):
            for path, letters in self._final.items():
                kept = "" if which == "ia" and path in self._open else set(letters) & set(which)
                if path not in self.removed:
                    set_letters(os.path.join(self.root, path), "", kept)

    def _take_letters(self):
        for path, facts in self.pristine.items():
            if facts.get("attributes"):
                kept = "".join(letter for letter in facts["attributes"] if letter in ATTRIBUTES)
                self._final[path] = kept
                set_letters(os.path.join(self.root, path), kept, "")

    def _below(self, path):
        return [other for other in self.pristine if other.startswith(path + b"/")]

    def _remove(self):
        """Some of what can be made again, with all that lies in it."""
        for path in sorted(self.policy.created - self._kept):
            whole = {path, *self._below(path)}
            if whole <= self.policy.created and self.dice.random() < 0.4 and self._opens(path, whole):
                self.removed |= whole
                self.mutated |= whole
        for path in sorted(self.removed, reverse=True):
            whole = os.path.join(self.root, path)
            if self.pristine[path]["type"] == "directory":
                os.rmdir(whole)
            else:
                os.unlink(whole)

    def _opens(self, path, whole=()):
        """Whether names may be changed there: then nobody closes that directory."""
        directories = {os.path.dirname(name) for name in {path, *whole}}
        if directories & self._closed:
            return False
        self._open |= directories
        return True

    def _mutate(self, path, facts):
        dice, kind = self.dice, facts["type"]
        whole = os.path.join(self.root, path)
        self.mutated.add(path)
        # What is to be armed may have been written by nobody but root and its owner; else it is refused.
        armed = is_armed(facts)
        owners = [0, facts["owner"]] if armed else IDS
        if kind == "symlink":
            if path in self.policy.ruled and dice.random() < 0.6 and self._opens(path):
                os.unlink(whole)
                os.symlink(dice.choice([b"wrong", b"/etc/passwd", b"w" * 1000]), whole)
                os.lchown(whole, facts["owner"], facts["group"])
            if dice.random() < 0.5:
                os.lchown(whole, dice.choice(owners), dice.choice(IDS))
            return
        now = os.stat(whole)
        mode = now.st_mode & 0o7777
        # What has two links is not armed either.
        linked = kind == "file" and now.st_nlink > 1
        if dice.random() < 0.4:
            os.chown(whole, dice.choice(owners), dice.choice(IDS))
        if dice.random() < 0.5:
            mode = dice.choice(MODES) & ~(SET_ID if linked else 0)
        os.chmod(whole, mode & ~WRITABLE_BY_OTHERS if armed else mode)
        if dice.random() < 0.4:
            set_acl(whole, random_acl(dice, writing=not armed))
        elif dice.random() < 0.3:
            judges.run("setfacl", "-b", "--", whole)
            os.chmod(whole, mode & ~WRITABLE_BY_OTHERS if armed else mode)
        if kind == "directory":
            if dice.random() < 0.4:
                set_acl(whole, random_acl(dice), "-d")
            elif dice.random() < 0.3:
                judges.run("setfacl", "-k", "--", whole)
        if kind == "file" and not linked and dice.random() < 0.2:
            judges.run("setcap", "-q", dice.choice(CAPABILITIES), whole)
        if kind in WITH_ATTRIBUTES and dice.random() < 0.4:
            kept = letters_kept(self.file_system, kind)
            self._final[path] = "".join(letter for letter in kept if dice.random() < 0.3)
