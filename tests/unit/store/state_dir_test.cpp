// SPDX-License-Identifier: Apache-2.0
#include "store/state_dir.hpp"

#include "support/catch.hpp"
#include "support/real_acl.hpp"
#include "support/skip.hpp"
#include "support/temp_tree.hpp"

#include <cerrno>
#include <filesystem>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

using namespace permward;
using permward::test::acl_for_user;
using permward::test::set_acl;
using permward::test::TempTree;
using Missing = StateDir::Missing;

namespace fs = std::filesystem;

namespace {

constexpr std::uint32_t mallory = 7001;

mode_t mode_of(const std::string& path) {
  struct stat facts {};
  REQUIRE(::lstat(path.c_str(), &facts) == 0);
  REQUIRE(facts.st_uid == ::geteuid());
  REQUIRE(facts.st_gid == ::getegid());
  return facts.st_mode & 07777;
}

class Umask {
 public:
  explicit Umask(mode_t mask) : before_(::umask(mask)) {}
  ~Umask() { ::umask(before_); }
  Umask(const Umask&) = delete;
  Umask& operator=(const Umask&) = delete;

 private:
  mode_t before_;
};

// The component that is blamed, or what else it is.
std::string refused(const std::string& path, Missing missing = Missing::is_created) {
  const auto opened = StateDir::open(path, missing);
  if (opened.ok()) return "opened";
  if (opened.error().kind != ErrorKind::insecure_path) return "another error";
  return opened.error().subject;
}

}  // namespace

TEST_CASE("the state directory is made 0700 and its parents 0755 whatever the umask") {
  for (const mode_t mask : {0U, 022U, 0277U, 0777U}) {
    // Who is not root needs search permission on the way.
    if (::geteuid() != 0 && mask != 0 && mask != 022) continue;
    TempTree tree;
    const Umask umask(mask);
    const auto made = StateDir::open(tree.path("var/lib/state/"), Missing::is_created);
    INFO("umask " << mask);
    REQUIRE(made.ok());
    REQUIRE(made->path() == tree.path("var/lib/state"));
    REQUIRE(made->path_of("lock") == tree.path("var/lib/state/lock"));
    REQUIRE(mode_of(tree.path("var")) == 0755);
    REQUIRE(mode_of(tree.path("var/lib")) == 0755);
    REQUIRE(mode_of(tree.path("var/lib/state")) == 0700);
    struct stat held {
    }, named{};
    REQUIRE(::fstat(made->get(), &held) == 0);
    REQUIRE(::stat(tree.path("var/lib/state").c_str(), &named) == 0);
    REQUIRE(held.st_ino == named.st_ino);
  }
}

TEST_CASE("a state directory that is there is taken as it is") {
  TempTree tree;
  tree.directory("state", 0750);
  for (const Missing missing : {Missing::is_error, Missing::is_created}) {
    REQUIRE(StateDir::open(tree.path("state"), missing).ok());
  }
  REQUIRE(mode_of(tree.path("state")) == 0750);
}

TEST_CASE("a missing state directory is an error where it is not to be made, and stays missing") {
  TempTree tree;
  for (const char* name : {"state", "no/state"}) {
    const auto opened = StateDir::open(tree.path(name), Missing::is_error);
    REQUIRE_FALSE(opened.ok());
    REQUIRE(opened.error().kind == ErrorKind::not_found);
  }
  REQUIRE(fs::is_empty(tree.root()));
}

TEST_CASE("what is no absolute path with a name at its end is no state directory") {
  TempTree tree;
  const std::string nul("/tmp/a\0b", 8);
  for (const std::string& path : {std::string(), std::string("state"), std::string("/"),
                                  std::string("//"), tree.path("."), tree.path("a/.."), nul}) {
    const auto opened = StateDir::open(path, Missing::is_created);
    REQUIRE_FALSE(opened.ok());
    REQUIRE(opened.error().kind == ErrorKind::invalid);
  }
  REQUIRE(fs::is_empty(tree.root()));
}

TEST_CASE("a file in the place of the state directory, or of a parent, is an error") {
  TempTree tree;
  tree.file("file");
  for (const char* name : {"file", "file/state"}) {
    const auto opened = StateDir::open(tree.path(name), Missing::is_created);
    REQUIRE_FALSE(opened.ok());
    REQUIRE(opened.error().number == ENOTDIR);
  }
}

TEST_CASE("a link is no state directory, but may lead to where it lies") {
  TempTree tree;
  tree.directory("real/state", 0700);
  tree.symlink("state", "real/state");
  tree.symlink("dangling", "nowhere");
  tree.symlink("way", "real");
  REQUIRE(refused(tree.path("state")) == tree.path("state"));
  REQUIRE(refused(tree.path("dangling")) == tree.path("dangling"));
  REQUIRE(refused(tree.path("way/state")) == "opened");
  REQUIRE_FALSE(fs::exists(tree.path("nowhere")));
}

TEST_CASE("a state directory that others may write is refused and left as it is") {
  TempTree tree;
  tree.directory("state");
  for (const mode_t mode : {0720U, 0702U, 0770U, 0707U, 01777U}) {
    tree.chmod("state", mode);
    INFO("mode " << mode);
    REQUIRE(refused(tree.path("state")) == tree.path("state"));
    REQUIRE(mode_of(tree.path("state")) == mode);
  }
}

TEST_CASE("a parent that others may write is refused unless it is sticky, and nothing is made") {
  TempTree tree;
  tree.directory("open", 0777);
  REQUIRE(refused(tree.path("open/state")) == tree.path("open"));
  REQUIRE(refused(tree.path("open/a/b/state")) == tree.path("open"));
  REQUIRE(fs::is_empty(tree.path("open")));
  tree.directory("open/state", 0700);
  REQUIRE(refused(tree.path("open/state")) == tree.path("open"));

  tree.directory("sticky", 01777);
  REQUIRE(refused(tree.path("sticky/state")) == "opened");
  REQUIRE(mode_of(tree.path("sticky/state")) == 0700);
}

TEST_CASE("the error says who could write there") {
  TempTree tree;
  tree.directory("open", 0777);
  const auto opened = StateDir::open(tree.path("open/state"), Missing::is_created);
  REQUIRE(opened.error().doing == "keep state where everyone may write,");
}

TEST_CASE("the state directory, its ancestors and links have to be root's or the caller's") {
  if (::geteuid() != 0) SKIP_TEST("needs root, to give directories to others");
  TempTree tree;
  tree.chmod(".", 0755);
  tree.directory("his", 0700);
  tree.chown("his", mallory, mallory);
  REQUIRE(refused(tree.path("his")) == tree.path("his"));
  REQUIRE(refused(tree.path("his/state")) == tree.path("his"));
  REQUIRE(refused(tree.path("his/a/state")) == tree.path("his"));
  REQUIRE(fs::is_empty(tree.path("his")));

  tree.directory("sticky", 01755);
  tree.chown("sticky", mallory, mallory);
  REQUIRE(refused(tree.path("sticky/state")) == tree.path("sticky"));
  REQUIRE(fs::is_empty(tree.path("sticky")));

  tree.directory("real");
  tree.symlink("way", "real");
  tree.chown("way", mallory, mallory);
  REQUIRE(refused(tree.path("way/state")) == tree.path("way"));

  tree.directory("group", 0775);
  tree.chown("group", 0, mallory);
  REQUIRE(refused(tree.path("group/state")) == tree.path("group"));
}

TEST_CASE("an ACL that lets somebody write is refused, one that does not is none of it") {
  TempTree tree;
  tree.directory("state", 0700);
  try {
    set_acl(tree.path("state"), acl_for_user(mallory, 7, 7));
  } catch (const std::system_error&) {
    SKIP_TEST("needs a file system with ACLs");
  }
  REQUIRE(refused(tree.path("state")) == tree.path("state"));
  set_acl(tree.path("state"), acl_for_user(mallory, 7, 5));
  REQUIRE(refused(tree.path("state")) == "opened");

  tree.directory("above", 0755);
  set_acl(tree.path("above"), acl_for_user(mallory, 7, 7));
  REQUIRE(refused(tree.path("above/state")) == tree.path("above"));
  set_acl(tree.path("above"), acl_for_user(mallory, 5, 7));
  REQUIRE(refused(tree.path("above/state")) == "opened");
}

TEST_CASE("what a parent hands on, an ACL or a group, the state directory does not have") {
  TempTree tree;
  tree.directory("above", 0755);
  const auto value = encode_acl(acl_for_user(mallory, 7, 7));
  constexpr const char* inherited = "system.posix_acl_default";
  if (::setxattr(tree.path("above").c_str(), inherited, value.data(), value.size(), 0) != 0) {
    SKIP_TEST("needs a file system with ACLs");
  }
  if (::geteuid() == 0) {
    tree.chown("above", 0, 7033);
    tree.chmod("above", 02755);
  }
  REQUIRE(StateDir::open(tree.path("above/way/state"), Missing::is_created).ok());
  REQUIRE(mode_of(tree.path("above/way")) == 0755);
  REQUIRE(mode_of(tree.path("above/way/state")) == 0700);
  for (const char* made : {"above/way", "above/way/state"}) {
    for (const char* acl : {inherited, "system.posix_acl_access"}) {
      REQUIRE(::getxattr(tree.path(made).c_str(), acl, nullptr, 0) == -1);
      REQUIRE(errno == ENODATA);
    }
  }
}
