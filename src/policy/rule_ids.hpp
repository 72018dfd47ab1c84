// SPDX-License-Identifier: Apache-2.0
//
// The ids of all rules of a policy. Layer `policy`; pure.
#pragma once

#include "model/pattern.hpp"
#include "policy/file_reader.hpp"
#include "policy/reading.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace permward {

class RuleIds {
 public:
  // Reads the ids; malformed, missing and second ones are reported. `sources` name the files.
  RuleIds(Reading& reading, const std::vector<RawTable>& rules, std::span<const Source> sources);

  // Of the rule of that index; empty where it has none that is right.
  [[nodiscard]] const std::string& of(std::size_t rule) const { return ids_[rule]; }
  [[nodiscard]] std::optional<std::size_t> find(std::string_view id) const;
  // Whether some rule has an id that the glob matches; the built-in `ancestors` counts.
  [[nodiscard]] bool matched_by(const Component& glob);
  // "did you mean …?", or nothing.
  [[nodiscard]] std::string suggestion(Reading& reading, std::string_view id) const;

 private:
  static std::string read(Reading& reading, const RawTable& rule, Pos& pos);

  std::vector<std::string> ids_;
  std::unordered_map<std::string_view, std::size_t> by_id_;
  std::size_t comparisons_left_ = 2'000'000;
};

}  // namespace permward
