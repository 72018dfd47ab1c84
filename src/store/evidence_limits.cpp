// SPDX-License-Identifier: Apache-2.0
#include "store/evidence_limits.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <string_view>

namespace permward {
namespace {

struct OfPath {
  std::size_t oldest = 0;
  std::size_t newest = 0;
  std::uint64_t count = 0;
};
using ByPath = std::map<std::string_view, OfPath>;

ByPath by_path(const std::vector<EvidenceGeneration>& all) {
  ByPath out;
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (const std::string& path : all[i].paths) {
      const auto [at, first] = out.try_emplace(path, OfPath{i, i, 0});
      at->second.newest = i;
      ++at->second.count;
    }
  }
  return out;
}

}  // namespace

EvidenceToDrop evidence_to_drop(const std::vector<EvidenceGeneration>& all,
                                const EvidenceLimits& limits) {
  ByPath paths = by_path(all);
  std::uint64_t bytes = 0;
  for (const EvidenceGeneration& one : all) bytes += one.bytes;
  const auto every_path = [&paths](const EvidenceGeneration& one, auto&& holds) {
    return std::all_of(one.paths.begin(), one.paths.end(),
                       [&](const std::string& path) { return holds(paths.at(path)); });
  };
  EvidenceToDrop out;
  std::vector<bool> dropped(all.size(), false);
  const auto pass = [&](auto&& wanted) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      const bool between = every_path(
          all[i], [i](const OfPath& path) { return path.oldest != i && path.newest != i; });
      if (dropped[i] || !between || !wanted(all[i])) continue;
      dropped[i] = true;
      bytes -= all[i].bytes;
      for (const std::string& path : all[i].paths) --paths.at(path).count;
    }
  };
  pass([&](const EvidenceGeneration& one) {
    return every_path(one, [&](const OfPath& path) { return path.count > limits.per_path; });
  });
  pass([&](const EvidenceGeneration& one) { return one.of_others && bytes > limits.bytes; });
  const bool for_root = all.empty() || !all.back().of_others;
  pass([&](const EvidenceGeneration&) { return for_root && bytes > limits.bytes; });
  for (std::size_t i = 0; i + 1 < all.size() && bytes > limits.bytes; ++i) {
    if (dropped[i] || !all[i].of_others) continue;
    dropped[i] = true;
    bytes -= all[i].bytes;
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (dropped[i]) out.ids.push_back(all[i].id);
  }
  out.fits = bytes <= limits.bytes;
  return out;
}

}  // namespace permward
