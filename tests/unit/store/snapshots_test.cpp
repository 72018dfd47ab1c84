// SPDX-License-Identifier: Apache-2.0
#include "store/snapshots.hpp"

#include "store/carried.hpp"
#include "store/snapshot_digests.hpp"
#include "support/catch.hpp"
#include "support/snapshots.hpp"
#include "support/temp_tree.hpp"

#include <cerrno>
#include <fcntl.h>
#include <map>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
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

TEST_CASE("what a generation holds is told without its contents") {
  Stored stored;
  REQUIRE(stored.keep(generation(first, "old")).ok());
  const Result<Manifest> manifest = stored.snapshots.manifest(first);
  REQUIRE(manifest.ok());
  REQUIRE(*manifest == generation(first, "old").manifest);
  REQUIRE(stored.snapshots.manifest(second).error().kind == ErrorKind::not_found);
  // By another name it is not that one.
  REQUIRE(std::rename(stored.path(first + ".pax.zst").c_str(),
                      stored.path(second + ".pax.zst").c_str()) == 0);
  REQUIRE(stored.snapshots.manifest(second).error().kind == ErrorKind::invalid);
}

TEST_CASE("what a generation of another kind holds is not read") {
  Stored stored;
  REQUIRE(stored.keep(generation(first, "old")).ok());
  const auto accepted = stored.snapshots.manifest_of(SnapshotKind::accepted, first);
  REQUIRE(accepted.ok());
  REQUIRE(**accepted == generation(first, "old").manifest);
  const auto evidence = stored.snapshots.manifest_of(SnapshotKind::evidence, first);
  REQUIRE(evidence.ok());
  REQUIRE_FALSE(evidence->has_value());
  REQUIRE(std::rename(stored.path(first + ".pax.zst").c_str(),
                      stored.path(second + ".pax.zst").c_str()) == 0);
  REQUIRE(stored.snapshots.manifest_of(SnapshotKind::accepted, second).error().kind ==
          ErrorKind::invalid);
  stored.tree.file("state/snapshots/" + first + ".pax.zst", "no archive", 0600);
  REQUIRE_FALSE(stored.snapshots.manifest_of(SnapshotKind::evidence, first).ok());
}

TEST_CASE("what was accepted last is the newest generation that is no evidence") {
  Stored stored;
  REQUIRE_FALSE(stored.snapshots.newest_accepted()->has_value());
  REQUIRE(stored.keep(generation(first, "old")).ok());
  Kept evidence = generation(second, "found");
  evidence.manifest.kind = SnapshotKind::evidence;
  REQUIRE(stored.keep(evidence).ok());
  const auto newest = stored.snapshots.newest_accepted();
  REQUIRE(newest.ok());
  REQUIRE((*newest)->id == first);
}

TEST_CASE("whether a damaged generation was accepted nobody knows") {
  Stored stored;
  REQUIRE(stored.keep(generation(first, "old")).ok());
  stored.tree.file("state/snapshots/" + second + ".pax.zst", "no archive", 0600);
  REQUIRE(stored.snapshots.newest_accepted().error().kind == ErrorKind::invalid);
}

TEST_CASE("a new id is greater than all that are there, whatever the clock says") {
  using std::chrono::seconds;
  using std::chrono::sys_seconds;
  Stored stored;
  const sys_seconds at_first{seconds(1795688100)};  // 2026-11-26 10:15:00 UTC
  REQUIRE(stored.snapshots.new_id(at_first)->starts_with("20261126T101500Z-"));
  REQUIRE(stored.keep(generation(second, "new")).ok());
  REQUIRE(*stored.snapshots.new_id(at_first) == "20261126T101501Z-0001");
  REQUIRE(stored.snapshots.new_id(at_first + seconds(2))->starts_with("20261126T101502Z-"));
  REQUIRE(stored.keep(generation("20261126T101502Z-ffff", "last")).ok());
  REQUIRE(stored.snapshots.new_id(at_first)->starts_with("20261126T101503Z-"));
  REQUIRE(stored.keep(generation("99991231T235959Z-ffff", "of no time")).ok());
  REQUIRE(stored.snapshots.new_id(at_first).error().number == EAGAIN);
}

TEST_CASE("a scratch file has no name, and what had one is removed with what was left") {
  Stored stored;
  const Result<Fd> file = stored.snapshots.scratch_file();
  REQUIRE(file.ok());
  REQUIRE(write(file->get(), "x", 1) == 1);
  struct stat facts {};
  REQUIRE(fstat(file->get(), &facts) == 0);
  REQUIRE(facts.st_nlink == 0);
  REQUIRE((facts.st_mode & 07777) == 0600);
  stored.tree.file("state/snapshots/.scratch", "half");
  REQUIRE(stored.snapshots.remove_left_overs().ok());
  REQUIRE(access(stored.path(".scratch").c_str(), F_OK) != 0);
}

TEST_CASE("the digest of an archive is known once it was written down, and until it is forgotten") {
  Stored stored;
  RecordedDigests digests_of;
  digests_of.archive.back() = 0xff;
  digests_of.manifest.front() = 0x80;
  REQUIRE_FALSE((*SnapshotDigests::open_to_read(stored.state)).of(first)->has_value());
  SnapshotDigests digests = *SnapshotDigests::open(stored.state);
  REQUIRE(digests.add(first, digests_of).ok());
  REQUIRE(**digests.of(first) == digests_of);
  REQUIRE_FALSE(digests.of(second)->has_value());
  REQUIRE(**(*SnapshotDigests::open_to_read(stored.state)).of(first) == digests_of);
  digests_of.archive.front() = 7;
  REQUIRE(digests.add(first, digests_of).ok());
  REQUIRE(**digests.of(first) == digests_of);
  REQUIRE(digests.remove(first).ok());
  REQUIRE_FALSE(digests.of(first)->has_value());
  REQUIRE_FALSE(SnapshotDigests::none().of(first)->has_value());
}

TEST_CASE("an archive is taken in as what it says it is, once, and nothing else is") {
  Stored from;
  REQUIRE(from.keep(generation(first, "old")).ok());
  Stored to;
  const auto take_in = [&](const std::string& path) {
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    REQUIRE(file);
    return to.snapshots.take_in(file.get(), "it", SnapshotDigests::none());
  };
  const std::string archive = from.path(first + ".pax.zst");
  REQUIRE(take_in(archive)->is_new);
  REQUIRE(to.contents(first) == std::map<std::string, std::string>{{"/etc/a", "old"}});
  REQUIRE_FALSE(take_in(archive)->is_new);
  Stored other;
  REQUIRE(other.keep(generation(first, "another")).ok());
  REQUIRE(take_in(other.path(first + ".pax.zst")).error().kind == ErrorKind::changed);
  REQUIRE(to.contents(first) == std::map<std::string, std::string>{{"/etc/a", "old"}});
  // What is damaged gives way.
  REQUIRE(::truncate(to.path(first + ".pax.zst").c_str(), 40) == 0);
  const auto healed = take_in(archive);
  REQUIRE(healed.ok());
  CHECK(healed->is_new);
  CHECK(healed->heals);
  REQUIRE(to.contents(first) == std::map<std::string, std::string>{{"/etc/a", "old"}});
  REQUIRE(take_in("/dev/zero").error().kind == ErrorKind::invalid);  // and does not go on for ever
  REQUIRE(take_in("/dev/null").error().kind == ErrorKind::invalid);
  // After that one there could be no other.
  Stored last;
  const std::string of_no_time = "99990101T000000Z-0000";
  REQUIRE(last.keep(generation(of_no_time, "old")).ok());
  REQUIRE(take_in(last.path(of_no_time + ".pax.zst")).error().kind == ErrorKind::invalid);
  REQUIRE(to.ids() == std::vector{first});
  REQUIRE(access(to.path(".import").c_str(), F_OK) != 0);
}

TEST_CASE("what is carried over is laid under what is new") {
  const auto object = [](const std::string& path, std::uint64_t size) {
    SnapshotObject out;
    out.path = path;
    out.size = size;
    return out;
  };
  const auto paths = [](const SpooledObjects& all) {
    std::string out;
    for (std::size_t i = 0; i < all.objects.size(); ++i) {
      out += all.objects[i].path + std::to_string(all.objects[i].size) + '@' +
             std::to_string(all.contents[i]) + ' ';
    }
    return out;
  };
  const SpooledObjects over{{object("/b", 1), object("/d", 1)}, {10, 11}};
  const SpooledObjects under{{object("/a", 2), object("/b", 2), object("/c", 2), object("/e", 2)},
                             {20, 21, 22, 23}};
  REQUIRE(paths(laid_over(over, under)) == "/a2@20 /b1@10 /c2@22 /d1@11 /e2@23 ");
  REQUIRE(paths(laid_over({}, under)) == paths(under));
  REQUIRE(paths(laid_over(over, {})) == paths(over));
}
