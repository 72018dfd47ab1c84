// SPDX-License-Identifier: Apache-2.0
#include "os/file_names.hpp"

#include "os/host.hpp"
#include "support/catch.hpp"
#include "support/temp_tree.hpp"

#include <cerrno>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <unistd.h>

using namespace permward;
using permward::test::TempTree;

namespace {

using namespace std::string_view_literals;
using State = Account::State;

// A directory that is `/` to whom it asks.
class FakeRoot {
 public:
  TempTree tree;

  FileNames names() { return FileNames(way_); }
  Result<std::optional<std::string>> host() { return host_name_of(way_); }

 private:
  Fd fd_{::open(tree.root().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
  PolicyTrust way_{fd_.get(), ::geteuid()};
};

State state_of(FileNames& names, const std::string& user) {
  return names.id_of(AccountKind::user, user).state;
}

}  // namespace

TEST_CASE("names and ids are those of the root's own files") {
  FakeRoot root;
  root.tree.file("etc/passwd", "root:x:0:0::/:\nsvc:x:4242:1::/:\n");
  root.tree.file("etc/group", "wheel:x:0:\nsvc:x:4243:\n");
  FileNames names = root.names();
  REQUIRE(names.id_of(AccountKind::user, "svc").id == 4242);
  REQUIRE(names.id_of(AccountKind::group, "svc").id == 4243);
  REQUIRE(names.id_of(AccountKind::user, "wheel").state == State::unknown);
  REQUIRE(names.name_of(AccountKind::user, 0) == "root");
  REQUIRE(names.name_of(AccountKind::group, 0) == "wheel");
  REQUIRE(names.name_of(AccountKind::group, 1).empty());
  REQUIRE(names.names(AccountKind::group) == std::vector<std::string>{"svc", "wheel"});
  for (const FileNames::Source& file : names.sources()) {
    REQUIRE_FALSE(file.error);
    REQUIRE(file.skipped == 0);
  }
}

TEST_CASE("of two entries with one name or one id the first counts") {
  FakeRoot root;
  root.tree.file("etc/passwd", "a:x:1:1:::\na:x:2:2:::\nb:x:1:1:::\n");
  root.tree.file("etc/group", "");
  FileNames names = root.names();
  REQUIRE(names.id_of(AccountKind::user, "a").id == 1);
  REQUIRE(names.id_of(AccountKind::user, "b").id == 1);
  REQUIRE(names.name_of(AccountKind::user, 1) == "a");
  REQUIRE(names.name_of(AccountKind::user, 2) == "a");
}

TEST_CASE("T23 a line that is wrong makes nobody, and its name unknown") {
  for (const std::string_view line :
       {"bad:x:0x0:0:::"sv, "bad:x:+0:0:::"sv, "bad:x: 0:0:::"sv, "bad:x::0:::"sv,
        "bad:x:4294967295:0:::"sv, "bad:x:0"sv, "bad:x:0:0:::\0"sv, "+bad:x:0:0:::"sv}) {
    FakeRoot root;
    root.tree.file("etc/passwd", "ok:x:5:5:::\n" + std::string(line) + "\nend:x:6:6:::");
    root.tree.file("etc/group", "");
    FileNames names = root.names();
    INFO(line);
    REQUIRE(state_of(names, "ok") == State::found);
    REQUIRE(state_of(names, "end") == State::found);
    REQUIRE(state_of(names, "bad") == State::unknown);
    REQUIRE(names.name_of(AccountKind::user, 0).empty());
    REQUIRE(names.sources()[0].skipped == 1);
    REQUIRE(names.sources()[0].first_skipped.line == 2);
  }
}

TEST_CASE("a file that cannot be read fails every look-up, and says why - T24") {
  const auto failure = [](FakeRoot& root) {
    FileNames names = root.names();
    const NameService::Found found = names.id_of(AccountKind::user, "root");
    REQUIRE(found.state == State::unread);
    REQUIRE(names.name_of(AccountKind::user, 0).empty());
    REQUIRE(names.names(AccountKind::user).empty());
    REQUIRE(names.sources()[0].error);
    REQUIRE_FALSE(names.sources()[1].error);
    REQUIRE(names.id_of(AccountKind::group, "root").id == 0);
    return found.error;
  };
  const auto with_group = [](FakeRoot& root) -> FakeRoot& {
    root.tree.file("etc/group", "root:x:0:\n");
    return root;
  };
  SECTION("it is not there") {
    FakeRoot root;
    REQUIRE(failure(with_group(root)) == ENOENT);
  }
  SECTION("it is a directory") {
    FakeRoot root;
    root.tree.directory("etc/passwd");
    REQUIRE(failure(with_group(root)) == EISDIR);
  }
  SECTION("it is a FIFO, which is not opened") {
    FakeRoot root;
    root.tree.fifo("etc/passwd");
    REQUIRE(failure(with_group(root)) == EOPNOTSUPP);
  }
  SECTION("it is too large") {
    FakeRoot root;
    const std::string path = root.tree.file("etc/passwd", "root:x:0:0:::\n");
    REQUIRE(::truncate(path.c_str(), static_cast<off_t>(most_account_bytes + 1)) == 0);
    REQUIRE(failure(with_group(root)) == EFBIG);
  }
  SECTION("it is a link that leads nowhere inside the root") {
    FakeRoot root;
    root.tree.symlink("etc/passwd", "/etc/no-such-passwd");
    REQUIRE(failure(with_group(root)) == ENOENT);
  }
  SECTION("it is a link to itself") {
    FakeRoot root;
    root.tree.symlink("etc/passwd", "passwd");
    REQUIRE(failure(with_group(root)) == ELOOP);
  }
}

TEST_CASE("T22 links stay in the root, whatever they say") {
  TempTree outside;
  outside.file("passwd", "evil:x:0:0:::\n");
  for (const std::string& target :
       {std::string("/usr/lib/passwd"), std::string("../../../../usr/lib/passwd"),
        std::string("../usr/lib/passwd")}) {
    FakeRoot root;
    root.tree.file("usr/lib/passwd", "inside:x:7:7:::\n");
    root.tree.symlink("etc/passwd", target);
    root.tree.symlink("etc/group", outside.path("passwd"));
    FileNames names = root.names();
    INFO(target);
    REQUIRE(names.id_of(AccountKind::user, "inside").id == 7);
    REQUIRE(names.sources()[1].error);
    REQUIRE(names.sources()[1].error->number == ENOENT);
  }
}

TEST_CASE("T21 what procfs in a root says of itself is not read, nor are its links the kernel's") {
  FakeRoot root;
  root.tree.symlink("etc/passwd", "/proc/self/root/etc/passwd");
  root.tree.symlink("etc/group", "/proc/version");
  FileNames names = root.names();
  REQUIRE(names.sources()[0].error);
  REQUIRE(names.sources()[1].error);
}

TEST_CASE("the host name is the first line of the root's own file") {
  const auto name_in = [](std::string_view text) {
    FakeRoot root;
    root.tree.file("etc/hostname", text);
    const auto name = root.host();
    REQUIRE(name.ok());
    return *name;
  };
  REQUIRE(name_in("web1\n") == "web1");
  REQUIRE(name_in("web1") == "web1");
  REQUIRE(name_in(" web1.example.org\t\r\nweb2\n") == "web1.example.org");
  REQUIRE(name_in("") == std::nullopt);
  REQUIRE(name_in("\nweb1\n") == std::nullopt);
  FakeRoot none;
  REQUIRE(*none.host() == std::nullopt);
  none.tree.symlink("etc/hostname", "/etc/nowhere");
  REQUIRE(*none.host() == std::nullopt);
}

TEST_CASE("what is no host name is an error, and so is what is no file") {
  for (const std::string& text : {std::string("we\0b1\n", 6), std::string("we\x1b[2Jb1\n"),
                                  std::string(256, 'x'), std::string(70'000, '\n')}) {
    FakeRoot root;
    root.tree.file("etc/hostname", text);
    REQUIRE_FALSE(root.host().ok());
  }
  FakeRoot root;
  root.tree.fifo("etc/hostname");
  REQUIRE(root.host().error().number == EOPNOTSUPP);
}
