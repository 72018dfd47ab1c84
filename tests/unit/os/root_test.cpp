// SPDX-License-Identifier: Apache-2.0
#include "os/root.hpp"

#include "os/kernel.hpp"
#include "os/mounts.hpp"
#include "os/system.hpp"
#include "support/catch.hpp"
#include "support/temp_tree.hpp"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

using namespace permward;
using permward::test::TempTree;

namespace {

Result<Root> root_at(const std::string& path) {
  const Result<Root> host = Root::host();
  PolicyTrust way(host->get(), ::geteuid());
  return Root::open(path, way);
}

bool leads_to(const Root& root, const std::string& path) {
  struct stat is {};
  struct stat expected {};
  return ::fstat(root.get(), &is) == 0 && ::stat(path.c_str(), &expected) == 0 &&
         is.st_dev == expected.st_dev && is.st_ino == expected.st_ino;
}

}  // namespace

TEST_CASE("the host's root is /, and not one that was asked for") {
  const Result<Root> root = Root::host();
  REQUIRE(root.ok());
  REQUIRE(root->path() == "/");
  REQUIRE_FALSE(root->given());
  REQUIRE(leads_to(*root, "/"));
}

TEST_CASE("a root is the directory that its path leads to, links followed") {
  TempTree tree;
  const std::string directory = tree.directory("img");
  const std::string link = tree.symlink("link", "img");
  for (const std::string& path : {directory, link}) {
    const Result<Root> root = root_at(path);
    REQUIRE(root.ok());
    REQUIRE(root->path() == path);
    REQUIRE(root->given());
    REQUIRE(leads_to(*root, directory));
  }
}

TEST_CASE("what is no directory is no root") {
  TempTree tree;
  REQUIRE(root_at(tree.path("none")).error().kind == ErrorKind::not_found);
  REQUIRE(root_at(tree.file("file")).error().kind == ErrorKind::not_found);
  REQUIRE(root_at(tree.fifo("fifo")).error().kind == ErrorKind::not_found);
  REQUIRE(root_at(tree.symlink("loop", "loop")).error().number == ELOOP);
}

TEST_CASE("a magic link is not taken for what its text says") {
  TempTree tree;
  const Fd fd(::open(tree.directory("moved").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  const std::string path = "/proc/self/fd/" + std::to_string(fd.get());
  REQUIRE(root_at(path).ok());
  std::filesystem::rename(tree.path("moved"), tree.path("away"));
  REQUIRE(root_at(path).ok());  // the kernel rewrites the text
  std::filesystem::remove(tree.path("away"));
  tree.directory("away (deleted)");
  const Result<Root> root = root_at(path);
  REQUIRE_FALSE(root.ok());
  REQUIRE(root.error().kind == ErrorKind::insecure_path);
}

TEST_CASE("the mounts of a root that has been removed are not known") {
  TempTree tree;
  const Kernel kernel;
  const Result<Root> root = root_at(tree.directory("img"));
  REQUIRE(read_mounts(kernel, *root).ok());
  std::filesystem::remove(tree.path("img"));
  const Result<Mounts> mounts = read_mounts(kernel, *root);
  REQUIRE_FALSE(mounts.ok());
  REQUIRE(mounts.error().kind == ErrorKind::not_found);
  REQUIRE(mounts.error().subject == tree.path("img"));
}

TEST_CASE("the mounts of / are those of the host, asked for as a root or not") {
  const Kernel kernel;
  const Result<Mounts> host = read_mounts(kernel);
  const Result<Root> root = root_at("/");
  const Result<Mounts> mounts = read_mounts(kernel, *root);
  REQUIRE(mounts.ok());
  REQUIRE(mounts->size() == host->size());
  for (std::size_t i = 0; i < host->size(); ++i) {
    REQUIRE((*mounts)[i].path == (*host)[i].path);
    REQUIRE((*mounts)[i].id == (*host)[i].id);
  }
}

TEST_CASE("a system in a directory has its own names and host name, and no others") {
  TempTree tree;
  tree.file("etc/passwd", "svc:x:4242:1::/:\n");
  tree.file("etc/group", "svc:x:4243:\n");
  tree.file("etc/hostname", "image\n");
  const Result<RootedSystem> rooted = rooted_system(tree.root(), ::geteuid());
  REQUIRE(rooted.ok());
  REQUIRE(rooted->system.root.path() == tree.root());
  REQUIRE(rooted->system.hostname == "image");
  REQUIRE(rooted->system.names->id_of(AccountKind::user, "svc").id == 4242);
  REQUIRE(rooted->system.names->id_of(AccountKind::user, "root").state == Account::State::unknown);
  REQUIRE(rooted->file_distrust.empty());
  REQUIRE_FALSE(rooted->hostname_error);
}

TEST_CASE("who else may change the files of names is told, by paths of the root") {
  TempTree tree;
  tree.file("etc/passwd", "", 0666);
  tree.file("etc/group");
  tree.fifo("etc/hostname");
  const Result<RootedSystem> rooted = rooted_system(tree.root(), ::geteuid());
  REQUIRE(rooted->file_distrust.size() == 1);
  REQUIRE(rooted->file_distrust[0].way == Distrust::Way::may_write);
  REQUIRE(rooted->file_distrust[0].component == "/etc/passwd");
  REQUIRE(rooted->system.hostname == std::nullopt);
  REQUIRE(rooted->hostname_error);
}

TEST_CASE("who else may put another directory in the root's place is told, by the host's paths") {
  TempTree tree;
  tree.directory("open", 0777);
  tree.directory("open/img");
  const Result<RootedSystem> rooted = rooted_system(tree.path("open/img"), ::geteuid());
  REQUIRE(rooted.ok());
  REQUIRE(rooted->way_distrust.back().way == Distrust::Way::may_replace);
  REQUIRE(rooted->way_distrust.back().component == tree.path("open"));
}
