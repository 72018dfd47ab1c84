// SPDX-License-Identifier: Apache-2.0
// Journals with something in them, for tests.
#pragma once

#include "store/journal.hpp"
#include "support/temp_tree.hpp"

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace permward::test {

// 2026-11-26 10:15:00 UTC.
inline constexpr std::chrono::sys_seconds quarter_past_ten{std::chrono::seconds(1795688100)};

inline StateDir state_dir(const std::string& path) {
  auto out = StateDir::open(path, StateDir::Missing::is_created);
  if (!out.ok()) throw std::runtime_error(out.error().doing + " " + out.error().subject);
  return std::move(*out);
}

inline Result<Journal> open_journal(const std::string& path) {
  return Journal::open(state_dir(path), StateDir::Missing::is_created);
}

// Throws where it cannot be opened.
inline Journal journal_in(const std::string& path) {
  auto out = open_journal(path);
  if (!out.ok()) throw std::runtime_error(out.error().doing + " " + out.error().subject);
  return std::move(*out);
}

inline RunStart start_of(std::string command, std::chrono::sys_seconds started = quarter_past_ten) {
  RunStart out;
  out.started = started;
  out.command_line = "permward " + command;
  out.command = std::move(command);
  out.user = "root";
  return out;
}

// From 0666 to 0640, of a path and inode that `number` makes one of a kind.
inline Change change_of(unsigned number) {
  Change out;
  out.path = "/srv/file " + std::to_string(number);
  out.inode = {66, 1000 + number, BirthTime{1700000000, number}};
  out.before.type = out.intended.type = Type::file;
  out.before.mode = 0666;
  out.intended.mode = 0640;
  return out;
}

inline std::vector<Change> changes_of(unsigned count) {
  std::vector<Change> out;
  for (unsigned i = 0; i < count; ++i) out.push_back(change_of(i));
  return out;
}

// As intended.
inline Outcome corrected(std::uint64_t sequence, const Change& change) {
  return {sequence, "corrected", Effect::some, change.intended};
}

inline Outcome untouched(std::uint64_t sequence, const Change& change) {
  return {sequence, "failed", Effect::none, change.before};
}

}  // namespace permward::test
