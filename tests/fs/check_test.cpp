// SPDX-License-Identifier: Apache-2.0
// Whole checks of small trees: what is looked at, what is found, and what is never done.
// `check_links_test.cpp` has those in which links lead somewhere.
#include "engine/check.hpp"

#include "fs/check_support.hpp"
#include "support/catch.hpp"
#include "support/checked.hpp"
#include "support/id_mapped.hpp"
#include "support/image_mount.hpp"
#include "support/other_user.hpp"
#include "support/patience.hpp"
#include "support/real_acl.hpp"
#include "support/skip.hpp"
#include "support/special_files.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

using namespace permward;
using namespace permward::test;

namespace {

// Everything that this version can demand.
const char* const everything =
    "owner = \"root\"\ngroup = \"root\"\nmode = { at_most = \"0777\" }\nacl = []\n";

// What happened to the entries of a directory: events of inotify(7), but of directories being
// opened, listed and closed.
class Watched {
 public:
  explicit Watched(const std::string& directory) : fd_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
    REQUIRE(fd_ >= 0);
    REQUIRE(inotify_add_watch(fd_, directory.c_str(), IN_ALL_EVENTS) >= 0);
  }
  ~Watched() { close(fd_); }
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;

  Lines events() const {
    Lines out;
    alignas(inotify_event) std::array<char, 65536> buffer{};
    for (;;) {
      const ssize_t got = read(fd_, buffer.data(), buffer.size());
      if (got <= 0) return out;
      for (ssize_t at = 0; at < got;) {
        const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
        at += static_cast<ssize_t>(sizeof *event + event->len);
        const bool looked =
            (event->mask & IN_ISDIR) != 0 &&
            (event->mask & ~std::uint32_t{IN_ISDIR | IN_OPEN | IN_ACCESS | IN_CLOSE}) == 0;
        if (looked) continue;
        out.push_back(std::string(event->len > 0 ? static_cast<const char*>(event->name) : "") +
                      ' ' + std::to_string(event->mask));
      }
    }
  }

 private:
  int fd_;
};

}  // namespace

TEST_CASE("nothing but directories is ever opened - T33 T68") {
  for (const FileSystem file_system : all_file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    TempTree& tree = mount.tree();
    tree.directory("d");
    make_every_type(tree, "d/");
    // Out of policy too, so that each is looked at again by a descriptor.
    tree.directory("bad");
    make_every_type(tree, "bad/");
    for (const std::string_view type : type_names) {
      if (type != "absent") tree.chown("bad/" + std::string(type), mallory, mallory);
    }
    std::string policy = rule("tree", tree.root(), std::string("recurse = true\n") + everything);
    for (const std::string_view type : type_names) {
      if (type == "absent") continue;
      const std::string path = tree.path("d/") + std::string(type);
      policy += rule("literal-" + std::string(type), path,
                     "type = \"" + std::string(type) + "\"\nowner = \"root\"");
      // Where a file is expected.
      policy += rule("file-" + std::string(type), tree.path("bad/") + std::string(type),
                     "type = \"file\"\nmode = \"0600\"\nacl = []");
    }
    const Watched d(tree.path("d"));
    const Watched bad(tree.path("bad"));
    const auto start = std::chrono::steady_clock::now();
    const Checked checked = check_text(policy);
    REQUIRE(std::chrono::steady_clock::now() - start < patience(std::chrono::seconds(5)));
    REQUIRE(d.events().empty());
    REQUIRE(bad.events().empty());
    REQUIRE(checked.outcome.objects == 3 + 14);
    const Lines lines = checked.lines();
    for (const std::string_view type : type_names) {
      if (type == "absent") continue;
      const std::string path = tree.path("bad/") + std::string(type);
      const Lines expected =
          type == "file" ? Lines{path + " owner violation"} : Lines{path + " type violation"};
      for (const std::string& one : expected) {
        INFO(one);
        REQUIRE(std::count(lines.begin(), lines.end(), one) == 1);
      }
    }
  }
}

TEST_CASE("a write lease holds nothing up and is not broken - T68") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  const std::string path = tree.file("f", "x", 0644);
  tree.chown("f", mallory, mallory);
  set_acl(path, acl_for_user(mallory, 6, 6));
  // mallory leases his file, and gives up once the lease is broken.
  const Busy lease(mallory, mallory, [&path] {
    static int fd = -1;
    if (fd < 0) {
      (void)signal(SIGIO, SIG_IGN);
      fd = open(path.c_str(), O_RDWR | O_CLOEXEC);
      if (fd < 0 || fcntl(fd, F_SETLEASE, F_WRLCK) != 0) return false;
    }
    usleep(1000);
    return fcntl(fd, F_GETLEASE) == F_WRLCK;
  });
  const auto start = std::chrono::steady_clock::now();
  const Checked checked =
      check_text(rule("f", path, "type = \"file\"\nowner = \"root\"\nmode = \"0600\"\nacl = []") +
                 rule("t", tree.root(), "recurse = true\nmode = { at_most = \"0755\" }"));
  REQUIRE(std::chrono::steady_clock::now() - start < patience(std::chrono::seconds(5)));
  REQUIRE(checked.lines() ==
          Lines{path + " owner violation", path + " mode violation", path + " acl violation"});
  const std::uint64_t held = lease.times();
  usleep(20000);
  REQUIRE(lease.times() > held);
}

TEST_CASE("at most 0600 refuses 0577, 0466 and 0077") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  Lines expected;
  std::string policy;
  for (const mode_t mode : {mode_t{0077}, mode_t{0466}, mode_t{0577}, mode_t{0600}, mode_t{0400},
                            mode_t{0000}, mode_t{04600}, mode_t{01000}}) {
    const std::string path = tree.file(std::to_string(mode), "", mode);
    policy += rule("m" + std::to_string(mode), path, "mode = { at_most = \"0600\" }");
    if ((mode & ~mode_t{0600}) != 0) expected.push_back(path + " mode violation");
  }
  std::sort(expected.begin(), expected.end());
  REQUIRE(check_text(policy).lines() == expected);
}

TEST_CASE("what is missing, a link to a 0666 file and an extra ACL entry are violations - T01") {
  for (const FileSystem file_system : file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    TempTree& tree = mount.tree();
    const std::string wide = tree.file("wide", "", 0666);
    const std::string link = tree.symlink("link", wide);
    const std::string extra = tree.file("extra", "", 0640);
    set_acl(extra, {{AclTag::user_obj, 6, 0},
                    {AclTag::user, 4, mallory},
                    {AclTag::group_obj, 4, 0},
                    {AclTag::mask, 4, 0},
                    {AclTag::other, 0, 0}});
    const std::string missing = tree.path("missing");
    const Checked checked =
        check_text(rule("missing", missing, "mode = \"0640\"") +
                   rule("link", link, "type = \"file\"\nowner = \"root\"\nmode = \"0640\"") +
                   rule("untyped", tree.symlink("untyped", wide), "mode = \"0640\"") +
                   rule("extra", extra, "mode = \"0640\"\nacl = []"));
    REQUIRE(checked.lines() == Lines{extra + " acl violation", link + " type violation",
                                     missing + " presence violation",
                                     tree.path("untyped") + " type violation"});
    REQUIRE(checked.outcome.objects == 4);
    REQUIRE(checked.outcome.compliant == 0);
  }
}

TEST_CASE("two rules of a tree that touch other bits are both in force") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  tree.file("a/plain", "", 0644);
  tree.file("a/wide", "", 0646);
  tree.file("a/set", "", 04755);
  tree.file("a/both", "", 02757);
  const Checked checked = check_text(rule("w", tree.root(), "recurse = true\nmode = \"o-w\"") +
                                     rule("s", tree.root(), "recurse = true\nmode = \"ug-s\""));
  REQUIRE(checked.lines() ==
          Lines{tree.path("a/both") + " mode violation", tree.path("a/both") + " mode violation",
                tree.path("a/set") + " mode violation", tree.path("a/wide") + " mode violation"});
}

TEST_CASE("two rules over the root that touch other bits are both in force") {
  TempTree tree;
  tree.file("plain", "", 0644);
  tree.file("wide", "", 0646);
  tree.file("set", "", 04755);
  // The run is restricted to what is known here.
  CheckOptions options;
  options.paths = {tree.root()};
  const std::string everywhere = "recurse = true\ncross_filesystems = true\n";
  const Checked checked = check_text(rule("w", "/", everywhere + "mode = \"o-w\"") +
                                         rule("s", "/", everywhere + "mode = \"ug-s\""),
                                     options);
  REQUIRE(checked.lines() ==
          Lines{tree.path("set") + " mode violation", tree.path("wide") + " mode violation"});
  REQUIRE(checked.outcome.objects == 4);
}

TEST_CASE("names of every byte are found and reported as they are - T78 T79") {
  for (const FileSystem file_system : all_file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    TempTree& tree = mount.tree();
    Lines expected;
    for (int byte = 1; byte < 256; ++byte) {
      if (byte == '/') continue;
      std::string entry = "n";
      entry += static_cast<char>(byte);
      expected.push_back(tree.file("d/" + entry, "", 0666) + " mode violation");
      entry[0] = static_cast<char>(byte);
      if (entry == "..") continue;
      expected.push_back(tree.file("e/" + entry + "/x", "", 0666) + " mode violation");
    }
    expected.push_back(tree.file("d/" + std::string(255, 'l'), "", 0666) + " mode violation");
    std::sort(expected.begin(), expected.end());
    const Checked checked =
        check_text(rule("all", tree.root(), "recurse = true\nfiles = { mode = \"0644\" }"));
    REQUIRE(checked.lines() == expected);
  }
}

TEST_CASE("ids without accounts and extreme modes are numbers in a report - T82 T106") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  const std::string f = tree.file("f");
  tree.chown("f", 4294967294, 4294967294);
  set_acl(f, {{AclTag::user_obj, 7, 0},
              {AclTag::user, 6, 103221},
              {AclTag::group_obj, 7, 0},
              {AclTag::group, 4, 4294967294},
              {AclTag::mask, 7, 0},
              {AclTag::other, 7, 0}});
  tree.chmod("f", 07777);
  const std::string same = "owner = 4294967294\ngroup = 4294967294\nmode = \"7777\"\n";
  REQUIRE(check_text(rule("same", f, same + "acl = [\"u:103221:rw\", \"g:4294967294:r\"]\n"))
              .in_policy());
  const Checked checked =
      check_text(rule("f", f, "owner = 0\ngroup = 0\nmode = \"0600\"\nacl = []\n"));
  REQUIRE(checked.outcome.findings.size() == 4);
  REQUIRE(checked.outcome.findings[0].actual == "4294967294");
  REQUIRE(checked.outcome.findings[1].actual == "4294967294");
  REQUIRE(checked.outcome.findings[3].actual.find("103221") != std::string::npos);
  REQUIRE(checked.outcome.findings[3].actual.find("4294967294") != std::string::npos);
}

TEST_CASE("the largest ACL is compared whole - T80") {
  ImageMount mount(FileSystem::tmpfs);
  TempTree& tree = mount.tree();
  const std::string f = tree.file("f", "", 0640);
  std::vector<AclEntry> entries{{AclTag::user_obj, 6, 0}, {AclTag::group_obj, 4, 0}};
  for (std::uint32_t i = 0; i < 8187; ++i) entries.push_back({AclTag::group, 4, 10000 + i});
  entries.push_back({AclTag::mask, 4, 0});
  entries.push_back({AclTag::other, 0, 0});
  set_acl(f, entries);
  const auto policy = [&](std::uint32_t last) {
    std::string listed;
    for (std::uint32_t i = 0; i < 8187; ++i) {
      listed += "\"g:" + std::to_string(i == 8186 ? last : 10000 + i) + ":r\",";
    }
    return rule("f", f, "acl = [" + listed + "]");
  };
  REQUIRE(check_text(policy(18186)).in_policy());
  REQUIRE(check_text(policy(18187)).lines() == Lines{f + " acl violation"});
}

TEST_CASE("where no ACL can be kept, none holds and any other demand is an error - T89") {
  TempTree tree;
  Mounted ramfs("ramfs", tree.directory("ramfs"), "ramfs");
  const std::string f = tree.file("ramfs/f", "", 0640);
  REQUIRE(check_text(rule("none", f, "mode = \"0640\"\nacl = []") +
                     rule("most", tree.file("ramfs/g"), "acl = { at_most = [\"u:7001:r\"] }"))
              .in_policy());
  REQUIRE(check_text(rule("some", f, "acl = [\"u:7001:r\"]") +
                     rule("least", tree.path("ramfs/g"), "acl = { at_least = [\"u:7001:r\"] }"))
              .lines() == Lines{f + " acl error", tree.path("ramfs/g") + " acl error"});
}

TEST_CASE("whose an object of an id-mapped mount is is known where he has an id there - T92") {
#ifdef __SANITIZE_THREAD__
  SKIP_TEST("the thread sanitizer has a thread in each process: none makes a user namespace");
#endif
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  const std::string at = tree.directory("mapped");
  tree.file("real/known");
  const std::string unknown = tree.file("real/unknown");
  REQUIRE(chown(tree.path("real/known").c_str(), 7, 7) == 0);
  REQUIRE(chown(unknown.c_str(), 7001, 7001) == 0);
  const IdMapped mapped(tree.path("real"), at, 100000);
  const auto policy = [&](const std::string& name, const std::string& id) {
    return rule("f", at + '/' + name, "owner = " + id + "\ngroup = " + id);
  };
  REQUIRE(check_text(policy("known", "100007")).in_policy());
  REQUIRE(check_text(policy("unknown", "65534")).lines() ==
          Lines{at + "/unknown owner error", at + "/unknown group error"});
  REQUIRE(check_text(policy("unknown", "7001")).lines() ==
          Lines{at + "/unknown owner violation", at + "/unknown group violation"});
  REQUIRE(chown(unknown.c_str(), 65534, 65534) == 0);
  REQUIRE(check_text(rule("f", unknown, "owner = 65534\ngroup = 65534")).in_policy());
}

TEST_CASE("a read-only file system is checked like any other - T88") {
  TempTree tree;
  Mounted tmpfs("tmpfs", tree.directory("m"), "tmpfs");
  tree.file("m/f", "", 0666);
  REQUIRE(mount(nullptr, tree.path("m").c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0);
  REQUIRE(check_text(rule("f", tree.path("m/f"), "mode = \"0600\"")).lines() ==
          Lines{tree.path("m/f") + " mode violation"});
}
