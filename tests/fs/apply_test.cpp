// SPDX-License-Identifier: Apache-2.0
// Whole applies on small trees: what is corrected, what is left alone, and what an object is
// between two calls.
#include "engine/apply.hpp"

#include "fs/apply_support.hpp"
#include "support/catch.hpp"
#include "support/image_mount.hpp"
#include "support/other_user.hpp"
#include "support/programs.hpp"
#include "support/real_acl.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

using namespace permward;
using namespace permward::test;

// --- What bars every change ---------------------------------------------------------------------

TEST_CASE("the mode of an immutable file is corrected in one run and it ends immutable") {
  for (const FileSystem file_system : all_file_systems()) {
    for (const Attribute attribute : {Attribute::immutable, Attribute::append_only}) {
      const std::string letters = letters_of(attribute);
      INFO(name(file_system) << " +" << letters);
      ImageMount mount(file_system);
      const std::string demanded = mount.tree().file("demanded", "", 0666);
      const std::string silent = mount.tree().file("silent", "", 0666);
      const std::string directory = mount.tree().directory("directory", 0777);
      run_program({"chattr", '+' + letters, demanded, silent, directory});
      const std::string policy =
          rule("demanded", demanded,
               "mode = \"0640\"\ngroup = 7001\nattributes = \"" + letters + '"') +
          rule("silent", silent, "mode = \"0640\"") +
          rule("directory", directory, "mode = \"0750\"\nowner = 7001");
      Counted counted;
      const Applied applied = counted.apply(policy);
      REQUIRE(applied.lines() == Lines{demanded + " group corrected", demanded + " mode corrected",
                                       directory + " owner corrected",
                                       directory + " mode corrected", silent + " mode corrected"});
      REQUIRE(ids_and_mode(demanded) == "0:7001 640");
      REQUIRE(ids_and_mode(silent) == "0:0 640");
      REQUIRE(ids_and_mode(directory) == "7001:0 750");
      for (const std::string& path : {demanded, silent, directory}) {
        REQUIRE(run_program({"lsattr", "-d", path}).substr(0, 20).find(letters) !=
                std::string::npos);
      }
      counted.require_settled(policy);
      run_program({"chattr", '-' + letters, demanded, silent, directory});
    }
  }
}

TEST_CASE("immutable that somebody keeps from being put back is told, where no rule speaks of it") {
  ImageMount mount(FileSystem::ext4);
  const std::string f = mount.tree().file("f", "", 0666);
  run_program({"chattr", "+i", f});
  Fd leased;
  REQUIRE(std::signal(SIGIO, SIG_IGN) != SIG_ERR);  // of a lease that is to be given back
  WatchedChanger changer;
  changer.before = [&](int /*held*/, Type /*type*/, const Action& action) {
    const auto* attributes = std::get_if<SetAttributes>(&action);
    if (attributes == nullptr || attributes->set.empty() || leased) return;
    leased.reset(open(f.c_str(), O_RDWR | O_CLOEXEC));
    REQUIRE(fcntl(leased.get(), F_SETLEASE, F_WRLCK) == 0);
  };
  ApplyWith with;
  with.changer = &changer;
  const Applied applied = apply_text(rule("f", f, "mode = \"0640\""), with);
  REQUIRE(leased);
  REQUIRE(ids_and_mode(f) == "0:0 640");
  REQUIRE(applied.lines() == Lines{f + " mode failed"});
  const std::string& reason = applied.outcome.found.findings[0].reason;
  REQUIRE(reason.find("immutable was lifted for the work and could not be put back") == 0);
}

TEST_CASE("an immutable file that lacks nothing else is not lifted") {
  ImageMount mount(FileSystem::ext4);
  const std::string path = mount.tree().file("f", "", 0640);
  run_program({"chattr", "+i", path});
  Counted counted;
  const Applied applied =
      counted.apply(rule("f", path, "mode = \"0640\"\nattributes = { clear = [\"immutable\"] }"));
  REQUIRE(applied.lines() == Lines{path + " attributes corrected"});
  REQUIRE(counted.actions() == Lines{"attributes + -i"});
}

TEST_CASE("what stays immutable becomes append-only, or is so no longer") {
  for (const FileSystem file_system : all_file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    const std::string f = mount.tree().file("f");
    const std::string g = mount.tree().file("g");
    run_program({"chattr", "+i", f});
    run_program({"chattr", "+ia", g});
    Counted counted;
    const Lines said = counted
                           .apply(rule("f", f, "attributes = [\"append_only\"]") +
                                  rule("g", g, "attributes = { clear = [\"append_only\"] }"))
                           .lines();
    const std::string letters = run_program({"lsattr", "-d", f, g});
    run_program({"chattr", "-ia", f, g});
    REQUIRE(said == Lines{f + " attributes corrected", g + " attributes corrected"});
    REQUIRE(std::count(letters.begin(), letters.begin() + 20, 'i') == 1);
    REQUIRE(std::count(letters.begin(), letters.begin() + 20, 'a') == 1);
    const std::string second = letters.substr(letters.find('\n') + 1, 20);
    REQUIRE(std::count(second.begin(), second.end(), 'i') == 1);
    REQUIRE(std::count(second.begin(), second.end(), 'a') == 0);
  }
}

TEST_CASE("what was lifted is put back whichever of the steps fails") {
  for (const FileSystem file_system : {FileSystem::ext4, FileSystem::tmpfs}) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    const std::string path = mount.tree().file("f", "", 0666);
    const std::string policy = rule("f", path, "mode = \"0651\"\nowner = 7001\ngroup = 7001");
    std::size_t steps = 0;
    for (std::size_t fails = 0; fails == 0 || fails < steps; ++fails) {
      INFO("step " << fails);
      run_program({"chattr", "-i", path});
      mount.tree().chown("f", 0, 0);
      mount.tree().chmod("f", 0666);
      run_program({"chattr", "+i", path});
      if (fails == 0) {  // how many there are
        Counted counted;
        REQUIRE(counted.apply(policy).outcome.changed == 1);
        steps = counted.changer.asked.size();
        REQUIRE(steps == 5);  // lift, narrow, give, grant, put back
        run_program({"chattr", "-i", path});
        mount.tree().chown("f", 0, 0);
        mount.tree().chmod("f", 0666);
        run_program({"chattr", "+i", path});
      }
      Counted counted;
      counted.changer.fail_at(fails, EIO);
      const Applied applied = counted.apply(policy);
      REQUIRE(run_program({"lsattr", "-d", path}).substr(0, 20).find('i') != std::string::npos);
      const Lines lines = applied.lines();
      REQUIRE(lines.size() == 3);
      if (fails == 0) REQUIRE(ids_and_mode(path) == "0:0 666");
      for (const std::string& line : lines) {
        INFO(line);
        REQUIRE((line.ends_with(" failed") || line.ends_with(" corrected")));
      }
      const bool all_done = fails == 4;  // what was put back at the second attempt is all there
      REQUIRE(std::all_of(lines.begin(), lines.end(), [](const std::string& line) {
                return line.ends_with(" corrected");
              }) == all_done);
      // What was left undone is done by the next run.
      Counted next;
      (void)next.apply(policy);
      REQUIRE(ids_and_mode(path) == "7001:7001 651");
      next.require_settled(policy);
    }
    run_program({"chattr", "-i", path});
  }
}

// --- Between two calls --------------------------------------------------------------------------

TEST_CASE("an ACL that is dropped never exposes its mask") {
  for (const FileSystem file_system : file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    const std::vector<std::string> demands = {
        "acl = []",
        "acl = []\nowner = 7002",
        "acl = []\ngroup = 7002\nmode = \"0604\"",
        "acl = []\nmode = \"0600\"\nowner = 7002\ngroup = 7002",
    };
    for (std::size_t i = 0; i < demands.size(); ++i) {
      INFO(demands[i]);
      const std::string path = mount.tree().file("f" + std::to_string(i), "", 0600);
      set_acl(path, {{AclTag::user_obj, 6, 0},
                     {AclTag::user, 6, mallory},
                     {AclTag::group_obj, 0, 0},
                     {AclTag::mask, 6, 0},
                     {AclTag::other, 0, 0}});
      REQUIRE(ids_and_mode(path) == "0:0 660");
      const std::vector<Instant> instants = instants_of(rule("f", path, demands[i]));
      for (const Instant& one : instants) {
        REQUIRE(one.in_effect(AclTag::group_obj) == 0);
      }
      REQUIRE((instants.back().mode & 070U) == 0);
      REQUIRE(instants.back().acl.size() == 3);
    }
  }
}

TEST_CASE("a named entry of the owner's does not come into force between two calls") {
  for (const FileSystem file_system : file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    // mallory owns it, and may only read it, whatever an entry says that he does not act by.
    const std::string his = mount.tree().file("his", "", 0400);
    mount.tree().chown("his", mallory, 0);
    // carol is to own it, and may only read it then; before that she may nothing.
    const std::string hers = mount.tree().file("hers", "", 0600);
    mount.tree().chown("hers", mallory, 0);
    for (const auto& [path, who] : {std::pair(his, mallory), std::pair(hers, carol)}) {
      set_acl(path, {{AclTag::user_obj, path == his ? std::uint8_t{4} : std::uint8_t{6}, 0},
                     {AclTag::user, path == his ? std::uint8_t{6} : std::uint8_t{0}, who},
                     {AclTag::group_obj, 0, 0},
                     {AclTag::mask, 6, 0},
                     {AclTag::other, 0, 0}});
    }
    for (const Instant& one :
         instants_of(rule("his", his, "owner = 7002\nmode = \"0400\"\nacl = []"))) {
      if (one.owner != mallory) REQUIRE((one.in_effect(AclTag::user, mallory) & ~4U) == 0);
    }
    REQUIRE(ids_and_mode(his) == "7002:0 400");
    for (const Instant& one : instants_of(
             rule("hers", hers, "owner = 7002\nmode = \"0400\"\nacl = [\"user:7002:rw\"]"))) {
      if (one.owner == carol) REQUIRE(((one.mode >> 6) & 7U & ~4U) == 0);
      if (one.owner == mallory) REQUIRE((one.in_effect(AclTag::user, carol) & ~4U) == 0);
    }
    REQUIRE(ids_and_mode(hers) == "7002:0 460");
  }
}

// --- What it touches is where it was seen, and as it was ----------------------------------------

TEST_CASE(
    "what a chown takes is there again after one run, and after a run that ended between - T84") {
  for (const FileSystem file_system : all_file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    const std::string f = mount.tree().file("f", "", 0755);
    const std::string policy = rule("f", f,
                                    "owner = \"root\"\ngroup = \"root\"\nmode = \"4755\"\n"
                                    "capabilities = \"cap_net_raw=ep\"");
    std::size_t steps = 3;
    for (std::size_t fails = 0; fails <= steps; ++fails) {
      INFO("fails at " << fails);
      mount.tree().chown("f", 0, mallory);
      mount.tree().chmod("f", 04755);
      run_program({"setcap", "cap_net_raw=ep", f});
      Counted counted;
      counted.changer.fail_at(fails, EIO);
      (void)counted.apply(policy);
      if (fails == 0) steps = std::max<std::size_t>(steps, counted.actions().size());
      Counted whole;
      (void)whole.apply(policy);
      REQUIRE(ids_and_mode(f) == "0:0 4755");
      REQUIRE(run_program({"getcap", f}) == f + " cap_net_raw=ep\n");
      whole.require_settled(policy);
    }
  }
}

TEST_CASE("a file with two links in a directory of root's is corrected once") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  // Nothing but the ACL tells that the one was corrected before the other.
  const std::string one = tree.file("one", "", 0640);
  const std::string other = tree.hard_link("other", "one");
  const std::string policy = rule("one", one, "mode = \"0640\"\nacl = [\"user:7001:r\"]") +
                             rule("other", other, "mode = \"0640\"\nacl = [\"user:7001:r\"]");
  Counted counted;
  (void)counted.apply(policy);
  const Lines actions = counted.actions();
  REQUIRE(std::adjacent_find(actions.begin(), actions.end()) == actions.end());
  counted.require_settled(policy);
}

TEST_CASE("the copy-up of an overlay file system is not taken for a race") {
  TempTree place;
  // The lower layer is another file system.
  const std::string lower = place.directory("lower");
  const std::string other = place.directory("other");
  const std::string point = place.directory("point");
  place.chmod("", 0755);
  const Mounted below("tmpfs", lower, "tmpfs", 0, "mode=0755");
  const Mounted above("tmpfs", other, "tmpfs", 0, "mode=0755");
  place.directory("other/upper");
  place.directory("other/scratch");
  const std::string file = place.file("lower/f", "", 0666);
  place.directory("lower/d", 0777);
  place.file("lower/l1", "", 0666);
  place.hard_link("lower/l2", "lower/l1");
  for (const char* options : {"xino=off,index=off", "xino=off,index=on"}) {
    INFO(options);
    const Mounted overlay("overlay", point, "overlay", 0,
                          "lowerdir=" + lower + ",upperdir=" + other + "/upper,workdir=" + other +
                              "/scratch," + options);
    const struct stat before = status_of(point + "/l1");
    const std::string policy =
        rule("f", point + "/f", "owner = 7001\ngroup = 7001\nmode = \"0640\"\nacl = []") +
        rule("d", point + "/d", "owner = 7001\nmode = \"0700\"") +
        rule("l", point + "/l1", "mode = \"0600\"");
    Counted counted;
    const Applied applied = counted.apply(policy);
    for (const Finding& one : applied.outcome.found.findings) {
      INFO(one.path.text() << ' ' << name(one.aspect) << ' ' << one.reason);
      REQUIRE(one.status == Status::corrected);
    }
    // Without the index the copy of one of two links is another inode.
    const struct stat after = status_of(point + "/l1");
    const bool same = before.st_dev == after.st_dev && before.st_ino == after.st_ino;
    REQUIRE(same == (std::string(options).find("index=on") != std::string::npos));
    REQUIRE(counted.changer.asked.size() == 2 + 2 + 1);
    REQUIRE(ids_and_mode(point + "/f") == "7001:7001 640");
    REQUIRE(ids_and_mode(point + "/d") == "7001:0 700");
    counted.require_settled(policy);
    for (const char* one : {"f", "d", "l1"}) {
      run_program({"rm", "-rf", other + "/upper/" + one});
    }
    run_program({"rm", "-rf", other + "/scratch/index"});
  }
}

TEST_CASE("what has another name by the end is not called corrected") {
  for (const std::string renamed : {"d/f", "d"}) {
    INFO(renamed);
    ImageMount mount(FileSystem::tmpfs);
    TempTree& tree = mount.tree();
    const std::string f = tree.file("d/f", "", 0666);
    const std::string g = tree.file("d/g", "", 0666);
    tree.file("e/f", "", 0600);
    tree.file("e/g", "", 0600);
    const std::string policy = rule("f", f, "mode = \"0640\"") + rule("g", g, "mode = \"0640\"");
    // With the first change what is held gets another name, and something else its own.
    bool once = true;
    WatchedChanger changer;
    changer.before = [&](int /*held*/, Type /*type*/, const Action& /*action*/) {
      if (!once) return;
      once = false;
      const std::string with = renamed == "d" ? "e" : "e/g";
      const std::string which = renamed == "d" ? "d" : "d/g";  // the one that is corrected first
      require(renameat2(AT_FDCWD, tree.path(which).c_str(), AT_FDCWD, tree.path(with).c_str(),
                        RENAME_EXCHANGE) == 0,
              "exchange");
    };
    ApplyWith asked;
    asked.changer = &changer;
    const Applied applied = apply_text(policy, asked);
    // What has the name now was 0600: nobody may call it corrected who did not see it so.
    INFO(ids_and_mode(f) << ", " << ids_and_mode(g));
    for (const Finding& one : applied.outcome.found.findings) {
      INFO(one.path.text() << ' ' << name(one.status) << ' ' << one.reason);
      if (one.status == Status::corrected) {
        REQUIRE((status_of(one.path.text()).st_mode & 0777U) == 0640);
      }
    }
    REQUIRE(check_text(policy).in_policy());
  }
}

TEST_CASE("what held before another aspect was corrected is looked at again") {
  ImageMount mount(FileSystem::ext4);
  // A mask that bars the group from what the mode is to give it: they cannot both hold.
  const std::string path = mount.tree().file("f", "", 0660);
  const std::string policy =
      rule("f", path, "mode = { at_least = \"0660\" }\nacl = [\"user:7001:r\", \"mask::r\"]");
  const Lines expected = {path + " mode violation", path + " acl corrected"};
  ApplyWith dry;
  dry.dry_run = true;
  REQUIRE(apply_text(policy, dry).lines() ==
          Lines{path + " mode violation", path + " acl would_correct"});
  Counted counted;
  REQUIRE(counted.apply(policy).lines() == expected);
  REQUIRE(counted.apply(policy).lines() == Lines{path + " mode violation"});
  REQUIRE(counted.actions() == Lines{});
}

TEST_CASE("what comes and goes while it is corrected fails nothing else - T105") {
  ImageMount mount(FileSystem::tmpfs);
  TempTree& tree = mount.tree();
  his_directory(tree, "home");
  const std::string home = tree.path("home");
  const std::string stays = tree.file("home/stays", "", 0666);
  tree.chown("home/stays", mallory, mallory);
  Busy busy(mallory, mallory, [&home] {
    const std::string t = home + "/t";
    const std::string f = t + "/f";
    umask(0);
    if (mkdir(t.c_str(), 0777) != 0) return false;
    const int fd = open(f.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0666);
    if (fd < 0) return false;
    close(fd);
    usleep(200);
    return unlink(f.c_str()) == 0 && rmdir(t.c_str()) == 0;
  });
  const std::string policy = rule("t", home, "recurse = true\nmode = \"o-w\"");
  int corrected = 0;
  for (int run = 0; run < 200 || (corrected == 0 && run < 20000); ++run) {
    tree.chmod("home/stays", 0666);
    const Applied applied = apply_text(policy);
    const Lines lines = applied.lines();
    REQUIRE(any_starts_with(lines, stays + " mode corrected"));
    REQUIRE((status_of(stays).st_mode & 0777U) == 0664);
    for (const Finding& one : applied.outcome.found.findings) {
      INFO(one.path.text() << ' ' << name(one.aspect) << ' ' << name(one.status) << ' '
                           << one.reason << one.message);
      // What was held is corrected, or has no name any more.
      REQUIRE((one.status == Status::corrected || one.status == Status::failed));
    }
    corrected += static_cast<int>(lines.size()) - 1;
  }
  REQUIRE(busy.times() > 0);
}

// --- What is left alone -------------------------------------------------------------------------

TEST_CASE("while a name in its rules has no account nothing of an object changes - T24") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  const std::string f = tree.file("f", "", 0666);
  const std::string g = tree.file("g", "", 0666);
  const std::string h = tree.file("h", "", 0666);
  const std::string before = trace_of(f) + trace_of(g);
  Counted counted;
  const Applied applied =
      counted.apply(rule("f", f, "owner = \"nosuchuser_x\"\nmode = \"4755\"\ngroup = 7001") +
                    rule("g", g, "mode = \"0640\"\nacl = [\"user:nosuchuser_x:r\"]") +
                    rule("h", h, "owner = [\"nosuchuser_x\", \"root\"]\nmode = \"0640\""));
  REQUIRE(applied.lines() == Lines{f + " owner error", f + " group refused", f + " mode refused",
                                   g + " mode refused", g + " acl error", h + " mode corrected"});
  REQUIRE(trace_of(f) + trace_of(g) == before);
  REQUIRE(ids_and_mode(h) == "0:0 640");
  REQUIRE(counted.changer.asked.size() == 1);
}

TEST_CASE("what is only reported or waived is not changed") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  const std::string reported = tree.file("reported", "", 0666);
  const std::string waived = tree.file("waived", "", 0666);
  const std::string part = tree.file("part", "", 0666);
  const std::string expired = tree.file("expired", "", 0666);
  const std::string before = trace_of(reported) + trace_of(waived);
  const auto waiver = [](const std::string& id, const std::string& rest) {
    return "[[waiver]]\nrule = \"" + id + "\"\nreason = \"change 4711\"\n" + rest + "\n";
  };
  Counted counted;
  const Applied applied = counted.apply(
      rule("reported", reported, "mode = \"0640\"\nowner = 7001\nenforce = false") +
      rule("waived", waived, "mode = \"0640\"\nowner = 7001") +
      rule("part", part, "mode = \"0640\"\nowner = 7001") +
      rule("expired", expired, "mode = \"0640\"") + waiver("waived", "expires = 2027-03-31") +
      waiver("part", "aspects = [\"mode\"]\nexpires = 2027-03-31") +
      waiver("expired", "expires = 2026-11-25"));
  REQUIRE(applied.lines() == Lines{expired + " mode corrected", part + " owner corrected",
                                   part + " mode waived", reported + " owner violation",
                                   reported + " mode violation", waived + " owner waived",
                                   waived + " mode waived"});
  REQUIRE(trace_of(reported) + trace_of(waived) == before);
  REQUIRE(ids_and_mode(part) == "7001:0 666");
  REQUIRE(ids_and_mode(expired) == "0:0 640");
}

TEST_CASE("an object that fails does not stop the others") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  std::string policy;
  Lines paths;
  for (int i = 0; i < 4; ++i) {
    const std::string at = std::to_string(i);
    paths.push_back(tree.file("f" + at));
    policy += rule("r" + at, paths.back(), "owner = 7001\nmode = \"0660\"");
  }
  std::size_t calls = 12;
  for (std::size_t fails = 0; fails < calls; ++fails) {
    INFO("call " << fails);
    for (int i = 0; i < 4; ++i) {
      tree.chown("f" + std::to_string(i), 0, 0);
      tree.chmod("f" + std::to_string(i), 0606);
    }
    Counted counted;
    counted.changer.fail_at(fails, EIO);
    const Applied applied = counted.apply(policy);
    // The last object is the first to be corrected; each takes three calls.
    const std::string& failed = paths[3 - fails / 3];
    for (const std::string& path : paths) {
      INFO(path);
      const bool right = ids_and_mode(path) == "7001:0 660";
      REQUIRE(right == (path != failed));
    }
    const Lines lines = applied.lines();
    REQUIRE(lines.size() == 8);
    for (const std::string& line : lines) {
      if (!line.starts_with(failed)) REQUIRE(line.ends_with(" corrected"));
    }
    REQUIRE(any_starts_with(lines, failed + " mode failed"));
    REQUIRE(applied.outcome.changed == (fails % 3 == 0 ? 3 : 4));
  }
}

TEST_CASE("where more would be changed than is allowed nothing is") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  std::string policy;
  std::string before;
  for (int i = 0; i < 3; ++i) {
    const std::string path = tree.file("f" + std::to_string(i), "", 0666);
    policy += rule("r" + std::to_string(i), path, "mode = \"0640\"");
    before += trace_of(path);
  }
  Counted counted;
  ApplyWith with;
  with.changer = &counted.changer;
  with.options.most_changes = 2;
  const Applied refused = apply_text(policy, with);
  REQUIRE(refused.outcome.too_many);
  REQUIRE(refused.outcome.changed == 3);
  REQUIRE(counted.changer.asked.empty());
  std::string after;
  for (int i = 0; i < 3; ++i) after += trace_of(tree.path("f" + std::to_string(i)));
  REQUIRE(after == before);
  with.options.most_changes = 3;
  const Applied done = apply_text(policy, with);
  REQUIRE_FALSE(done.outcome.too_many);
  REQUIRE(done.outcome.changed == 3);
  counted.require_settled(policy);
}
