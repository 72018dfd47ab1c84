// SPDX-License-Identifier: Apache-2.0
#include "os/policy_files.hpp"

#include "os/root.hpp"
#include "support/catch.hpp"
#include "support/skip.hpp"
#include "support/temp_tree.hpp"

#include <algorithm>
#include <fcntl.h>
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

PolicyFiles settings_of(const TempTree& root) {
  const Fd directory(::open(root.root().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  REQUIRE(directory);
  return read_settings_file(directory.get(), ::geteuid());
}

PolicyFiles named_settings(const std::string& name) {
  return read_named_settings(name, ::geteuid());
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
  const PolicyFiles files = named({"b.toml", "dir", tree.path("no-suffix")});
  REQUIRE(names_of(files) ==
          std::vector<std::string>{"b.toml", "dir/10.toml", "dir/20.toml", tree.path("no-suffix")});
  REQUIRE(files.files[3].text == "n");
  REQUIRE(files.mistakes.empty());
}

TEST_CASE("a file that is named twice is read where it is named last, and a warning tells") {
  TempTree tree;
  tree.file("dir/10.toml", "10");
  tree.file("dir/20.toml", "20");
  tree.symlink("link.toml", tree.path("dir/20.toml"));
  const WorkingDirectory here(tree.root());
  const PolicyFiles files = named({"dir", "dir/10.toml", "link.toml"});
  REQUIRE(names_of(files) == std::vector<std::string>{"dir/10.toml", "link.toml"});
  REQUIRE(files.mistakes.size() == 2);
  REQUIRE_FALSE(has_errors(files.mistakes));
  REQUIRE(files.mistakes[0].code == row(Code::policy_named_twice).text);
  REQUIRE(files.mistakes[0].file == "dir/10.toml");
  REQUIRE(files.mistakes[1].message == "the same file as dir/20.toml, which was named before");
}

TEST_CASE("a pipe that has no name is no regular file") {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  const Fd read(ends[0]);
  const Fd write(ends[1]);
  const PolicyFiles files = named({"/proc/self/fd/" + std::to_string(read.get())});
  REQUIRE(files.mistakes.size() == 1);
  REQUIRE(files.mistakes[0].code == row(Code::policy_not_regular).text);
  REQUIRE(files.mistakes[0].message.find("'fifo'") != std::string::npos);
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

TEST_CASE("settings need not be there, and are those of the root") {
  TempTree tree;
  REQUIRE(settings_of(tree).files.empty());
  REQUIRE(settings_of(tree).mistakes.empty());
  tree.directory("conf");
  tree.symlink("etc/permward", "../conf");
  REQUIRE(settings_of(tree).files.empty());
  REQUIRE(settings_of(tree).mistakes.empty());
  tree.file("conf/permward.toml", "some");
  const PolicyFiles files = settings_of(tree);
  REQUIRE(names_of(files) == std::vector<std::string>{"/etc/permward/permward.toml"});
  REQUIRE(files.files[0].text == "some");
  REQUIRE(files.mistakes.empty());
}

TEST_CASE("a link of settings never leads out of the root, and may lead to nothing on purpose") {
  TempTree tree;
  TempTree outside;
  tree.symlink("etc/permward/permward.toml", outside.file("permward.toml", "some"));
  const PolicyFiles files = settings_of(tree);
  REQUIRE(files.files.empty());
  REQUIRE(files.mistakes.size() == 1);
  REQUIRE(files.mistakes[0].code == row(Code::policy_not_found).text);
  REQUIRE(files.mistakes[0].message == "there is no such settings file");
  TempTree masked;
  masked.symlink("etc/permward/permward.toml", "/dev/null");
  REQUIRE(settings_of(masked).files.size() == 1);
  REQUIRE(settings_of(masked).files[0].text.empty());
  TempTree empty;
  empty.file("etc/permward/permward.toml");
  REQUIRE(settings_of(empty).files.size() == 1);
}

TEST_CASE("settings are one regular file") {
  TempTree tree;
  tree.directory("etc/permward/permward.toml");
  REQUIRE(settings_of(tree).mistakes.at(0).message ==
          "a settings file is a regular file, and this is of type 'directory'");
  REQUIRE(named_settings(tree.fifo("pipe")).mistakes.at(0).code == "E0003");
  REQUIRE(named_settings("/proc/version").mistakes.at(0).code == "E0002");
}

TEST_CASE("settings named by hand have to be there") {
  TempTree tree;
  tree.file("mine.toml", "some");
  const WorkingDirectory here(tree.root());
  REQUIRE(names_of(named_settings("mine.toml")) == std::vector<std::string>{"mine.toml"});
  REQUIRE(named_settings("/dev/null").files.at(0).text.empty());
  const PolicyFiles missing = named_settings("nowhere.toml");
  REQUIRE(missing.files.empty());
  REQUIRE(missing.mistakes.at(0).code == row(Code::policy_not_found).text);
  REQUIRE(missing.mistakes[0].file == "nowhere.toml");
}

TEST_CASE("who else decides what the settings are is handed on, unless there are none") {
  TempTree tree;
  tree.file("etc/permward/permward.toml", "", 0666);
  const PolicyFiles files = settings_of(tree);
  REQUIRE(files.distrust.size() == 1);
  REQUIRE(files.distrust[0].component == "/etc/permward/permward.toml");
  REQUIRE(files.distrust[0].way == Distrust::Way::may_write);
  TempTree open;
  open.directory("etc/permward");
  open.chmod("etc", 0777);
  REQUIRE(settings_of(open).distrust.empty());
  open.file("etc/permward/permward.toml");
  REQUIRE(settings_of(open).distrust.at(0).component == "/etc");
}
