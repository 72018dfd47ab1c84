// SPDX-License-Identifier: Apache-2.0
#include "store/snapshots.hpp"

#include "support/catch.hpp"
#include "support/snapshots.hpp"
#include "support/temp_tree.hpp"

#include <cerrno>
#include <map>
#include <string>
#include <sys/stat.h>
#include <vector>

using namespace permward;
using namespace permward::test;

namespace {

Kept generation(const std::string& id, const std::string& content) {
  Kept out;
  out.manifest.id = id;
  out.add_file("/etc/a", content);
  return out;
}

const std::string first = "20261126T101500Z-3f2a";
const std::string second = "20261126T101501Z-0000";

// What lies in a state directory.
struct Stored {
  TempTree tree;
  StateDir state = *StateDir::open(tree.path("state"), StateDir::Missing::is_created);
  Snapshots snapshots = *Snapshots::open(state, StateDir::Missing::is_created);

  Result<Sha256::Digest> keep(const Kept& kept) {
    FromMemory source(kept.contents);
    return snapshots.keep(kept.manifest, source);
  }
  std::vector<std::string> ids() const {
    std::vector<std::string> out;
    const Result<std::vector<Generation>> all = snapshots.list();
    for (const Generation& one : *all) out.push_back(one.id);
    return out;
  }
  std::map<std::string, std::string> contents(const std::string& id) const {
    const Result<Fd> fd = snapshots.open(id);
    REQUIRE(fd.ok());
    IntoMemory out;
    REQUIRE(read_archive(fd->get(), id, out).ok());
    return out.kept.contents;
  }
  std::string path(const std::string& name) const { return tree.path("state/snapshots/" + name); }
};

}  // namespace

TEST_CASE("generations are kept, listed in their order, read and removed") {
  Stored stored;
  REQUIRE(stored.ids().empty());
  REQUIRE(stored.keep(generation(second, "new")).ok());
  REQUIRE(stored.keep(generation(first, "old")).ok());
  REQUIRE(stored.ids() == std::vector{first, second});
  REQUIRE(stored.contents(first) == std::map<std::string, std::string>{{"/etc/a", "old"}});
  REQUIRE(stored.contents(second) == std::map<std::string, std::string>{{"/etc/a", "new"}});
  REQUIRE(stored.snapshots.remove(first).ok());
  REQUIRE(stored.ids() == std::vector{second});
  REQUIRE(stored.snapshots.remove(first).error().kind == ErrorKind::not_found);
  REQUIRE(stored.snapshots.open(first).error().kind == ErrorKind::not_found);
}

TEST_CASE("a generation is nobody else's to read, and neither is where it lies") {
  const mode_t before = umask(0);
  Stored stored;
  REQUIRE(stored.keep(generation(first, "secret")).ok());
  umask(before);
  struct stat facts {};
  REQUIRE(lstat(stored.path(first + ".pax.zst").c_str(), &facts) == 0);
  REQUIRE((facts.st_mode & 07777) == 0600);
  REQUIRE(lstat(stored.path(".").c_str(), &facts) == 0);
  REQUIRE((facts.st_mode & 07777) == 0700);
}

TEST_CASE("a generation is never replaced") {
  Stored stored;
  REQUIRE(stored.keep(generation(first, "old")).ok());
  REQUIRE(stored.keep(generation(first, "new")).error().kind == ErrorKind::changed);
  REQUIRE(stored.contents(first) == std::map<std::string, std::string>{{"/etc/a", "old"}});
  REQUIRE(stored.ids() == std::vector{first});
}

TEST_CASE("of a generation that could not be written nothing is left") {
  Stored stored;
  Kept kept = generation(first, "hello");
  kept.contents["/etc/a"] = "other";
  REQUIRE(stored.keep(kept).error().kind == ErrorKind::changed);
  REQUIRE(stored.ids().empty());
  REQUIRE(rmdir(stored.path(".").substr(0, stored.path(".").size() - 2).c_str()) == 0);
}

TEST_CASE("what cannot be in a manifest is refused before anything is written") {
  Stored stored;
  Kept kept = generation(first, "x");
  kept.at("/etc/a").modified.nanoseconds = 4000000000;
  REQUIRE(stored.keep(kept).error().kind == ErrorKind::invalid);
  REQUIRE(stored.ids().empty());
  REQUIRE(stored.keep(generation(first, "x")).ok());
}

TEST_CASE("what a run that was killed has left is removed, and nothing else is") {
  Stored stored;
  stored.tree.file("state/snapshots/.new-" + first, "half");
  stored.tree.file("state/snapshots/.new-other", "whose");
  REQUIRE(stored.keep(generation(second, "x")).ok());
  REQUIRE(stored.snapshots.remove_left_overs().ok());
  struct stat facts {};
  REQUIRE(lstat(stored.path(".new-" + first).c_str(), &facts) != 0);
  REQUIRE(lstat(stored.path(".new-other").c_str(), &facts) == 0);
  REQUIRE(stored.ids() == std::vector{second});
}

TEST_CASE("an id that is none leads nowhere") {
  Stored stored;
  stored.tree.file("state/x.pax.zst", "");
  for (const std::string id :
       {"", "../x", "20261126T101500Z-3f2", "20261126T101500Z-3F2A", "20261126t101500Z-3f2a",
        "20261126T101500Z-3f2a/", "2026112\xffT101500Z-3f2a"}) {
    INFO(id);
    REQUIRE_FALSE(is_snapshot_id(id));
    REQUIRE(stored.snapshots.open(id).error().kind == ErrorKind::not_found);
    REQUIRE(stored.snapshots.remove(id).error().kind == ErrorKind::not_found);
    REQUIRE(stored.keep(generation(id, "")).error().kind == ErrorKind::invalid);
  }
  REQUIRE(is_snapshot_id(first));
}

TEST_CASE("what is no generation is in no list, and no link or wide file is read") {
  Stored stored;
  stored.tree.file("state/snapshots/notes.txt", "");
  stored.tree.file("state/snapshots/" + first + ".pax.zst", "", 0666);
  stored.tree.symlink("state/snapshots/" + second + ".pax.zst", "notes.txt");
  REQUIRE(stored.ids() == std::vector{first, second});
  REQUIRE(stored.snapshots.open(first).error().kind == ErrorKind::insecure_path);
  REQUIRE(stored.snapshots.open(second).error().kind == ErrorKind::insecure_path);
}
