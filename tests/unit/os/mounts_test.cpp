// SPDX-License-Identifier: Apache-2.0
#include "os/mounts.hpp"

#include "support/catch.hpp"

#include <random>
#include <string>
#include <vector>

using namespace permward;

namespace {

// One line: `id` on `parent` at `point`.
std::string line(int id, int parent, const std::string& point, const std::string& type = "ext4",
                 const std::string& super_options = "rw") {
  return std::to_string(id) + ' ' + std::to_string(parent) + " 8:1 / " + point + " rw,relatime - " +
         type + " /dev/sda1 " + super_options + '\n';
}

std::vector<std::string> paths(const std::string& text) {
  const Result<Mounts> mounts = parse_mounts(text);
  REQUIRE(mounts.ok());
  std::vector<std::string> out;
  for (const Mount& mount : *mounts) out.push_back(mount.path + ' ' + std::to_string(mount.id));
  return out;
}

using Paths = std::vector<std::string>;

// The same below the directory `path` on the mount `mount`.
Paths paths_below(std::uint64_t mount, const std::string& path, const std::string& text) {
  const Result<Mounts> mounts = parse_mounts_below(text, {mount, path});
  REQUIRE(mounts.ok());
  Paths out;
  for (const Mount& one : *mounts) out.push_back(one.path + ' ' + std::to_string(one.id));
  return out;
}

Mount only(const std::string& text) {
  const Result<Mounts> mounts = parse_mounts(text);
  REQUIRE(mounts.ok());
  REQUIRE(mounts->size() == 1);
  return mounts->front();
}

}  // namespace

TEST_CASE("a line of mountinfo is read with and without optional fields") {
  const Mount plain = only("27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard\n");
  REQUIRE(plain.id == 27);
  REQUIRE(plain.path == "/");
  REQUIRE(plain.filesystem == "ext4");
  REQUIRE(plain.kind == MountKind::local);
  REQUIRE_FALSE(plain.foreign_rights);
  const Mount shared =
      only("36 1 98:0 /mnt1 /mnt2 rw,noatime shared:7 master:1 unbindable - xfs /dev/root rw");
  REQUIRE(shared.id == 36);
  REQUIRE(shared.path == "/mnt2");
  REQUIRE(shared.filesystem == "xfs");
  // A source may be empty, and stand for itself.
  REQUIRE(only("36 1 0:9 / /m rw - tmpfs  rw\n").filesystem == "tmpfs");
  REQUIRE(only("36 1 0:9 / /m rw - tmpfs - rw\n").filesystem == "tmpfs");
}

TEST_CASE("blanks, tabs, newlines and backslashes in mount points are taken back - T78") {
  REQUIRE(only(line(2, 1, "/a\\040b\\011c\\012d\\134e")).path == "/a b\tc\nd\\e");
  REQUIRE(only(line(2, 1, "/\\134040")).path == "/\\040");  // a backslash and three digits
  REQUIRE(only(line(2, 1, "/caf\xc3\xa9\xff")).path == "/caf\xc3\xa9\xff");
  // What the kernel never writes stays as it is.
  REQUIRE(only(line(2, 1, "/a\\04")).path == "/a\\04");
  REQUIRE(only(line(2, 1, "/a\\")).path == "/a\\");
  REQUIRE(only(line(2, 1, "/a\\0x1b")).path == "/a\\0x1b");
}

TEST_CASE("file systems are told apart by what they are - T102") {
  const auto kind = [](const std::string& type) { return only(line(2, 1, "/m", type)).kind; };
  for (const char* type : {"ext4", "xfs", "btrfs", "tmpfs", "ramfs", "vfat", "squashfs", "zfs"}) {
    INFO(type);
    REQUIRE(kind(type) == MountKind::local);
  }
  for (const char* type : {"nfs", "nfs4", "cifs", "fuse", "fuse.sshfs", "fuseblk", "overlay",
                           "autofs", "9p", "virtiofs", "ceph"}) {
    INFO(type);
    REQUIRE(kind(type) == MountKind::remote);
  }
  for (const char* type : {"proc", "sysfs", "cgroup", "cgroup2", "devpts", "mqueue", "tracefs",
                           "debugfs", "securityfs", "bpf", "binfmt_misc", "nsfs"}) {
    INFO(type);
    REQUIRE(kind(type) == MountKind::pseudo);
  }
}

TEST_CASE("rights of another kind are known by the file system and its options - T89") {
  const auto foreign = [](const std::string& type, const std::string& options) {
    return only(line(2, 1, "/m", type, options)).foreign_rights;
  };
  REQUIRE(foreign("nfs4", "rw,vers=4.2"));
  REQUIRE(foreign("cifs", "rw"));
  REQUIRE(foreign("fuse.sshfs", "rw,user_id=0,group_id=0"));
  REQUIRE(foreign("fuseblk", "rw,user_id=0"));
  REQUIRE_FALSE(foreign("fuseblk", "rw,user_id=0,default_permissions,allow_other"));
  REQUIRE_FALSE(foreign("nfs", "rw,vers=3"));
  REQUIRE_FALSE(foreign("ext4", "rw"));
}

TEST_CASE("a mount that maps ids says so among its own options - T92") {
  const auto id_mapped = [](const std::string& options, const std::string& super_options) {
    return only("2 1 8:1 / /m " + options + " shared:1 - ext4 /dev/sda1 " + super_options + '\n')
        .id_mapped;
  };
  REQUIRE(id_mapped("rw,relatime,idmapped", "rw"));
  REQUIRE(id_mapped("idmapped,ro", "rw"));
  REQUIRE_FALSE(id_mapped("rw,relatime", "rw"));
  REQUIRE_FALSE(id_mapped("rw", "rw,idmapped"));
  REQUIRE_FALSE(id_mapped("rw,idmapped2", "rw"));
}

TEST_CASE("mounts are sorted by path and one point is one mount, the uppermost - T19") {
  REQUIRE(paths(line(1, 0, "/") + line(5, 1, "/b") + line(6, 1, "/a") + line(7, 5, "/b")) ==
          Paths{"/ 1", "/a 6", "/b 7"});
  // An older mount that was moved onto a younger one is listed before it.
  REQUIRE(paths(line(1, 0, "/") + line(5, 6, "/b") + line(6, 1, "/b")) == Paths{"/ 1", "/b 5"});
  // The root itself, as an initramfs leaves it.
  REQUIRE(paths(line(1, 1, "/", "rootfs") + line(2, 1, "/") + line(3, 2, "/home")) ==
          Paths{"/ 2", "/home 3"});
}

TEST_CASE("a mount that another hides is none - T19") {
  // On the way to it, on its own file system.
  REQUIRE(paths(line(1, 0, "/") + line(2, 1, "/m/sub") + line(3, 1, "/m")) == Paths{"/ 1", "/m 3"});
  // And what lies on what is hidden, however it is listed.
  REQUIRE(paths(line(4, 2, "/m/sub/x") + line(3, 1, "/m") + line(2, 1, "/m/sub") +
                line(1, 0, "/")) == Paths{"/ 1", "/m 3"});
  // Whatever lies on the upper one is there.
  REQUIRE(paths(line(1, 0, "/") + line(2, 1, "/m/sub") + line(3, 1, "/m") + line(4, 3, "/m/sub")) ==
          Paths{"/ 1", "/m 3", "/m/sub 4"});
  // What covers the root of a mount covers all of it.
  REQUIRE(paths(line(1, 0, "/") + line(2, 1, "/m") + line(3, 2, "/m/a") + line(4, 2, "/m")) ==
          Paths{"/ 1", "/m 4"});
  REQUIRE(paths(line(1, 0, "/") + line(2, 1, "/old") + line(3, 1, "/")) == Paths{"/ 3"});
  // A name that only begins the same hides nothing.
  REQUIRE(paths(line(1, 0, "/") + line(2, 1, "/m/sub") + line(3, 1, "/m/su")) ==
          Paths{"/ 1", "/m/su 3", "/m/sub 2"});
  // In a change of root the parent of the first mounts is not listed.
  REQUIRE(paths(line(5, 4, "/dev") + line(6, 4, "/proc") + line(7, 5, "/dev/pts")) ==
          Paths{"/dev 5", "/dev/pts 7", "/proc 6"});
}

TEST_CASE("below a root the mounts are those on the way from it, by paths inside it - T19") {
  const std::string text = line(1, 0, "/") + line(2, 1, "/mnt") + line(3, 2, "/mnt/img/proc") +
                           line(4, 2, "/mnt/image") + line(5, 3, "/mnt/img/proc/x") +
                           line(6, 2, "/mnt/img/a\\040b") + line(7, 1, "/home");
  // A directory on a mount, with its own mount as `/`.
  REQUIRE(paths_below(2, "/mnt/img", text) == Paths{"/ 2", "/a b 6", "/proc 3", "/proc/x 5"});
  // A mount point.
  REQUIRE(paths_below(2, "/mnt", text) ==
          Paths{"/ 2", "/image 4", "/img/a b 6", "/img/proc 3", "/img/proc/x 5"});
  REQUIRE(paths_below(3, "/mnt/img/proc", text) == Paths{"/ 3", "/x 5"});
  // The host's own.
  REQUIRE(paths_below(1, "/", text) == paths(text));
  // A directory without a mount below it, and one that is only called alike.
  REQUIRE(paths_below(7, "/home/img", text) == Paths{"/ 7"});
  REQUIRE(paths_below(2, "/mnt/im", text) == Paths{"/ 2"});
}

TEST_CASE("what covers the name of a root is not below it, and hides nothing there - T19") {
  const std::string below = line(1, 0, "/") + line(2, 1, "/img/proc");
  // Mounted on the root, or on what lies above it, once it was opened.
  for (const std::string& covering :
       {line(3, 1, "/img"), line(3, 1, "/"), line(3, 1, "/img") + line(4, 3, "/img/x")}) {
    REQUIRE(paths_below(1, "/img", below + covering) == Paths{"/ 1", "/proc 2"});
  }
  // And the other way round: the upper one was opened.
  REQUIRE(paths_below(3, "/img", below + line(3, 1, "/img") + line(4, 3, "/img/x")) ==
          Paths{"/ 3", "/x 4"});
  // What covers a directory in the root hides what lies there.
  REQUIRE(
      paths_below(1, "/img", line(1, 0, "/") + line(2, 1, "/img/d/sub") + line(3, 1, "/img/d")) ==
      Paths{"/ 1", "/d 3"});
  REQUIRE(paths_below(1, "/img", line(1, 0, "/") + line(2, 1, "/img/d") + line(3, 2, "/img/d")) ==
          Paths{"/ 1", "/d 3"});
}

TEST_CASE("a root whose own mount is not listed has those that lie on it") {
  // A change of root: the mount that holds it is not seen any more.
  REQUIRE(paths_below(4, "/img", line(5, 4, "/img/dev") + line(6, 4, "/proc")) == Paths{"/dev 5"});
  REQUIRE(paths_below(9, "/img", line(1, 0, "/") + line(2, 1, "/img/x")).empty());
  REQUIRE(paths_below(1, "/a", line(2, 3, "/a/b") + line(3, 2, "/a/b")).empty());
}

TEST_CASE("what is no mountinfo is an error that shows the line") {
  for (const char* text :
       {"x", " ", "27", "27 1 254:0 / / rw", "27 1 254:0 / / rw shared:1",
        "a 1 8:1 / / rw - ext4 d r", "27 b 8:1 / / rw - ext4 d r", "27x 1 8:1 / / rw - ext4 d r",
        "-1 1 8:1 / / rw - ext4 d r", "99999999999999999999 1 8:1 / / rw - ext4 d r",
        "27 1 8:1 / relative rw - ext4 d r", "27 1 8:1 /  rw - ext4 d r", "27 1 8:1 / / rw -",
        "27 1 8:1 / / rw - "}) {
    INFO(text);
    const Result<Mounts> mounts = parse_mounts(line(1, 0, "/") + text + "\n" + line(2, 1, "/a"));
    REQUIRE_FALSE(mounts.ok());
    REQUIRE(mounts.error().kind == ErrorKind::invalid);
    REQUIRE(mounts.error().subject == text);
  }
  REQUIRE(paths("").empty());
  REQUIRE(paths("\n\n").empty());
}

TEST_CASE("a circle of mounts ends") {
  REQUIRE(paths(line(1, 2, "/a") + line(2, 1, "/a/b")).empty());
  REQUIRE(paths(line(1, 2, "/a") + line(2, 3, "/a") + line(3, 1, "/a")).empty());
}

TEST_CASE("any bytes are a list of mounts or an error") {
  std::mt19937 random(1);
  const std::string good =
      line(1, 0, "/") + line(2, 1, "/a\\040b", "tmpfs") + line(3, 2, "/a\\040b/c");
  for (int i = 0; i < 3000; ++i) {
    std::string text = good;
    for (int change = 0; change < 3 && !text.empty(); ++change) {
      const std::size_t at = random() % text.size();
      switch (random() % 4) {
        case 0:
          text[at] = static_cast<char>(random());
          break;
        case 1:
          text.erase(at, random() % 9);
          break;
        case 2:
          text.insert(at, 1, " \n\\-/0"[random() % 6]);
          break;
        default:
          text.resize(at + 1);
      }
    }
    const Result<Mounts> mounts = parse_mounts(text);
    if (!mounts.ok()) {
      REQUIRE(mounts.error().kind == ErrorKind::invalid);
      continue;
    }
    for (std::size_t m = 0; m < mounts->size(); ++m) {
      REQUIRE((*mounts)[m].path.starts_with('/'));
      if (m > 0) REQUIRE((*mounts)[m - 1].path < (*mounts)[m].path);
    }
  }
}

TEST_CASE("the mounts of this machine can be read") {
  const Kernel kernel;
  const Result<Mounts> mounts = read_mounts(kernel);
  REQUIRE(mounts.ok());
  REQUIRE_FALSE(mounts->empty());
}
