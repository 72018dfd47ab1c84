// SPDX-License-Identifier: Apache-2.0
//
// What the readers of tables share: values by their types, strings with variables replaced, known
// and unknown keys. Whatever is wrong is reported here; a reader only sees that there is nothing.
// Layer `policy`; pure.
#pragma once

#include "policy/account_table.hpp"
#include "policy/document.hpp"
#include "policy/mistakes.hpp"
#include "policy/parsed.hpp"
#include "policy/variables.hpp"

#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace permward {

// What the globs of a policy may take together.
inline constexpr std::size_t most_pattern_bytes = 32U << 20;

// A string of a policy, variables replaced.
struct Text {
  std::string text;
  Value value;

  [[nodiscard]] Pos pos(std::size_t offset = 0) const;
};

// Made only for a mistake that is shown: a hostile file has a million of them.
using KnownKeys = std::function<std::vector<std::string_view>()>;

class Reading {
 public:
  Reading(Mistakes& mistakes, Variables& variables) : mistakes_(mistakes), variables_(variables) {}

  void fail(Code code, Pos pos, std::string message, std::string help = {}) {
    mistakes_.add(code, pos, std::move(message), std::move(help));
  }
  void fail(const TextError& error, const Text& text);

  // Whether `value` is of that kind; else `key` takes another.
  bool expect(Value value, Value::Kind kind, std::string_view key);
  void wrong_type(Value value, std::string_view key, std::string_view takes);

  std::optional<bool> boolean(const Entry& entry);
  std::optional<Text> text(Value value, std::string_view key, TextUse use = TextUse::text);
  std::optional<Text> text(const Entry& entry, TextUse use = TextUse::text) {
    return text(entry.value(), entry.key(), use);
  }
  // An array of strings; those that can be read.
  std::vector<Text> texts(const Entry& entry, TextUse use = TextUse::text);
  // Whether it is an array without an element, which is then reported.
  bool refuse_empty(const Entry& entry);
  // One string, or an array of at least one.
  std::vector<Text> one_or_more(const Entry& entry, TextUse use = TextUse::text);
  // A string that is one of `words`, as an index into them.
  std::optional<std::size_t> word(const Text& text, std::string_view key,
                                  std::span<const std::string_view> words);
  std::optional<std::size_t> word(const Entry& entry, std::span<const std::string_view> words);

  // Counts what the globs of the policy take. False, and once a mistake, where it is too much; then
  // further ones need not be read.
  bool takes(std::size_t pattern_bytes, const Text& text);

  [[nodiscard]] bool takes_more() const { return pattern_bytes_ <= most_pattern_bytes; }

  void not_in_this_version(Pos pos, std::string_view what);
  // `table`: as a message names it. `known` gives all keys that it may have.
  void unknown_key(const Entry& entry, std::string_view table, const KnownKeys& known);
  // Whom the variables of users stand for (`Variables::set_user`).
  void set_user(const ListedUser* user) { variables_.set_user(user); }
  [[nodiscard]] Suggestions& suggestions() { return mistakes_.suggestions(); }

 private:
  Mistakes& mistakes_;
  Variables& variables_;
  std::size_t pattern_bytes_ = 0;
};

// One key of a table, and what reads it; null: a key of the language that this version does not
// have.
template <class Reader>
struct KeyRow {
  std::string_view key;
  void (Reader::*read)(const Entry&) = nullptr;
};

template <class Rows>
[[nodiscard]] std::vector<std::string_view> keys_of(const Rows& rows) {
  std::vector<std::string_view> keys;
  for (const auto& row : rows) keys.push_back(row.key);
  return keys;
}

// Reads one entry by its row. False where no row has its key.
template <class Reader, class Rows>
bool read_entry(Reader& reader, Reading& reading, const Rows& rows, const Entry& entry) {
  for (const auto& row : rows) {
    if (row.key != entry.key()) continue;
    if (row.read != nullptr) {
      (reader.*row.read)(entry);
    } else {
      reading.not_in_this_version(entry.pos(), entry.key());
    }
    return true;
  }
  return false;
}

// A whole table by its rows.
template <class Reader, class Rows>
void read_table(Reader& reader, Reading& reading, const Rows& rows, std::string_view table,
                std::span<const Entry> entries) {
  for (const Entry& entry : entries) {
    if (!read_entry(reader, reading, rows, entry)) {
      reading.unknown_key(entry, table, [&rows] { return keys_of(rows); });
    }
  }
}

}  // namespace permward
