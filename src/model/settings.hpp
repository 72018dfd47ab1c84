// SPDX-License-Identifier: Apache-2.0
//
// What `permward.toml` sets: names, ranges and defaults, here alone. permward.toml(5) has the same.
// Layer `model`; values only.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace permward {

// As they are where nothing is set.
struct Settings {
  std::uint64_t keep_runs = 1000;  // of each command
  std::uint64_t keep_days = 400;
  std::uint64_t max_file_size = 67'108'864;  // bytes, of what a snapshot takes
  std::uint64_t evidence_per_path = 5;
  std::uint64_t evidence_bytes = 268'435'456;  // of all evidence together
};

// One key of one table, and what it may be; without a member, one that this version does not have.
struct SettingRow {
  std::string_view table;
  std::string_view key;
  std::uint64_t Settings::*value = nullptr;
  std::uint64_t least = 0;
  std::uint64_t most = 0;
  bool bytes = false;  // may be a text with a unit: "64MiB"
};

inline constexpr std::array<SettingRow, 13> setting_rows = {{
    {"store", "keep_runs", &Settings::keep_runs, 1, 1'000'000},
    {"store", "keep_days", &Settings::keep_days, 1, 36'500},
    {"store", "max_file_size", &Settings::max_file_size, 1, 1'099'511'627'776, true},
    {"store", "evidence_per_path", &Settings::evidence_per_path, 2, 1'000},
    {"store", "evidence_bytes", &Settings::evidence_bytes, 1, 1'099'511'627'776, true},
    {"watch", "enforce"},
    {"watch", "settle_ms"},
    {"watch", "recheck_s"},
    {"watch", "rehash_s"},
    {"watch", "max_marks"},
    {"watch", "contest_pause_s"},
    {"alert", "exec"},
    {"alert", "timeout_s"},
}};

}  // namespace permward
