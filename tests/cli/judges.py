# SPDX-License-Identifier: Apache-2.0
"""What lstat(2), getfacl(1), lsattr(1), getcap(8) and the content say of a tree: the judges of what a run
did to it. Nothing here is permward's, and names are bytes that may be anything.
"""

import hashlib
import os
import re
import stat
import subprocess

def show_command(directory, times_of_directories=True):
    """What bash runs to show all that tells two trees apart, but for the numbers of inodes and times that nobody can set.
    The size of a directory is the file system's, and so is what it has of attributes where lsattr(1) cannot ask."""
    time = " %T@" if times_of_directories else ""
    return f"""cd {directory} && find . ! -type d -printf '%p %y %m %U %G %l %s %T@ %n\\n' -o -printf '%p %y %m %U %G{time}\\n' | sort
find . ! -type l -print0 | sort -z | xargs -0 getfacl -Pn; find . -print0 | sort -z | xargs -0 getfattr -hd -m-
getcap -r . | sort; find . ! -type l -print0 | sort -z | xargs -0 lsattr -d 2>/dev/null
find . -type f -exec sha256sum {{}} + | sort"""


TYPES = {stat.S_IFREG: "file", stat.S_IFDIR: "directory", stat.S_IFLNK: "symlink", stat.S_IFIFO: "fifo",
         stat.S_IFSOCK: "socket", stat.S_IFCHR: "char", stat.S_IFBLK: "block"}
CAPABILITIES = "security.capability"
MOST_ARGUMENTS = 1000
# What ext4 sets by itself, and does not take back: that a directory has an index.
NOT_JUDGED = "I"


def run(*command, **options):
    """What it writes to stdout; an exception with all it says if it fails."""
    done = subprocess.run(command, capture_output=True, check=False, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{command[:8]}: {done.returncode}: {(done.stdout + done.stderr)[-2000:]!r}")
    return done.stdout


def paths_below(root, top):
    """`top` and all that lies below it, a directory before what lies in it; relative to `root`, as bytes."""
    out = [top]
    for directory, directories, files in os.walk(os.path.join(root, top)):
        directories.sort()
        out += sorted(os.path.relpath(os.path.join(directory, name), root) for name in directories + files)
    return sorted(out)


def status(path):
    """Times and the number of the inode tell two trees apart that are alike, and so does the size of a
    directory."""
    found = os.lstat(path)
    kind = TYPES[stat.S_IFMT(found.st_mode)]
    out = {"type": kind, "owner": found.st_uid, "group": found.st_gid,
           "mode": f"{stat.S_IMODE(found.st_mode):04o}"}
    if kind == "file":
        out["size"] = found.st_size
        with open(path, "rb") as file:
            out["content"] = hashlib.sha256(file.read()).hexdigest()
    if kind == "symlink":
        out["target"] = os.readlink(path)
    return out


def unescaped(name):
    return re.sub(rb"\\(\\|[0-7]{3})", lambda it: b"\\" if it[1] == b"\\" else bytes([int(it[1], 8)]), name)


def acls(root, top):
    """{path: what getfacl shows of it below its name}."""
    out = {}
    for block in run("getfacl", "-R", "-P", "-n", "-p", top, cwd=root).split(b"\n\n"):
        if block:
            name, rest = block.removeprefix(b"# file: ").split(b"\n", 1)
            out[unescaped(name)] = rest.decode("ascii")
    return out


def attributes(root, paths):
    """{path: letters}, of files and directories alone. lsattr names them as they are, newlines too, in the
    order in which they are given."""
    out = {}
    for begin in range(0, len(paths), MOST_ARGUMENTS):
        asked = paths[begin:begin + MOST_ARGUMENTS]
        said = run("lsattr", "-d", "--", *asked, cwd=root)
        for path in asked:
            letters, said = said.split(b" ", 1)
            assert said.startswith(path + b"\n"), (path, said[:300])
            said = said[len(path) + 1:]
            kept = letters.decode("ascii").replace("-", "")
            out[path] = "".join(letter for letter in kept if letter not in NOT_JUDGED)
        assert not said, said
    return out


def capabilities(root, top, paths):
    """{path: text}, of those files that have some."""
    said = b"\n" + run("getcap", "-r", top, cwd=root)
    out = {}
    left = len(said) - 1
    for path in paths:
        if CAPABILITIES not in os.listxattr(os.path.join(root, path), follow_symlinks=False):
            continue
        found = re.search(rb"\n" + re.escape(path) + rb" ([^\n]*)\n", said)
        assert found, (path, said)
        out[path] = found[1].decode("ascii")
        left -= len(path) + len(found[1]) + 2
    assert left == 0, said
    return out


def extended_attributes(path):
    return {name: os.getxattr(path, name, follow_symlinks=False)
            for name in os.listxattr(path, follow_symlinks=False)}


def snapshot(root, top=b"etc"):
    """{path: {fact: what the judge of it says}} of all of it."""
    root = os.fsencode(root)
    out = {path: status(os.path.join(root, path)) for path in paths_below(root, top)}
    for path, facts in out.items():
        facts["xattrs"] = extended_attributes(os.path.join(root, path))
    plain = [path for path, facts in out.items() if facts["type"] in ("file", "directory")]
    for fact, found in [("acl", acls(root, top)), ("attributes", attributes(root, plain)),
                        ("capabilities", capabilities(root, top, list(out)))]:
        for path, text in found.items():
            out[path][fact] = text
    return out


def differences(wanted, found):
    """[(path, fact, what was wanted, what was found)]; all of an object that one of them lacks."""
    out = []
    for path in sorted(wanted.keys() | found.keys()):
        a, b = wanted.get(path), found.get(path)
        if a is None or b is None:
            out.append((path, "presence", a, b))
            continue
        out += [(path, fact, a.get(fact), b.get(fact)) for fact in sorted(a.keys() | b.keys())
                if a.get(fact) != b.get(fact)]
    return out
