// SPDX-License-Identifier: Apache-2.0
#include "os/policy_files.hpp"

#include "os/root.hpp"
#include "support/catch.hpp"
#include "support/skip.hpp"
#include "support/temp_tree.hpp"

#include <algorithm>
#include <filesystem>
#include <unistd.h>

using namespace permward;
using permward::test::TempTree;

namespace {

std::vector<std::string> names_of(const PolicyFiles& files) {
  std::vector<std::string> out;
  for (const auto& file : files.files) out.push_back(file.name);
  return out;
}

PolicyFiles search(const TempTree& tree) {
  const Result<Root> host = Root::host();
  return read_policy_directories(
      host->get(), {tree.path("usr"), tree.path("run"), tree.path("etc")}, ::geteuid());
}

PolicyFiles named(const std::vector<std::string>& names) {
  return read_named_policies(names, ::geteuid());
}

// Stays in a directory for as long as it lives.
class WorkingDirectory {
 public:
  explicit WorkingDirectory(const std::string& path) {
    before_ = std::filesystem::current_path();
    std::filesystem::current_path(path);
  }
  ~WorkingDirectory() { std::filesystem::current_path(before_); }

 private:
  std::filesystem::path before_;
};

}  // namespace

TEST_CASE("the search path is read by base name over all its directories") {
  TempTree tree;
  tree.file("usr/20.toml", "usr 20");
  tree.file("run/10.toml", "run 10");
  tree.file("etc/15.toml", "etc 15");
  const PolicyFiles files = search(tree);
  REQUIRE(names_of(files) == std::vector<std::string>{tree.path("run/10.toml"),
                                                      tree.path("etc/15.toml"),
                                                      tree.path("usr/20.toml")});
  REQUIRE(files.files[1].text == "etc 15");
  REQUIRE(files.mistakes.empty());
}

TEST_CASE("the same base name in a higher directory takes the place of the lower file") {
  TempTree tree;
  tree.file("usr/10.toml", "usr");
  tree.file("run/10.toml", "run");
  tree.file("usr/20.toml", "usr");
  tree.file("etc/20.toml", "etc");
  const PolicyFiles files = search(tree);
  REQUIRE(names_of(files) ==
          std::vector<std::string>{tree.path("run/10.toml"), tree.path("etc/20.toml")});
}

TEST_CASE("an empty file and a link to the null device mask the lower file") {
  TempTree tree;
  tree.file("usr/10.toml", "usr");
  tree.file("usr/20.toml", "usr");
  tree.file("usr/30.toml", "usr");
  tree.file("etc/10.toml", "");
  tree.symlink("etc/20.toml", "/dev/null");
  const PolicyFiles files = search(tree);
  REQUIRE(names_of(files) == std::vector<std::string>{tree.path("usr/30.toml")});
  REQUIRE(files.mistakes.empty());
}

TEST_CASE("what masks is what counts, a file that is masked is not even opened") {
  TempTree tree;
  tree.fifo("usr/10.toml");
  tree.file("etc/10.toml", "etc");
  REQUIRE(search(tree).mistakes.empty());
}

TEST_CASE("a search path without a directory has no policy and no mistake") {
  TempTree tree;
  const PolicyFiles files = search(tree);
  REQUIRE(files.files.empty());
  REQUIRE(files.mistakes.empty());
}

TEST_CASE("T26 hidden and left-over files are no policies, directories and FIFOs are mistakes") {
  TempTree tree;
  for (const char* name : {"etc/20.toml~", "etc/.30.toml", "etc/40.toml.dpkg-new", "etc/50.conf",
                           "etc/.toml", "etc/60.TOML"}) {
    tree.file(name, "not a policy");
  }
  tree.directory("etc/50.toml");
  tree.fifo("etc/60.toml");
  tree.symlink("etc/70.toml", "nowhere");
  tree.file("etc/80.toml", "a policy");
  const PolicyFiles files = search(tree);
  REQUIRE(names_of(files) == std::vector<std::string>{tree.path("etc/80.toml")});
  REQUIRE(files.mistakes.size() == 3);
  REQUIRE(files.mistakes[0].code == row(Code::policy_not_regular).text);
  REQUIRE(files.mistakes[0].file == tree.path("etc/50.toml"));
  REQUIRE(files.mistakes[0].message.find("'directory'") != std::string::npos);
  REQUIRE(files.mistakes[1].message.find("'fifo'") != std::string::npos);
  REQUIRE(files.mistakes[2].code == row(Code::policy_not_found).text);
  REQUIRE(has_errors(files.mistakes));
}

TEST_CASE("policies named by hand are read in the order in which they are named") {
  TempTree tree;
  tree.file("b.toml", "b");
  tree.file("no-suffix", "n");
  tree.file("dir/20.toml", "20");
  tree.file("dir/10.toml", "10");
  tree.file("dir/.hidden.toml", "hidden");
  const WorkingDirectory here(tree.root());
  const PolicyFiles files = named({"b.toml", "dir", tree.path("no-suffix"), "dir/"});
  REQUIRE(names_of(files) == std::vector<std::string>{"b.toml", "dir/10.toml", "dir/20.toml",
                                                      tree.path("no-suffix"), "dir/10.toml",
                                                      "dir/20.toml"});
  REQUIRE(files.files[3].text == "n");
}

TEST_CASE("an empty file that was named by hand is a policy, which its loader refuses") {
  TempTree tree;
  REQUIRE(named({tree.file("empty.toml")}).files.size() == 1);
  tree.file("dir/empty.toml");
  REQUIRE(named({tree.path("dir")}).files.size() == 1);
}

TEST_CASE("what was named by hand and is not there is a mistake with its name") {
  const PolicyFiles files = named({"/nowhere/at-all.toml", "also-not\nhere"});
  REQUIRE(files.files.empty());
  REQUIRE(files.mistakes.size() == 2);
  REQUIRE(files.mistakes[0].code == row(Code::policy_not_found).text);
  REQUIRE(files.mistakes[0].file == "/nowhere/at-all.toml");
  REQUIRE(files.mistakes[1].file == "also-not\nhere");
}

TEST_CASE("the null device named by hand is no policy") {
  const PolicyFiles files = named({"/dev/null"});
  REQUIRE(files.mistakes.size() == 1);
  REQUIRE(files.mistakes[0].code == row(Code::policy_not_regular).text);
}

TEST_CASE("what may not be read says why") {
  if (::geteuid() == 0) SKIP_TEST("root may read everything");
  TempTree tree;
  const PolicyFiles files = named({tree.file("a.toml", "x", 0)});
  REQUIRE(files.mistakes.size() == 1);
  REQUIRE(files.mistakes[0].code == row(Code::policy_unreadable).text);
  REQUIRE(files.mistakes[0].message == "the policy cannot be read: Permission denied");
}

TEST_CASE("of a file of any size no more is read than shows that it is too large") {
  TempTree tree;
  const std::string path = tree.file("large.toml");
  std::filesystem::resize_file(path, std::uintmax_t{1} << 40);
  const PolicyFiles files = named({path});
  REQUIRE(files.files.size() == 1);
  REQUIRE(files.files[0].text.size() == (16U << 20) + 1);
}

TEST_CASE("who could add to a directory of policies is handed on") {
  TempTree tree;
  tree.directory("etc", 01777);
  const PolicyFiles files = search(tree);
  const auto of_tree = [&tree](const Distrust& distrust) {
    return distrust.component == tree.path("etc") && distrust.way == Distrust::Way::may_add;
  };
  REQUIRE(std::count_if(files.distrust.begin(), files.distrust.end(), of_tree) == 1);
}
