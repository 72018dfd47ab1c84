// SPDX-License-Identifier: Apache-2.0
// Taking back what a run changed: what comes back, and what is left alone.
#include "engine/undo.hpp"

#include "fs/apply_support.hpp"
#include "support/catch.hpp"
#include "support/image_mount.hpp"
#include "support/other_user.hpp"
#include "support/programs.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

using namespace permward;
using namespace permward::test;

namespace {

// What an apply of that policy changes, done and written down.
std::vector<RecordedChange> changed_by(const std::string& state, const std::string& policy,
                                       bool offline = false) {
  Written written(state);
  written.with.options.offline = offline;
  const Applied applied = apply_text(policy, written.with);
  REQUIRE_FALSE(applied.outcome.error);
  REQUIRE(applied.outcome.changed > 0);
  return written.changes();
}

UndoOptions forced() {
  UndoOptions out;
  out.force = true;
  return out;
}
UndoOptions nobody_else_acts() {
  UndoOptions out;
  out.offline = true;
  return out;
}

bool exists(const std::string& path) {
  struct stat status {};
  return lstat(path.c_str(), &status) == 0;
}

std::string created(const std::string& id, const std::string& path, const std::string& type,
                    const std::string& mode) {
  return rule(id, path,
              "on_missing = \"create\"\ntype = \"" + type +
                  "\"\nowner = \"root\"\ngroup = \"root\"\nmode = \"" + mode + '"');
}

// Objects with everything that a change can be about, and what a policy makes of them.
struct Mixture {
  explicit Mixture(TempTree& tree) {
    top = tree.directory("top");
    add(tree.file("top/mode", "x", 0666), Type::file, "mode = \"0640\"");
    add(tree.file("top/owner", "x", 0644), Type::file, "owner = 7001\ngroup = 7002");
    add(tree.file("top/acl", "x", 0644), Type::file, "acl = []\nmode = \"0600\"");
    run_program({"setfacl", "-m", "u:7001:rw,g:7002:r", top + "/acl"});
    add(tree.file("top/given", "x", 0640), Type::file, "acl = [\"user:7001:rw\"]");
    add(tree.file("top/barred", "x", 0666), Type::file,
        "mode = \"0640\"\nattributes = { clear = [\"immutable\"] }");
    run_program({"chattr", "+i", top + "/barred"});
    add(tree.file("top/bar", "x", 0644), Type::file, "attributes = [\"immutable\", \"no_dump\"]");
    add(tree.directory("top/open", 0777), Type::directory,
        "mode = \"0750\"\ndefault_acl = [\"user:7001:rx\"]");
    add(tree.directory("top/default", 0755), Type::directory, "default_acl = []\nacl = []");
    run_program({"setfacl", "-d", "-m", "u:7001:rwx", top + "/default"});
    add(tree.symlink("top/link", "old"), Type::symlink, "target = \"new\"\nowner = 7001");
    add(tree.fifo("top/fifo", 0666), Type::fifo, "type = \"fifo\"\nmode = \"0600\"");
    add(tree.file("top/capable", "x", 0755), Type::file, "capabilities = \"cap_net_raw=ep\"");
  }
  ~Mixture() { run_program({"chattr", "-i", top + "/barred", top + "/bar"}); }
  Mixture(const Mixture&) = delete;
  Mixture& operator=(const Mixture&) = delete;

  void add(const std::string& path, Type type, const std::string& demand) {
    objects[path] = type;
    policy += rule("r" + std::to_string(objects.size()), path, demand);
  }

  std::string top;
  std::string policy;
  std::map<std::string, Type> objects;
};

}  // namespace

TEST_CASE("what a run changed comes back, and what that changed, as the tools show it") {
  for (const FileSystem file_system : all_file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    Mixture mixture(mount.tree());
    const auto before = shown(mixture.objects);
    const auto changes = changed_by(mount.path("state"), mixture.policy);
    const auto after = shown(mixture.objects);
    REQUIRE(changes.size() == mixture.objects.size());
    for (const auto& [path, text] : before) REQUIRE(after.at(path) != text);

    Written written(mount.path("state"));
    const Applied undone = undo_changes(changes, {}, written.with);
    for (const Finding& one : undone.outcome.found.findings) {
      INFO(one.path.text() << ' ' << name(one.aspect) << ' ' << one.reason);
      REQUIRE(one.status == Status::corrected);
    }
    REQUIRE(shown(mixture.objects) == before);
    REQUIRE(undone.outcome.changed == changes.size());

    const Applied again = undo_changes(written.changes());
    REQUIRE(again.outcome.changed == changes.size());
    REQUIRE(shown(mixture.objects) == after);
    REQUIRE(undo_changes(written.changes()).outcome.changed == 0);
  }
}

TEST_CASE("a dry run of it shows the steps, and changes nothing") {
  ImageMount mount(FileSystem::ext4);
  const std::string f = mount.tree().file("f", "", 0666);
  const auto changes = changed_by(mount.path("state"), rule("f", f, "mode = \"0640\""));
  ApplyWith with;
  with.dry_run = true;
  const Applied rehearsed = undo_changes(changes, {}, with);
  REQUIRE(rehearsed.lines() == Lines{f + " mode would_correct"});
  REQUIRE(rehearsed.outcome.plan.at(0).actions == Lines{"mode 0666"});
  REQUIRE(ids_and_mode(f) == "0:0 640");
}

// --- What has changed since ---------------------------------------------------------------------

TEST_CASE("what has changed since is left alone, and the others are taken back") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  std::string policy;
  for (const char* one : {"mode", "owner", "acl", "replaced", "gone", "directory", "same"}) {
    policy += rule(one, tree.file(one, "", 0666), "mode = \"0640\"");
  }
  const auto changes = changed_by(mount.path("state"), policy);
  tree.chmod("mode", 0600);
  tree.chown("owner", mallory, 0);
  run_program({"setfacl", "-m", "u:7001:r", tree.path("acl")});
  REQUIRE(unlink(tree.path("replaced").c_str()) == 0);
  tree.file("replaced", "another", 0640);
  REQUIRE(unlink(tree.path("gone").c_str()) == 0);
  REQUIRE(unlink(tree.path("directory").c_str()) == 0);
  tree.directory("directory", 0640);

  const Applied undone = undo_changes(changes);
  REQUIRE(undone.outcome.changed == 1);
  for (const std::string& line : undone.lines()) {
    INFO(line);
    REQUIRE(line.ends_with(line.starts_with(tree.path("same")) ? "corrected" : "violation"));
  }
  REQUIRE(ids_and_mode(tree.path("mode")) == "0:0 600");
  REQUIRE(ids_and_mode(tree.path("owner")) == "7001:0 640");
  REQUIRE(ids_and_mode(tree.path("replaced")) == "0:0 640");
  REQUIRE(ids_and_mode(tree.path("directory")) == "0:0 640");

  const Applied all = undo_changes(changes, forced());
  REQUIRE(all.outcome.changed == 4);
  REQUIRE(ids_and_mode(tree.path("mode")) == "0:0 666");
  REQUIRE(ids_and_mode(tree.path("owner")) == "0:0 666");
  REQUIRE(ids_and_mode(tree.path("acl")) == "0:0 666");
  REQUIRE(ids_and_mode(tree.path("replaced")) == "0:0 666");
  REQUIRE(ids_and_mode(tree.path("directory")) == "0:0 640");
  REQUIRE_FALSE(exists(tree.path("gone")));
}

TEST_CASE("of a directory what the run did not look at may have changed since") {
  ImageMount mount(FileSystem::ext4);
  const std::string d = mount.tree().directory("d", 0777);
  const auto changes = changed_by(mount.path("state"), rule("d", d, "mode = \"0750\""));
  run_program({"chattr", "+d", d});
  mount.tree().file("d/new");
  REQUIRE(undo_changes(changes).lines() == Lines{d + " mode corrected"});
  REQUIRE(ids_and_mode(d) == "0:0 777");
  REQUIRE(run_program({"lsattr", "-d", d}).substr(0, 20).find('d') != std::string::npos);
}

TEST_CASE("a file that was written since, or touched at all, is not as the run left it") {
  for (const char* what : {"content", "attribute", "link"}) {
    INFO(what);
    ImageMount mount(FileSystem::ext4);
    const std::string f = mount.tree().file("f", "", 0666);
    const auto changes =
        changed_by(mount.path("state"), rule("f", f, "mode = \"0600\"\nowner = 7001"));
    if (what == std::string("content")) std::ofstream(f) << "secret";
    if (what == std::string("attribute")) run_program({"chattr", "+d", f});
    if (what == std::string("link")) mount.tree().hard_link("g", "f");
    REQUIRE(undo_changes(changes).lines() == Lines{f + " owner violation", f + " mode violation"});
    REQUIRE(ids_and_mode(f) == "7001:0 600");
  }
}

TEST_CASE("what its owner could have written since is not armed again, unless a rule names him") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  const std::string tool = tree.file("tool", "", 0755);
  const std::string group = tree.file("group", "", 0755);
  tree.chown("tool", mallory, mallory);
  tree.chown("group", mallory, 0);
  tree.chmod("group", 02755);
  run_program({"setcap", "cap_setuid=ep", tool});
  const auto changes = changed_by(mount.path("state"), rule("tool", tool, "capabilities = \"\"") +
                                                           rule("group", group, "mode = \"0755\""));
  const Applied undone = undo_changes(changes);
  REQUIRE(undone.lines() == Lines{group + " mode refused", tool + " capabilities refused"});
  REQUIRE(run_program({"getcap", tool}).empty());
  REQUIRE(ids_and_mode(group) == "7001:0 755");
  const Applied demanded = undo_changes(changes, {}, {}, rule("tool", tool, "owner = 7001"));
  REQUIRE(any_starts_with(demanded.lines(), tool + " capabilities corrected"));
}

TEST_CASE("a forced undo does not arm another inode") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  const std::string tool = tree.file("tool", "", 04755);
  const auto changes = changed_by(mount.path("state"), rule("tool", tool, "mode = \"0755\""));
  std::filesystem::rename(tree.file("new", "another", 0755), tool);
  for (UndoOptions options : {forced(), forced()}) {
    options.offline = true;
    REQUIRE(undo_changes(changes, options).lines() == Lines{tool + " mode refused"});
    REQUIRE(ids_and_mode(tool) == "0:0 755");
  }
}

TEST_CASE("what got the name of a changed object during the run is not set back for it") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  his_directory(tree, "d");
  const std::string f = tree.file("d/f", "his", 0666);
  const std::string g = tree.file("d/g", "secret", 0600);
  tree.chown("d/f", mallory, mallory);
  WatchedChanger changer;
  bool exchanged = false;
  changer.before = [&](int /*held*/, Type /*type*/, const Action& action) {
    if (!std::holds_alternative<SetOwner>(action) || exchanged) return;
    exchanged = true;
    std::filesystem::rename(f, tree.path("d/old"));
    std::filesystem::rename(g, f);
  };
  Written written(mount.path("state"));
  written.with.changer = &changer;
  const Applied applied = apply_text(
      rule("f", f,
           "owner = \"root\"\ngroup = \"root\"\nmode = \"0640\"\ntrust = [7001, \"@7001\"]"),
      written.with);
  REQUIRE(exchanged);
  const Applied undone = undo_changes(written.changes());
  REQUIRE(any_starts_with(undone.lines(), f + " presence violation"));
  REQUIRE(ids_and_mode(f).starts_with("0:0"));
  REQUIRE(mount.tree().read("d/f") == "secret");
}

TEST_CASE("what was lifted to be removed is put back if it cannot be") {
  ImageMount mount(FileSystem::ext4);
  const std::string f = mount.path("f");
  const auto changes = changed_by(
      mount.path("state"), created("f", f, "file", "0640") + "attributes = [\"immutable\"]\n");
  Kernel kernel;
  KernelChanger by_calls(kernel);
  RecordingChanger changer(by_calls);
  changer.fail_at(1, EIO);
  ApplyWith with;
  with.changer = &changer;
  REQUIRE(undo_changes(changes, {}, with).lines() == Lines{f + " presence failed"});
  REQUIRE(run_program({"lsattr", f}).substr(0, 20).find('i') != std::string::npos);
  REQUIRE(undo_changes(changes, forced()).outcome.changed == 1);
  REQUIRE_FALSE(exists(f));
}

TEST_CASE("what was made is removed while it is empty, forced or not") {
  for (const FileSystem file_system : all_file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    const std::string d = mount.path("d");
    const std::string e = mount.path("e");
    const auto changes = changed_by(
        mount.path("state"),
        created("d", d, "directory", "0755") + created("f", d + "/f", "file", "0640") +
            created("e", e, "directory", "0700") + created("g", mount.path("g"), "file", "0600"));
    std::ofstream(mount.path("g")) << "mine";
    mount.tree().file("e/mine");
    for (const UndoOptions& options : {UndoOptions{}, forced()}) {
      const Applied undone = undo_changes(changes, options);
      REQUIRE_FALSE(exists(d));
      REQUIRE(exists(e + "/mine"));
      REQUIRE(mount.tree().read("g") == "mine");
      REQUIRE(any_starts_with(undone.lines(), e + " presence violation"));
      REQUIRE(any_starts_with(undone.lines(), mount.path("g") + " presence violation"));
    }
  }
}

TEST_CASE("directories that were made in each other are removed in one run") {
  ImageMount mount(FileSystem::ext4);
  std::string path = mount.path("d");
  std::string policy = created("d0", path, "directory", "0755");
  for (const char* id : {"d1", "d2", "d3"}) {
    path += "/d";
    policy += created(id, path, "directory", "0755");
  }
  const auto changes = changed_by(mount.path("state"), policy);
  REQUIRE(undo_changes(changes).outcome.changed == 4);
  REQUIRE_FALSE(exists(mount.path("d")));
}

TEST_CASE("a link comes back in a directory whose attributes it did not have") {
  for (const FileSystem file_system : all_file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    const std::string d = mount.tree().directory("d");
    const std::string link = mount.tree().symlink("d/link", "old");
    run_program({"chattr", "+d", d});
    const auto changes = changed_by(mount.path("state"), rule("link", link, "target = \"new\""));
    REQUIRE(undo_changes(changes).lines() == Lines{link + " target corrected"});
    REQUIRE(std::filesystem::read_symlink(link) == "old");
  }
}

TEST_CASE("what an undo removed is made again, as it was") {
  ImageMount mount(FileSystem::ext4);
  const std::string d = mount.path("d");
  const std::string f = d + "/f";
  const auto changes = changed_by(
      mount.path("state"),
      rule("d", d,
           "on_missing = \"create\"\ntype = \"directory\"\nowner = \"root\"\ngroup = 7002\n"
           "mode = \"2750\"\ndefault_acl = [\"user:7001:rwx\"]") +
          rule("f", f,
               "on_missing = \"create\"\ntype = \"file\"\nowner = 7001\ngroup = 7001\n"
               "mode = \"0600\"\nacl = []\nattributes = [\"no_dump\"]"));
  const std::map<std::string, Type> objects = {{d, Type::directory}, {f, Type::file}};
  const auto before = shown(objects);
  Written written(mount.path("state"));
  REQUIRE(undo_changes(changes, {}, written.with).outcome.changed == 2);
  REQUIRE_FALSE(exists(d));
  REQUIRE(undo_changes(written.changes()).outcome.changed == 2);
  for (const auto& [path, text] : shown(objects)) REQUIRE(text == before.at(path));
}

TEST_CASE("of a change that a killed run left, what is as intended is taken back") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  const std::string done = tree.file("done", "", 0666);
  const std::string half = tree.file("half", "", 0666);
  auto changes =
      changed_by(mount.path("state"), rule("done", done, "mode = \"0640\"\nowner = 7001") +
                                          rule("half", half, "mode = \"0640\"\nowner = 7001"));
  for (RecordedChange& one : changes) one.outcome.reset();
  tree.chown("half", 0, 0);
  const Applied undone = undo_changes(changes);
  REQUIRE(undone.lines() ==
          Lines{done + " owner corrected", done + " mode corrected", half + " mode violation"});
  REQUIRE(undone.reasons().at(0).find("killed") != std::string::npos);
  REQUIRE(ids_and_mode(half) == "0:0 640");
}

TEST_CASE("of an object that a run changed twice the first state comes back") {
  ImageMount mount(FileSystem::ext4);
  const std::string f = mount.tree().file("f", "", 0666);
  auto changes = changed_by(mount.path("state"), rule("f", f, "mode = \"0640\""));
  RecordedChange again = changes.at(0);
  again.change.before.mode = 0644;
  changes.at(0).outcome->after->mode = 0644;
  changes.push_back(again);
  REQUIRE(undo_changes(changes).lines() == Lines{f + " mode corrected"});
  REQUIRE(ids_and_mode(f) == "0:0 666");
}

// --- What apply would refuse --------------------------------------------------------------------

TEST_CASE("where somebody else controls the place nothing is given back, unless he is trusted") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  tree.directory("d");
  const std::string f = tree.file("d/f", "", 0666);
  const std::string demand = "owner = 7002\nmode = \"0600\"\n";
  const auto changes = changed_by(mount.path("state"), rule("f", f, demand));
  tree.chown("d", mallory, mallory);
  const Applied refused = undo_changes(changes);
  REQUIRE(refused.lines() == Lines{f + " owner refused", f + " mode refused"});
  REQUIRE(refused.reasons().at(0).find("trust = [\"") != std::string::npos);
  REQUIRE(ids_and_mode(f) == "7002:0 600");
  // The rule of today is about the owner alone: for the mode nobody is trusted.
  const Applied half = undo_changes(changes, {}, {}, rule("f", f, "owner = 7002\ntrust = [7001]"));
  REQUIRE(any_starts_with(half.lines(), f + " mode refused"));
  const Applied trusted = undo_changes(changes, {}, {}, rule("f", f, demand + "trust = [7001]"));
  REQUIRE(trusted.lines() == Lines{f + " owner corrected", f + " mode corrected"});
}

TEST_CASE("what lies in a directory is taken back before the directory is opened") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  tree.directory("d");
  const std::string f = tree.file("d/f", "", 0600);
  const auto changes =
      changed_by(mount.path("state"),
                 rule("f", f, "owner = 7002") + rule("d", tree.path("d"), "mode = \"0700\""));
  REQUIRE(undo_changes(changes).outcome.changed == 2);
  REQUIRE(ids_and_mode(f) == "0:0 600");
  REQUIRE(ids_and_mode(tree.path("d")) == "0:0 755");
}

TEST_CASE(
    "set-id bits and capabilities that others could have used to advantage do not come back") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  const std::string open = tree.file("open", "", 04777);
  const std::string fine = tree.file("fine", "", 04755);
  const std::string policy =
      rule("open", open, "mode = \"0755\"") + rule("fine", fine, "mode = \"0755\"");
  const auto changes = changed_by(mount.path("state"), policy);
  REQUIRE(undo_changes(changes).lines() == Lines{fine + " mode corrected", open + " mode refused"});
  REQUIRE(ids_and_mode(fine) == "0:0 4755");
  REQUIRE(ids_and_mode(open) == "0:0 777");
  REQUIRE(undo_changes(changes,
                       [] {
                         UndoOptions out = nobody_else_acts();
                         out.force = true;
                         return out;
                       }())
              .lines() == Lines{open + " mode corrected"});
  REQUIRE(ids_and_mode(open) == "0:0 4777");
}

TEST_CASE("a path that somebody else bends is not followed - T03") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  tree.directory("d");
  const std::string f = tree.file("d/f", "", 0600);
  const std::string victim = tree.file("victim/f", "", 0600);
  const auto changes = changed_by(mount.path("state"), rule("f", f, "mode = \"0640\""));
  const std::string before = trace_of(victim);
  std::filesystem::rename(tree.path("d"), tree.path("e"));
  tree.symlink("d", tree.path("victim"));
  REQUIRE(lchown(tree.path("d").c_str(), mallory, mallory) == 0);
  const Applied undone = undo_changes(changes, forced());
  REQUIRE(undone.lines() == Lines{f + " path refused"});
  REQUIRE(trace_of(victim) == before);
}

TEST_CASE("what is lifted for an undo is put back, whichever step fails") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  const std::string f = tree.file("f", "", 0666);
  run_program({"chattr", "+i", f});
  const auto changes =
      changed_by(mount.path("state"), rule("f", f, "mode = \"0640\"\nowner = 7001"));
  std::size_t steps = 0;
  for (std::size_t fails = 0; fails == 0 || fails < steps; ++fails) {
    INFO("step " << fails);
    Kernel kernel;
    KernelChanger by_calls(kernel);
    RecordingChanger changer(by_calls);
    changer.fail_at(fails, EIO);
    ApplyWith with;
    with.changer = &changer;
    const Applied undone = undo_changes(changes, forced(), with);
    if (fails == 0) {
      ApplyWith whole;
      RecordingChanger counting(by_calls);
      whole.changer = &counting;
      REQUIRE(undo_changes(changes, {}, whole).lines() ==
              Lines{f + " owner corrected", f + " mode corrected"});
      steps = counting.asked.size();
      REQUIRE(steps >= 4);
    }
    REQUIRE(run_program({"lsattr", f}).substr(0, 20).find('i') != std::string::npos);
    run_program({"chattr", "-i", f});
    tree.chown("f", 7001, 0);
    tree.chmod("f", 0640);
    run_program({"chattr", "+i", f});
  }
  run_program({"chattr", "-i", f});
}
