// SPDX-License-Identifier: Apache-2.0
// What an apply writes down, and when.
#include "engine/recover.hpp"
#include "fs/apply_support.hpp"
#include "os/system.hpp"
#include "support/catch.hpp"
#include "support/image_mount.hpp"
#include "support/journals.hpp"
#include "support/other_user.hpp"
#include "support/programs.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <map>
#include <set>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace permward;
using namespace permward::test;

namespace {

std::map<std::string, RecordedChange> by_path(const std::vector<RecordedChange>& changes) {
  std::map<std::string, RecordedChange> out;
  for (const RecordedChange& one : changes) out[one.change.path] = one;
  return out;
}

// Until nothing more can be written.
void fill(const std::string& path) {
  const Fd file(open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  const std::string page(4096, 'x');
  while (write(file.get(), page.data(), page.size()) > 0) continue;
}

}  // namespace

TEST_CASE(
    "what a run changes is in the journal before its first action and what became of it after") {
  for (const FileSystem file_system : file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    TempTree& tree = mount.tree();
    const std::string plain = tree.file("plain", "", 0666);
    const std::string barred = tree.file("barred", "", 0666);
    const std::string his = tree.file("his", "", 0666);
    const std::string right = tree.file("right", "", 0640);
    tree.chown("his", mallory, mallory);
    run_program({"chattr", "+i", barred});
    const std::string policy =
        rule("plain", plain, "mode = \"0640\"") +
        rule("barred", barred, "mode = \"0640\"\nattributes = \"i\"") +
        rule("his", his, "owner = \"root\"\nmode = \"0640\"\nacl = [\"user:7001:r\"]") +
        rule("right", right, "mode = \"0640\"");

    Written written(mount.path("state"));
    std::vector<RecordedChange> at_first;
    bool looked = false;
    WatchedChanger changer;
    changer.before = [&](int /*held*/, Type /*type*/, const Action& /*action*/) {
      if (!looked) at_first = written.changes();
      looked = true;
    };
    written.with.changer = &changer;
    const Applied applied = apply_text(policy, written.with);
    REQUIRE(applied.outcome.changed == 3);
    REQUIRE_FALSE(applied.outcome.error);

    const auto before = by_path(at_first);
    REQUIRE(before.size() == 3);
    for (const std::string& path : {plain, barred, his}) {
      INFO(path);
      const RecordedChange& one = before.at(path);
      REQUIRE_FALSE(one.outcome);
      REQUIRE(one.change.inode.inode == status_of(path).st_ino);
      REQUIRE(one.change.before.mode == 0666);
      REQUIRE(one.change.before.owner == (path == his ? mallory : 0));
      REQUIRE((one.change.intended.mode & 07U) == 0);
      REQUIRE(one.change.intended.owner == 0);
      const AttributeSet lifted =
          path == barred ? AttributeSet(Attribute::immutable) : AttributeSet();
      REQUIRE(one.change.lifted == lifted);
    }
    const auto after = by_path(written.changes());
    REQUIRE(after.size() == 3);
    for (const auto& [path, one] : after) {
      INFO(path);
      REQUIRE(one.outcome);
      REQUIRE(one.outcome->status == "corrected");
      REQUIRE(one.outcome->effect == Effect::some);
      REQUIRE(one.outcome->after == one.change.intended);
      REQUIRE(one.change == before.at(path).change);
    }
    REQUIRE(written.journal.lifted()->empty());

    // A run that changes nothing writes nothing down.
    Written next(mount.path("state2"));
    REQUIRE(apply_text(policy, next.with).in_policy());
    REQUIRE(next.run.id().empty());
    REQUIRE(next.journal.runs()->empty());
    run_program({"chattr", "-i", barred});
  }
}

TEST_CASE("of many objects none is changed that is not in the journal yet") {
  ImageMount mount(FileSystem::tmpfs);
  TempTree& tree = mount.tree();
  const std::size_t count = 2300;  // more than are written down at a time
  for (std::size_t i = 0; i < count; ++i) tree.file("t/f" + std::to_string(i), "", 0666);
  Written written(mount.path("state"));
  std::set<ino_t> known;
  std::size_t unknown = 0;
  std::size_t looks = 0;
  WatchedChanger changer;
  changer.before = [&](int held, Type /*type*/, const Action& /*action*/) {
    struct stat status {};
    require(fstat(held, &status) == 0, "fstat");
    if (known.count(status.st_ino) != 0) return;
    for (const RecordedChange& one : written.changes()) known.insert(one.change.inode.inode);
    ++looks;
    unknown += 1 - known.count(status.st_ino);
  };
  written.with.changer = &changer;
  const std::string policy =
      rule("t", tree.path("t"), "recurse = true\nfiles = { mode = \"0640\" }");
  REQUIRE(apply_text(policy, written.with).outcome.changed == count);
  REQUIRE(unknown == 0);
  REQUIRE(looks >= 3);
  const auto changes = written.changes();
  REQUIRE(changes.size() == count);
  REQUIRE(std::all_of(changes.begin(), changes.end(), [](const RecordedChange& one) {
    return one.outcome && one.outcome->status == "corrected";
  }));
}

TEST_CASE("what changes after it was looked at is written down as it is by then, old or new") {
  using namespace std::chrono_literals;
  for (const FileSystem file_system : file_systems()) {
    // Of what is older than the clock of the kernel is coarse, the time of change tells.
    for (const auto age : {0ms, 150ms}) {
      INFO(name(file_system) << ", " << age.count() << " ms");
      ImageMount mount(file_system);
      TempTree& tree = mount.tree();
      const std::string later = tree.file("a", "", 0666);
      const std::string first = tree.file("b", "", 0666);
      std::this_thread::sleep_for(age);
      Written written(mount.path("state"));
      bool once = true;
      WatchedChanger changer;
      changer.before = [&](int /*held*/, Type /*type*/, const Action& /*action*/) {
        if (once) run_program({"setfacl", "-m", "u:7001:r", later});
        once = false;
      };
      written.with.changer = &changer;
      const Applied applied = apply_text(
          rule("a", later, "mode = \"0640\"") + rule("b", first, "mode = \"0640\""), written.with);
      REQUIRE(applied.outcome.changed == 2);
      const auto changes = written.changes();
      REQUIRE(changes.size() == 3);
      REQUIRE(changes[1].change.path == later);
      REQUIRE(changes[1].change.before.acl.empty());
      REQUIRE(changes[1].outcome->effect == Effect::none);
      REQUIRE(changes[2].change.path == later);
      REQUIRE_FALSE(changes[2].change.before.acl.empty());
      REQUIRE(changes[2].outcome->status == "corrected");
    }
  }
}

TEST_CASE("an object that fails is in the journal as it was left") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  const std::string policy_of_one = "owner = 7001\nmode = \"0660\"";
  const std::string f = tree.file("f", "", 0606);
  const std::string g = tree.file("g", "", 0606);
  for (const std::size_t fails : {std::size_t{0}, std::size_t{1}, std::size_t{2}}) {
    INFO("call " << fails);
    for (const char* one : {"f", "g"}) {
      tree.chown(one, 0, 0);
      tree.chmod(one, 0606);
    }
    Written written(mount.path("state" + std::to_string(fails)));
    const Kernel kernel;
    KernelChanger by_calls(kernel);
    RecordingChanger recording(by_calls);
    recording.fail_at(fails, EIO);
    written.with.changer = &recording;
    (void)apply_text(rule("f", f, policy_of_one) + rule("g", g, policy_of_one), written.with);
    const auto changes = by_path(written.changes());
    REQUIRE(changes.at(f).outcome->status == "corrected");
    const Outcome failed = *changes.at(g).outcome;  // the first to be corrected
    REQUIRE(failed.status == "failed");
    REQUIRE(failed.effect == (fails == 0 ? Effect::none : Effect::some));
    const struct stat status = status_of(g);
    REQUIRE(failed.after->mode == (status.st_mode & 07777U));
    REQUIRE(failed.after->owner == status.st_uid);
    REQUIRE(changes.at(g).change.before.mode == 0606);
  }
}

TEST_CASE("what could not be put back is tried again by the next run, until it is there or gone") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  const std::string f = tree.file("f", "", 0666);
  const std::string g = tree.file("g", "", 0666);
  run_program({"chattr", "+i", f, g});
  Written written(mount.path("state"));
  Counted counted;
  for (const std::size_t step : {2U, 3U, 6U, 7U}) counted.changer.fail_at(step, EBUSY);
  written.with.changer = &counted.changer;
  const Applied applied =
      apply_text(rule("f", f, "mode = \"0640\"") + rule("g", g, "mode = \"0640\""), written.with);
  REQUIRE(applied.lines() == Lines{f + " mode failed", g + " mode failed"});
  REQUIRE(written.journal.finish(written.run, RunEnd{quarter_past_ten}).ok());
  REQUIRE(written.journal.lifted()->size() == 2);

  const auto system = host_system();
  REQUIRE(system.ok());
  const auto recovered = [&](Changer& changer) {
    auto out = recover(*system, written.journal, changer, quarter_past_ten);
    REQUIRE(out.ok());
    return std::move(*out);
  };
  RecordingChanger refusing;
  refusing.fail_at(0, EBUSY);
  refusing.fail_at(1, EBUSY);
  const Recovery first = recovered(refusing);
  REQUIRE(first.left.size() == 2);
  REQUIRE(first.runs.empty());
  REQUIRE(unlink(g.c_str()) == 0);
  tree.file("g", "another", 0640);
  KernelChanger by_calls(counted.kernel);
  const Recovery second = recovered(by_calls);
  REQUIRE(second.put_back == Lines{f});
  REQUIRE(second.left.size() == 1);
  REQUIRE(run_program({"lsattr", f}).substr(0, 20).find('i') != std::string::npos);
  REQUIRE(run_program({"lsattr", g}).substr(0, 20).find('i') == std::string::npos);
  const Recovery third = recovered(by_calls);
  REQUIRE((third.put_back.empty() && third.left.empty()));
  REQUIRE(written.journal.lifted()->empty());
  run_program({"chattr", "-i", f});
}

TEST_CASE("a run that is stopped leaves the rest and says so in the journal") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  std::string policy;
  for (int i = 0; i < 4; ++i) {
    const std::string at = std::to_string(i);
    policy += rule("r" + at, tree.file("f" + at, "", 0666), "owner = 7001\nmode = \"0640\"");
  }
  Written written(mount.path("state"));
  std::atomic<bool> stop = false;
  WatchedChanger changer;
  changer.before = [&](int /*held*/, Type /*type*/, const Action& /*action*/) { stop = true; };
  written.with.changer = &changer;
  written.with.options.check.stop = &stop;
  const Applied applied = apply_text(policy, written.with);
  REQUIRE(applied.outcome.found.interrupted);
  REQUIRE(applied.outcome.changed == 1);
  REQUIRE(applied.lines().size() == 8);
  const auto changes = by_path(written.changes());
  REQUIRE(changes.size() == 4);
  for (const auto& [path, one] : changes) {
    INFO(path);
    // The object at which it was stopped is brought to its end.
    const bool last = path == tree.path("f3");
    REQUIRE(one.outcome->status == (last ? "corrected" : "left"));
    REQUIRE(one.outcome->effect == (last ? Effect::some : Effect::none));
    REQUIRE((status_of(path).st_mode & 0777U) == (last ? 0640U : 0666U));
  }
}

TEST_CASE("what a stopped run did not come to is told as it was found") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  const std::string demands = "owner = 7001\ngroup = 7001\nmode = \"0640\"";
  std::string policy =
      rule("made", tree.path("made"), "type = \"file\"\non_missing = \"create\"\n" + demands);
  Lines expected;
  for (const std::string at : {"f0", "f1", "f2"}) {
    const std::string path = tree.file(at, "", 0666);
    policy += rule(at, path, demands);
    for (const char* aspect : {" owner", " group", " mode"}) {
      expected.push_back(path + aspect + " violation");
    }
  }
  expected.push_back(tree.path("made") + " presence corrected");
  std::atomic<bool> stop = false;
  WatchedChanger changer;
  changer.before = [&](int /*held*/, Type /*type*/, const Action& /*action*/) { stop = true; };
  ApplyWith with;
  with.changer = &changer;
  with.options.check.stop = &stop;
  const Applied applied = apply_text(policy, with);
  REQUIRE(applied.outcome.found.interrupted);
  REQUIRE(applied.outcome.changed == 1);
  REQUIRE(applied.lines() == expected);
}

TEST_CASE("where the journal cannot be written nothing is changed") {
  TempTree place;
  place.chmod("", 0755);
  const std::string point = place.directory("state");
  const Mounted mounted("tmpfs", point, "tmpfs", 0, "size=1m,mode=0700");
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  const std::string wide = tree.file("wide", "", 0666);
  const std::string evil = tree.file("evil", "", 0777);
  Written written(point + "/own");
  // What the journal has kept for itself is used up, too.
  OpenRun other = Journal::begin(start_of("apply"));
  fill(point + "/filler");
  while (written.journal.record(other, changes_of(1)).ok()) continue;

  const Kernel kernel;
  KernelChanger by_calls(kernel);
  RecordingChanger recording(by_calls);
  written.with.changer = &recording;
  const std::string policy =
      rule("wide", wide, "mode = \"0640\"") + rule("evil", evil, "mode = \"4755\"");
  const Applied applied = apply_text(policy, written.with);
  REQUIRE(applied.outcome.error);
  REQUIRE(applied.outcome.error->number == ENOSPC);
  REQUIRE(applied.outcome.changed == 0);
  REQUIRE(recording.asked.empty());
  REQUIRE(applied.lines() ==
          std::vector<std::string>{evil + " mode refused", wide + " mode violation"});
  REQUIRE((status_of(wide).st_mode & 0777U) == 0666);
  REQUIRE((status_of(evil).st_mode & 07777U) == 0777);

  // What is wrong is reported all the same, also what would have been written down later.
  const std::size_t count = 2300;
  for (std::size_t i = 0; i < count; ++i) tree.file("t/f" + std::to_string(i), "", 0666);
  const std::string many = rule("t", tree.path("t"), "recurse = true\nfiles = { mode = \"0640\" }");
  Written another(point + "/own");
  another.with.changer = &recording;
  const Applied all = apply_text(many, another.with);
  REQUIRE(all.outcome.error);
  REQUIRE(recording.asked.empty());
  REQUIRE(all.lines().size() == count);
}
