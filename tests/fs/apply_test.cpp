// SPDX-License-Identifier: Apache-2.0
// Whole applies on small trees: what is corrected where something bars every change, and what an
// object is between two calls.
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
#include <cstddef>
#include <cstdint>
#include <fcntl.h>
#include <string>
#include <utility>
#include <variant>
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
