// SPDX-License-Identifier: Apache-2.0
// Whole applies on small trees: what is left alone, and that it keeps nothing else from being
// corrected.
#include "engine/apply.hpp"
#include "fs/apply_support.hpp"
#include "support/catch.hpp"
#include "support/image_mount.hpp"

#include <cerrno>
#include <cstddef>
#include <string>

using namespace permward;
using namespace permward::test;

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
