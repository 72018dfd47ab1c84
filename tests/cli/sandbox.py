# SPDX-License-Identifier: Apache-2.0
"""A root directory of its own for the program, so that every path and name in its output is the same on
every machine.

In a mount and a UTS namespace (and, without root, a user namespace) a tmpfs becomes `/`: /usr/bin and the
libraries of the host read-only, /proc, a few devices, a passwd of our own, and the build directory at
its own path. Commands run in it by chroot; what they make is gone with the namespace.
"""

import atexit
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

SKIPPED = 77
INSIDE = "--inside-the-sandbox"

PASSWD = """\
root:x:0:0:root:/root:/bin/bash
alice:x:1001:1001::/home/alice:/bin/bash
bob:x:1002:1002::/home/bob:/bin/bash
www-data:x:33:33::/var/www:/usr/sbin/nologin
nobody:x:65534:65534::/nonexistent:/usr/sbin/nologin
"""
GROUP = """\
root:x:0:
shadow:x:42:
www-data:x:33:
deploy:x:1500:alice
alice:x:1001:
bob:x:1002:
nogroup:x:65534:
"""
DEVICES = ["null", "zero", "full", "tty", "urandom"]


def patience(seconds):
    """How long to wait for what takes that long at most, on a machine that is so many times slower than any."""
    return seconds * float(os.environ.get("PERMWARD_TEST_SLOWNESS", "1"))


def pinned(path):
    """A policy that pins what lies there."""
    return f'schema = 1\n[[rule]]\nid = "pinned"\npath = "{path}"\nrecurse = true\ncontent = "pinned"\n'


def without_leak_search():
    """The environment of a program that is traced, or that a signal may reach at its end: a search for leaks
    cannot be in a process that is traced, and one that a signal interrupts never ends."""
    return {"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"}


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)


def enter():
    """Runs this script again in namespaces of its own; returns there. `sys.argv` is as it was."""
    if INSIDE in sys.argv:
        sys.argv.remove(INSIDE)
        return
    unshare = ["unshare", "--mount", "--uts", "--propagation", "private"]
    if os.geteuid() != 0:
        unshare += ["--user", "--map-root-user"]
    probe = subprocess.run([*unshare, "true"], capture_output=True, text=True, check=False)
    if probe.returncode != 0:
        skip(f"needs root or a user namespace: {probe.stderr.strip()}")
    os.environ["PERMWARD_REAL_ROOT"] = "1" if os.geteuid() == 0 else "0"
    os.execvp(unshare[0], [*unshare, sys.executable, *sys.argv, INSIDE])


def real_root():
    """Whether files can be given to others, and devices made."""
    return os.environ["PERMWARD_REAL_ROOT"] == "1"


# Where the sandbox is a user namespace there is nobody to become, and every look says so: on a terminal,
# in lines, and in JSON.
RIGHTS_WARNINGS = [re.compile(pattern, re.MULTILINE) for pattern in [
    rb"^(\x1b\[\d+m)?warning\[W0006\].*\n.*help.*\n\r?\n",
    rb"^permward: warning: .*\[W0006\]\npermward: note: .*\n",
    rb",?\{\"code\":\"W0006\",[^}]*\}"]]


def without_gcov(text):
    """What a program that counts its lines says where it may not write the counts. It has dropped the
    variable that would silence it, with all of its environment."""
    if "GCOV_ERROR_FILE" not in os.environ:
        return text
    return b"".join(line for line in text.splitlines(keepends=True) if not line.startswith(b"profiling:"))


def without_rights_warning(output):
    if not real_root():
        for pattern in RIGHTS_WARNINGS:
            output = pattern.sub(b"", output)
    return output


def mount(*arguments):
    subprocess.run(["mount", *map(str, arguments)], check=True)


def bind(root, path, *options):
    target = root / str(path).lstrip("/")
    if path.is_dir():
        target.mkdir(parents=True, exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    mount("--rbind", *options, path, target)


class Sandbox:
    """`program` is the permward to test, in the `src` of its build directory."""

    def __init__(self, program):
        self.program = Path(program).resolve()
        self.root = Path(tempfile.mkdtemp(prefix="permward-cli-"))
        os.umask(0o022)
        mount("-t", "tmpfs", "-o", "mode=0755", "permward", self.root)
        atexit.register(self._remove)
        socket.sethostname("testhost")
        self._system()
        self._accounts()
        (self.root / "tmp").mkdir()
        (self.root / "tmp").chmod(0o1777)
        self.work = self.root / "w"
        self.work.mkdir()
        bind(self.root, self.program.parent.parent)  # all of the build: coverage is written there

    def _remove(self):
        """All but the mount point goes with the namespace; that lies in the machine's own /tmp."""
        subprocess.run(["umount", "--lazy", self.root], check=True)
        self.root.rmdir()

    def _system(self):
        for programs in [Path("/usr/bin"), Path("/usr/sbin")]:
            if not programs.is_symlink():
                bind(self.root, programs)
        libraries = Path("/usr/lib")  # those of programs, and of those in Python
        for library in [*libraries.glob("*-linux-gnu*"), *libraries.glob("python3*"), Path("/usr/lib64")]:
            if library.is_dir() and not library.is_symlink():
                bind(self.root, library)
        for name in ["bin", "lib", "lib64"]:
            (self.root / name).symlink_to(f"usr/{name}")
        bind(self.root, Path("/proc"))
        for device in DEVICES:
            bind(self.root, Path("/dev") / device)
        (self.root / "dev/fd").symlink_to("/proc/self/fd")
        for number, stream in enumerate(["stdin", "stdout", "stderr"]):
            (self.root / "dev" / stream).symlink_to(f"/proc/self/fd/{number}")

    def _accounts(self):
        etc = self.root / "etc"
        etc.mkdir()
        (etc / "passwd").write_text(PASSWD, encoding="ascii")
        (etc / "group").write_text(GROUP, encoding="ascii")
        (etc / "nsswitch.conf").write_text("passwd: files\ngroup: files\n", encoding="ascii")

    def popen(self, command, environment=None, preexec=None, **options):
        """Starts bash on `command`, in /w. What it traces does not look for leaks. `options` are those of Popen."""

        def inside():
            os.chroot(self.root)
            os.chdir("/w")
            if preexec:
                preexec()

        variables = {"PATH": f"{self.program.parent}:/usr/bin:/usr/sbin:/bin", "LC_ALL": "C", "HOME": "/w"}
        # What an instrumented program is told about itself.
        variables.update({k: v for k, v in os.environ.items()
                          if k.endswith("SAN_OPTIONS") or k == "GCOV_ERROR_FILE"})
        if "strace " in command:
            variables.update(without_leak_search())
        variables.update(environment or {})
        return subprocess.Popen(["/usr/bin/bash", "-c", command], env=variables,
                                preexec_fn=inside, **options)

    def image(self, name, kind, size, options=""):
        """A new file system of that kind at /w/NAME. Returns what unmounts it. The sandbox has no loop devices: the host's
        are asked."""
        point = self.work / name
        point.mkdir(exist_ok=True)
        if kind == "overlay":
            upper = self.work / f"{name}-upper"
            upper.mkdir(exist_ok=True)
            mount("-t", "tmpfs", "none", upper)
            for part in ("lower", "up", "work"):
                (upper / part).mkdir()
            mount("-t", "overlay", "-o", f"lowerdir={upper}/lower,upperdir={upper}/up,workdir={upper}/work", "none", point)
        elif kind == "tmpfs":
            mount("-t", "tmpfs", "-o", f"mode=0755,size={size}", "none", point)
        else:
            force = "-F" if kind == "ext4" else "-f"
            status, out, err = self.run(f"rm -f image; truncate -s {size} image; mkfs.{kind} -q {force} {options} image")
            assert status == 0, (out, err)
            mount("-o", "loop", self.work / "image", point)

        def unmount():
            subprocess.run(["umount", "-l", point], check=False)
            if kind == "overlay":
                subprocess.run(["umount", "-l", self.work / f"{name}-upper"], check=False)
        return unmount

    def run(self, command, environment=None, timeout=60, **options):
        """Runs it to its end. Returns (status, stdout, stderr), the outputs as bytes."""
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE,
                   "stderr": subprocess.PIPE, "start_new_session": True, **options}
        with self.popen(command, environment, **options) as process:
            try:
                out, err = process.communicate(timeout=patience(timeout))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)  # with all that it has started
                raise
        return process.returncode, *(without_rights_warning(without_gcov(text)) for text in (out or b"", err or b""))
