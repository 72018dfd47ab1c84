// SPDX-License-Identifier: Apache-2.0
#include "store/evidence_limits.hpp"

#include "support/catch.hpp"

#include <string>
#include <vector>

using namespace permward;

namespace {

using Ids = std::vector<std::string>;

// Of ten bytes each.
std::vector<EvidenceGeneration> of_paths(const std::vector<std::vector<std::string>>& paths) {
  std::vector<EvidenceGeneration> out;
  for (const auto& one : paths) out.push_back({std::to_string(out.size()), 10, one, false});
  return out;
}

constexpr std::uint64_t plenty = 1000;

}  // namespace

TEST_CASE("of what is too much of a path the oldest and the newest stay") {
  const auto all = of_paths({{"/a"}, {"/a"}, {"/a"}, {"/a"}, {"/a"}});
  CHECK(evidence_to_drop(all, {5, plenty}).ids.empty());
  CHECK(evidence_to_drop(all, {3, plenty}).ids == Ids{"1", "2"});
  CHECK(evidence_to_drop(all, {2, plenty}).ids == Ids{"1", "2", "3"});
  CHECK(evidence_to_drop(all, {1, plenty}).ids == Ids{"1", "2", "3"});
}

TEST_CASE("whoever changes one file again and again pushes out nothing of another") {
  const auto all = of_paths({{"/b"}, {"/a"}, {"/a"}, {"/a"}, {"/a"}, {"/b"}});
  CHECK(evidence_to_drop(all, {2, plenty}).ids == Ids{"2", "3"});
  CHECK(evidence_to_drop(all, {9, 40}).ids == Ids{"2", "3"});
}

TEST_CASE("a generation stays as long as it is the first or the last of one of its paths") {
  const auto all = of_paths({{"/a"}, {"/a", "/b"}, {"/a"}, {"/a", "/b"}, {"/a"}});
  CHECK(evidence_to_drop(all, {2, plenty}).ids == Ids{"2"});
}

TEST_CASE("for room the oldest go, and where that is not enough nothing fits") {
  const auto all = of_paths({{"/a"}, {"/a"}, {"/a"}, {"/a"}});
  CHECK(evidence_to_drop(all, {9, 40}).ids.empty());
  const EvidenceToDrop one = evidence_to_drop(all, {9, 30});
  CHECK(one.ids == Ids{"1"});
  CHECK(one.fits);
  CHECK(evidence_to_drop(all, {9, 20}).fits);
  CHECK_FALSE(evidence_to_drop(all, {9, 19}).fits);
  CHECK_FALSE(evidence_to_drop(of_paths({{"/a"}}), {9, 9}).fits);
  CHECK(evidence_to_drop({}, {2, 1}).fits);
}

TEST_CASE("what others owned goes before there is no room for what was root's") {
  auto all = of_paths({{"/his"}, {"/his"}, {"/roots"}, {"/other"}, {"/roots"}});
  all[0].of_others = all[1].of_others = all[3].of_others = true;
  CHECK(evidence_to_drop(all, {5, 50}).ids.empty());
  const EvidenceToDrop some = evidence_to_drop(all, {5, 30});
  CHECK(some.ids == Ids{"0", "1"});
  CHECK(some.fits);
  CHECK(evidence_to_drop(all, {5, 20}).ids == Ids{"0", "1", "3"});
  CHECK_FALSE(evidence_to_drop(all, {5, 10}).fits);
  // Never the one that was just made.
  all.back().of_others = true;
  CHECK(evidence_to_drop(all, {5, 20}).ids == Ids{"0", "1", "3"});
}

TEST_CASE("what others owned makes no room for itself by what was root's") {
  auto all = of_paths({{"/roots"}, {"/his"}, {"/roots"}, {"/his"}, {"/roots"}, {"/his"}});
  all[1].of_others = all[3].of_others = all[5].of_others = true;
  CHECK(evidence_to_drop(all, {5, 50}).ids == Ids{"3"});
  CHECK(evidence_to_drop(all, {5, 40}).ids == Ids{"1", "3"});
  CHECK(evidence_to_drop(all, {5, 40}).fits);
  CHECK_FALSE(evidence_to_drop(all, {5, 30}).fits);
  CHECK(evidence_to_drop(all, {5, 30}).ids == Ids{"1", "3"});
  // But what they own for root's, and what root can spare.
  all[5].of_others = false;
  CHECK(evidence_to_drop(all, {5, 50}).ids == Ids{"3"});
  CHECK(evidence_to_drop(all, {5, 40}).ids == Ids{"2", "3"});
}
