// SPDX-License-Identifier: Apache-2.0
#include "os/policy_trust.hpp"

#include "support/catch.hpp"
#include "support/skip.hpp"
#include "support/temp_tree.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

using namespace permward;
using permward::test::TempTree;

namespace {

constexpr std::uint32_t mallory = 7001;
constexpr std::uint32_t web = 7033;

Principals users(std::vector<std::uint32_t> ids) {
  Principals out;
  out.users = std::move(ids);
  return out;
}

Principals groups(std::vector<std::uint32_t> ids) {
  Principals out;
  out.groups = std::move(ids);
  return out;
}

Principals everybody() {
  Principals out;
  out.anyone = true;
  return out;
}

int host_root() {
  static const Fd root(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  return root.get();
}

// What was found below the tree; what the machine's own /tmp is like is another matter.
std::vector<Distrust> distrust_in(const PolicyTrust& trust, const TempTree& tree) {
  std::vector<Distrust> out;
  for (const Distrust& distrust : trust.distrust()) {
    if (distrust.component.starts_with(tree.root())) out.push_back(distrust);
  }
  return out;
}

std::vector<Distrust> distrust_of(const TempTree& tree, const std::string& relative) {
  PolicyTrust trust(host_root(), ::geteuid());
  REQUIRE(trust.open(tree.path(relative)).ok());
  return distrust_in(trust, tree);
}

void require_one(const std::vector<Distrust>& found, Distrust::Way way,
                 const std::string& component, const Principals& who) {
  REQUIRE(found.size() == 1);
  REQUIRE(found[0].way == way);
  REQUIRE(found[0].component == component);
  REQUIRE(found[0].who == who);
}

void set_acl(const std::string& path, std::vector<AclEntry> entries) {
  const auto value = encode_acl(std::move(entries));
  REQUIRE(::setxattr(path.c_str(), "system.posix_acl_access", value.data(), value.size(), 0) == 0);
}

std::vector<AclEntry> acl_with(AclEntry named, std::uint8_t mask) {
  return {{AclTag::user_obj, 7},
          named,
          {AclTag::group_obj, 5},
          {AclTag::mask, mask},
          {AclTag::other, 5}};
}

}  // namespace

#define NEEDS_ROOT() \
  if (::geteuid() != 0) SKIP_TEST("needs root, to give files to others")

TEST_CASE("what only root or the caller decides is trusted, a sticky directory too") {
  TempTree tree;
  tree.file("etc/policy.d/a.toml");
  tree.directory("shared", 01777);
  tree.file("shared/a.toml");
  REQUIRE(distrust_of(tree, "etc/policy.d/a.toml").empty());
  REQUIRE(distrust_of(tree, "shared/a.toml").empty());
}

TEST_CASE("T21 below a root of its own, links and '..' begin and end there") {
  TempTree tree;
  tree.file("outside", "outside");
  tree.file("img/file", "inside");
  tree.symlink("img/d/absolute", "/file");
  tree.symlink("img/d/relative", "../../../../file");
  tree.symlink("img/d/out", tree.path("outside"));
  tree.symlink("img/d/self", "/proc/self/root/file");
  const Fd root(::open(tree.path("img").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  PolicyTrust trust(root.get(), ::geteuid());
  for (const char* path : {"/file", "/../file", "/d/absolute", "/d/relative", "/d/../../file"}) {
    const auto opened = trust.open(path);
    INFO(path);
    REQUIRE(opened.ok());
    REQUIRE(opened->type == Type::file);
    char byte = 0;
    REQUIRE(::read(opened->fd.get(), &byte, 1) == 1);
    REQUIRE(byte == 'i');
  }
  for (const char* path : {"/d/out", "/d/self", "/outside", "/../outside"}) {
    INFO(path);
    REQUIRE(trust.open(path).error().kind == ErrorKind::not_found);
  }
  REQUIRE(trust.distrust().empty());
}

TEST_CASE("a link to the null device is one where there is no such device, or another") {
  TempTree tree;
  tree.symlink("img/a.toml", "/dev/null");
  tree.symlink("img/b.toml", "a.toml");
  const Fd root(::open(tree.path("img").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  PolicyTrust trust(root.get(), ::geteuid());
  REQUIRE(trust.open("/a.toml")->null_device);
  REQUIRE(trust.open("/b.toml")->null_device);
  tree.file("img/dev/null", "schema = 1");
  REQUIRE(trust.open("/a.toml")->null_device);
  REQUIRE_FALSE(trust.open("/dev/null")->null_device);
}

TEST_CASE("what the kernel makes up is not read") {
  PolicyTrust trust(host_root(), ::geteuid());
  const auto opened = trust.open("/proc/version");
  REQUIRE_FALSE(opened.ok());
  REQUIRE(opened.error().kind == ErrorKind::unsupported);
}

TEST_CASE("a directory that everybody may write is named, once, with everybody") {
  TempTree tree;
  tree.directory("open", 0757);
  tree.file("open/below/a.toml");
  require_one(distrust_of(tree, "open/below/a.toml"), Distrust::Way::may_replace, tree.path("open"),
              everybody());
}

TEST_CASE("a file that others may write is not trusted") {
  TempTree tree;
  tree.file("a.toml", "", 0646);
  require_one(distrust_of(tree, "a.toml"), Distrust::Way::may_write, tree.path("a.toml"),
              everybody());
}

TEST_CASE("the owner of a directory on the way decides what lies below it") {
  NEEDS_ROOT();
  TempTree tree;
  tree.file("home/policy.d/a.toml");
  tree.chown("home", mallory, 0);
  require_one(distrust_of(tree, "home/policy.d/a.toml"), Distrust::Way::may_replace,
              tree.path("home"), users({mallory}));
}

TEST_CASE("the owner of a policy file is not trusted, and the caller is") {
  NEEDS_ROOT();
  TempTree tree;
  tree.file("a.toml");
  tree.chown("a.toml", mallory, 0);
  require_one(distrust_of(tree, "a.toml"), Distrust::Way::may_write, tree.path("a.toml"),
              users({mallory}));
  PolicyTrust of_mallory(host_root(), mallory);
  REQUIRE(of_mallory.open(tree.path("a.toml")).ok());
  REQUIRE(distrust_in(of_mallory, tree).empty());
}

TEST_CASE("a group that may write a file or a directory is named") {
  NEEDS_ROOT();
  TempTree tree;
  tree.file("a.toml", "", 0664);
  tree.chown("a.toml", 0, web);
  require_one(distrust_of(tree, "a.toml"), Distrust::Way::may_write, tree.path("a.toml"),
              groups({web}));
  tree.directory("dir", 0775);
  tree.chown("dir", 0, web);
  tree.file("dir/b.toml");
  require_one(distrust_of(tree, "dir/b.toml"), Distrust::Way::may_replace, tree.path("dir"),
              groups({web}));
}

TEST_CASE("named entries of an ACL count as the mask lets them") {
  TempTree tree;
  tree.file("dir/a.toml");
  set_acl(tree.path("dir"), acl_with({AclTag::user, 7, mallory}, 7));
  require_one(distrust_of(tree, "dir/a.toml"), Distrust::Way::may_replace, tree.path("dir"),
              users({mallory}));
  set_acl(tree.path("dir"), acl_with({AclTag::user, 7, mallory}, 5));
  REQUIRE(distrust_of(tree, "dir/a.toml").empty());
  set_acl(tree.path("dir/a.toml"), acl_with({AclTag::group, 6, web}, 6));
  require_one(distrust_of(tree, "dir/a.toml"), Distrust::Way::may_write, tree.path("dir/a.toml"),
              groups({web}));
  set_acl(tree.path("dir/a.toml"), acl_with({AclTag::group, 6, web}, 4));
  REQUIRE(distrust_of(tree, "dir/a.toml").empty());
}

TEST_CASE("a link is followed, and who made it or could replace it is named") {
  NEEDS_ROOT();
  TempTree tree;
  tree.file("real/a.toml");
  tree.directory("shared", 01777);
  tree.symlink("shared/mine.toml", tree.path("real/a.toml"));
  tree.symlink("shared/his.toml", "../real/a.toml");
  tree.chown("shared/his.toml", mallory, mallory);
  REQUIRE(distrust_of(tree, "shared/mine.toml").empty());
  const auto found = distrust_of(tree, "shared/his.toml");
  require_one(found, Distrust::Way::may_replace, tree.path("shared"), users({mallory}));

  tree.symlink("owned.toml", "real/a.toml");
  tree.chown("owned.toml", mallory, mallory);
  require_one(distrust_of(tree, "owned.toml"), Distrust::Way::owns_link, tree.path("owned.toml"),
              users({mallory}));
}

TEST_CASE("T26 what a trusted link leads to is judged like any policy") {
  NEEDS_ROOT();
  TempTree tree;
  tree.file("home/x.toml");
  tree.chown("home", mallory, mallory);
  tree.chown("home/x.toml", mallory, mallory);
  tree.symlink("policy.d/10.toml", tree.path("home/x.toml"));
  tree.file("policy.d/00.toml");
  require_one(distrust_of(tree, "policy.d/10.toml"), Distrust::Way::may_replace, tree.path("home"),
              users({mallory}));
}

TEST_CASE("a directory of policies that others may add to is not trusted, sticky or not") {
  TempTree tree;
  tree.directory("policy.d", 01757);
  tree.file("policy.d/a.toml");
  PolicyTrust trust(host_root(), ::geteuid());
  REQUIRE(trust.open_directory(tree.path("policy.d")).ok());
  REQUIRE(trust.open(tree.path("policy.d/a.toml")).ok());
  require_one(distrust_in(trust, tree), Distrust::Way::may_add, tree.path("policy.d"), everybody());
}

TEST_CASE("many policies in one directory name it once") {
  TempTree tree;
  tree.directory("policy.d", 0777);
  PolicyTrust trust(host_root(), ::geteuid());
  for (const char* name : {"policy.d/a.toml", "policy.d/b.toml", "policy.d/c.toml"}) {
    REQUIRE(trust.open(tree.file(name)).ok());
  }
  REQUIRE(distrust_in(trust, tree).size() == 1);
}

TEST_CASE("what is no regular file or directory is told, never opened") {
  TempTree tree;
  tree.fifo("pipe.toml");
  PolicyTrust trust(host_root(), ::geteuid());
  auto pipe = trust.open(tree.path("pipe.toml"));
  REQUIRE(pipe.ok());
  REQUIRE(pipe->type == Type::fifo);
  REQUIRE_FALSE(pipe->fd);
  tree.symlink("null.toml", "/dev/null");
  auto null = trust.open(tree.path("null.toml"));
  REQUIRE(null.ok());
  REQUIRE(null->null_device);
  REQUIRE(trust.open(tree.root())->type == Type::directory);
}

TEST_CASE("paths mean what they mean to the kernel") {
  TempTree tree;
  tree.file("a/b/x.toml");
  tree.symlink("link", "a/b");
  PolicyTrust trust(host_root(), ::geteuid());
  for (const char* path : {"a/./b//x.toml", "a/b/../b/x.toml", "link/x.toml", "link/../b/x.toml",
                           "../../../../../../.."}) {
    REQUIRE(trust.open(tree.path(path)).ok());
  }
  REQUIRE_FALSE(trust.open(tree.path("link/../x.toml")).ok());
}

TEST_CASE("what cannot be opened is an error with its reason") {
  TempTree tree;
  tree.file("file");
  tree.symlink("circle", "circle");
  tree.symlink("dangling", "nowhere");
  PolicyTrust trust(host_root(), ::geteuid());
  const auto number = [&](const char* path) { return trust.open(tree.path(path)).error().number; };
  REQUIRE(number("absent") == ENOENT);
  REQUIRE(number("dangling") == ENOENT);
  REQUIRE(number("file/x") == ENOTDIR);
  REQUIRE(number("circle") == ELOOP);
  REQUIRE(trust.open_directory(tree.path("file")).error().number == ENOTDIR);
}
