#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""real_tree_test.py --program PERMWARD: `rm -rf /etc/nginx` and more of the /etc of this machine, in a mount namespace in
which what is written to it goes elsewhere, and what brings it back."""

import shutil
import subprocess
import tempfile
from pathlib import Path

import cli_test
import judges
import sandbox

# What a Debian has of its own, and there is something in it.
REAL = [tree for tree in ("/etc/pam.d", "/etc/security", "/etc/apt", "/etc/dpkg")
        if Path(tree).is_dir()]
BUILD = """mkdir -p /etc/nginx/conf.d /etc/nginx/sites-enabled /etc/nginx/tls; cd /etc/nginx
echo 'worker_processes auto;' >nginx.conf; seq 1 5000 >mime.types; echo 'server {}' >conf.d/shop.conf; echo key >tls/server.key
ln -s ../conf.d/shop.conf sites-enabled/shop; chmod 0640 nginx.conf; chown :www-data nginx.conf; chmod 0700 tls; chmod 0400 tls/*
setfacl -m u:1:r,g:2:rw nginx.conf; setfacl -d -m u:1:rx conf.d; cp /bin/true module.so; setcap cap_net_bind_service=ep module.so
setfattr -n user.note -v 'a b' mime.types; chattr +i mime.types; touch -hd '2020-02-02 02:02:02.123456789' nginx.conf tls/* sites-enabled/*
touch -d 2021-01-01 conf.d tls sites-enabled ."""
SCRIPT = r"""set -e
mkfs.ext4 -q -F image; mkdir disk; mount -o loop image disk; mkdir disk/up disk/work
mount -t overlay -o lowerdir=/etc,upperdir=$PWD/disk/up,workdir=$PWD/disk/work none /etc
here=$PWD; (BUILD)
state=$here/state; accepted=$here/accepted
run() { "$PERMWARD" "$@" -p "$here/policy.toml" --state-dir "$state"; }
show() { for tree in TREES; do (SHOW); done; }
damage() { chattr -R -ia TREES 2>/dev/null || true; rm -rf TREES; ! ls -d TREES 2>/dev/null; }
run snapshot create -q; show >accepted
damage; run restore -q TREES; show | diff accepted -
damage; run apply -q; show | diff accepted -
run check -q
echo 'evil' >/etc/nginx/nginx.conf; rm -r /etc/nginx/tls; run restore -q /etc/nginx; show | diff accepted -
run undo -q || [ $? = 2 ]; grep -qx evil /etc/nginx/nginx.conf; [ ! -e /etc/nginx/tls ]; run restore -q /etc/nginx; show | diff accepted -
"""


class RealTree(cli_test.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not sandbox.real_root():
            sandbox.skip("needs root")

    def test_what_is_deleted_of_this_machine_is_back(self):
        trees = ["/etc/nginx", *REAL]
        place = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, place)
        rules = [f'[[rule]]\nid = "tree{number}"\npath = "{tree}"\nrecurse = true\ncontent = "pinned"\non_missing = "restore"\n'
                 for number, tree in enumerate(trees)]
        (place / "policy.toml").write_text("schema = 1\n" + "".join(rules), encoding="ascii")
        with open(place / "image", "wb") as image:
            image.truncate(256 << 20)
        script = SCRIPT.replace("TREES", " ".join(trees)).replace("BUILD", BUILD).replace("SHOW", judges.show_command("$tree"))
        before = judges.snapshot(Path("/"), b"etc/apt")
        done = subprocess.run(["unshare", "--mount", "--propagation", "private", "bash", "-c", script], cwd=place, text=True,
                              capture_output=True, check=False, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C",
                                                                     "PERMWARD": str(Path(self.program).resolve())})
        self.assertEqual(done.returncode, 0, done.stdout[-3000:] + done.stderr[-3000:])
        self.assertEqual(judges.snapshot(Path("/"), b"etc/apt"), before)


if __name__ == "__main__":
    cli_test.main()
