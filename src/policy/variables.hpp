// SPDX-License-Identifier: Apache-2.0
//
// The variables of all files, and texts in which they are replaced. Layer `policy`; pure.
#pragma once

#include "model/listed_user.hpp"
#include "policy/document.hpp"
#include "policy/mistakes.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace permward {

// What a rule is expanded by, once for each user; not to be defined under `[variables]`.
inline constexpr std::array<std::string_view, 3> user_variables = {"home", "user", "group"};

// What a text is for: in a pattern, the names and the home of a user stand for themselves.
enum class TextUse : std::uint8_t { text, pattern };

// What replacing may come to: one text, and all texts of a policy that have variables.
inline constexpr std::size_t longest_expansion = 64U << 10;
inline constexpr std::size_t most_expanded_bytes = 32U << 20;
inline constexpr std::size_t deepest_variable = 32;  // variables that use variables

class Variables {
 public:
  explicit Variables(Mistakes& mistakes) : mistakes_(mistakes) {}

  // A later definition of a name replaces an earlier one.
  // `variable` is a string.
  void define(const Entry& variable);

  // Reads all definitions, used or not; after the last `define`.
  void settle();

  // The user whom `${home}`, `${user}` and `${group}` stand for from now on; null: they stand for
  // nobody, and are mistakes. It must outlive that.
  void set_user(const ListedUser* user) { user_ = user; }

  // `text`, which `value` has, with `${name}` replaced and `$$` made `$`; nothing, and a mistake at
  // `value`, where it cannot be. The use of a variable that is itself wrong is no further mistake.
  [[nodiscard]] std::optional<std::string> expand(Value value, TextUse use = TextUse::text);

 private:
  enum class State : std::uint8_t { defined, in_hand, settled, broken };
  struct Variable {
    std::string_view name;
    Value value;
    State state = State::defined;
    std::size_t depth = 0;  // of `settled`: variables below it, itself counted
    std::string text;       // of `settled`
  };

  Variable* settled(std::string_view name, Value user, std::size_t offset);
  void settle(Variable& variable);
  void report_circle(const Variable& variable);
  std::optional<std::string> of_user(std::string_view name, Value value, std::size_t offset,
                                     TextUse use);
  std::optional<std::string> replace(Value value, TextUse use, std::size_t& depth);
  void fail(Code code, Value value, std::size_t offset, std::string message, std::string help);

  Mistakes& mistakes_;
  const ListedUser* user_ = nullptr;
  std::vector<Variable> variables_;      // in the order of the files
  std::vector<std::string_view> names_;  // theirs
  std::unordered_map<std::string_view, std::size_t> by_name_;
  std::vector<std::string_view> in_hand_;  // each is used by the one before
  std::size_t expanded_ = 0;               // bytes
};

}  // namespace permward
