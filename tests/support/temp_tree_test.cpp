// SPDX-License-Identifier: Apache-2.0
#include "support/temp_tree.hpp"

#include "support/catch.hpp"

#include <filesystem>
#include <string>
#include <sys/stat.h>
#include <system_error>

namespace fs = std::filesystem;
using permward::test::TempTree;

namespace {

mode_t mode_of(const std::string& path) {
  struct stat st {};
  REQUIRE(lstat(path.c_str(), &st) == 0);
  return st.st_mode & 07777;
}

}  // namespace

TEST_CASE("a tree makes objects with just the mode asked for") {
  TempTree tree;
  REQUIRE(mode_of(tree.file("etc/deep/file", "text", 06777)) == 06777);
  REQUIRE(mode_of(tree.directory("locked", 0)) == 0);
  REQUIRE(mode_of(tree.path("etc")) == 0755);
  REQUIRE(fs::is_fifo(tree.fifo("pipe", 0600)));
  REQUIRE(tree.read("etc/deep/file") == "text");
}

TEST_CASE("a tree refuses to make what is there already") {
  TempTree tree;
  tree.symlink("name", "elsewhere");
  REQUIRE_THROWS_AS(tree.file("name"), std::system_error);
  REQUIRE_FALSE(fs::exists(tree.path("elsewhere")));
}

TEST_CASE("a tree is gone at the end and what its symlinks lead to is not") {
  TempTree outside;
  outside.file("kept", "x", 0640);
  std::string root;
  {
    TempTree tree;
    root = tree.root();
    tree.symlink("way-out", outside.root());
    tree.directory("locked/inner");
    tree.chmod("locked", 0);
  }
  REQUIRE_FALSE(fs::exists(root));
  REQUIRE(mode_of(outside.path("kept")) == 0640);
}
