#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""off_host_test.py --program PERMWARD [CLASS]: the commands of docs/how-to/off-host-copies.md for restic(1) and borg(1), with
these programs where they are installed. Only the place of the repository is another, and the time in an archive's name."""

import re
import shutil
from pathlib import Path

import cli_test
import sandbox

GUIDE = (Path(__file__).parents[2] / "docs/how-to/off-host-copies.md").read_text(encoding="utf-8")
SETTING = """rm -rf etc state repo; mkdir -p etc/permward/policy.d etc/nginx; echo 'worker_processes auto;' >etc/nginx/nginx.conf
chmod 0640 etc/nginx/nginx.conf; setfacl -m u:bob:r etc/nginx/nginx.conf"""
SHOW = "stat -c '%n %a %U:%G %Y' etc/nginx etc/nginx/*; getfacl -cE etc/nginx/*; sha256sum etc/nginx/*"
EXPORT = "permward snapshot export"
STORE = "--state-dir /w/state"


def commands(title):
    """The lines of the block without a prompt below that heading."""
    section = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", GUIDE, re.M | re.S)[1]
    return re.search(r"^```sh\n(.*?)^```", section, re.M | re.S)[1].splitlines()


class Repository:
    tool = title = setting = environment = ""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not sandbox.real_root():
            sandbox.skip("needs root")
        if not shutil.which(cls.tool):
            sandbox.skip(f"{cls.tool} is not installed")
        (cls.box.work / "pins.toml").write_text(sandbox.pinned("/w/etc/nginx"), encoding="ascii")

    def setUp(self):
        self.shell(SETTING)
        self.shell(f"permward snapshot create -q -p pins.toml {STORE}")
        self.shell(self.setting)

    def shell(self, command, statuses=(0,)):
        status, out, err = self.box.run(f"set -o pipefail; export {self.environment}; {command}", timeout=300)
        self.assertIn(status, statuses, (command, out, err))
        return out.decode()

    def of_the_guide(self, line):
        """As it stands there, but for where things lie."""
        return (line.replace(EXPORT, f"{EXPORT} {STORE}").replace("/etc/nginx", "/w/etc/nginx")
                .replace("restore --from -", "restore -q -p pins.toml --from - " + STORE))

    def test_a_copy_goes_there_and_comes_back(self):
        store, take_back = commands(self.title)
        before = self.shell(SHOW)
        self.shell(self.of_the_guide(store))
        self.shell("rm -r etc/nginx state")
        self.shell(self.of_the_guide(take_back))
        self.assertEqual(self.shell(SHOW), before)

    def test_an_export_that_fails_is_a_backup_that_fails(self):
        self.shell("rm -r state/snapshots/*")
        self.shell(self.of_the_guide(commands(self.title)[0]), range(1, 256))
        self.assertEqual(self.archives(), [])


class Restic(Repository, cli_test.TestCase):
    tool, title = "restic", "To a restic repository"
    environment = "RESTIC_REPOSITORY=/w/repo RESTIC_PASSWORD=test RESTIC_CACHE_DIR=/w/cache"
    setting = "restic init -q"

    def archives(self):
        return re.findall(r"web1", self.shell("restic snapshots"))


class Borg(Repository, cli_test.TestCase):
    tool, title = "borg", "To a borg repository"
    environment = "BORG_BASE_DIR=/w BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes BORG_RELOCATED_REPO_ACCESS_IS_OK=yes"
    setting = "borg init -e none repo"

    def archives(self):
        return self.shell("borg list --short repo").split()

    def of_the_guide(self, line):
        line = super().of_the_guide(line).replace("ssh://backup/./repo", "repo")
        return re.sub(r"web1-[0-9T:-]+", lambda _: self.archives()[-1], line)


if __name__ == "__main__":
    cli_test.main()
