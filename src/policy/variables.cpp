// SPDX-License-Identifier: Apache-2.0
#include "policy/variables.hpp"

#include "policy/pattern_text.hpp"
#include "policy/words.hpp"

#include <algorithm>
#include <utility>

namespace permward {
namespace {

bool is_user_variable(std::string_view name) {
  return std::find(user_variables.begin(), user_variables.end(), name) != user_variables.end();
}

bool valid_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

}  // namespace

void Variables::fail(Code code, Value value, std::size_t offset, std::string message,
                     std::string help) {
  mistakes_.add(code, value.pos(offset), std::move(message), std::move(help));
}

void Variables::define(const Entry& variable) {
  const std::string_view name = variable.key();
  if (!valid_name(name)) {
    return mistakes_.add(Code::bad_variable_name, variable.pos(),
                         quoted(name) + " cannot name a variable",
                         "a name has letters, digits, '_' and '-'");
  }
  if (is_user_variable(name)) {
    return mistakes_.add(Code::bad_variable_name, variable.pos(),
                         "the variable " + quoted(name) + " belongs to 'users'",
                         "take another name");
  }
  const auto [it, added] = by_name_.emplace(name, variables_.size());
  if (added) {
    variables_.push_back({.name = name, .value = variable.value()});
    names_.push_back(name);
  } else {
    variables_[it->second].value = variable.value();
  }
}

void Variables::settle() {
  for (Variable& variable : variables_) {
    if (variable.state == State::defined) settle(variable);
  }
}

void Variables::settle(Variable& variable) {
  variable.state = State::in_hand;
  in_hand_.push_back(variable.name);
  std::size_t depth = 0;
  auto text = replace(variable.value, TextUse::text, depth);
  in_hand_.pop_back();
  variable.state = text ? State::settled : State::broken;
  variable.depth = depth + 1;
  if (text) variable.text = std::move(*text);
}

void Variables::report_circle(const Variable& variable) {
  const auto begin = std::find(in_hand_.begin(), in_hand_.end(), variable.name);
  std::string circle;
  for (auto it = begin; it != in_hand_.end(); ++it) circle += quoted(*it) + " → ";
  fail(Code::variable_circle, variable.value, 0,
       "the variable " + quoted(variable.name) + " uses itself: " + circle + quoted(variable.name),
       "write out one of them");
}

// The variable, ready to be used; null where it is not, which is reported.
Variables::Variable* Variables::settled(std::string_view name, Value user, std::size_t offset) {
  const auto it = by_name_.find(name);
  if (it == by_name_.end()) {
    fail(Code::unknown_variable, user, offset, "no variable " + quoted(name),
         mistakes_.suggestions().nearest_of(name, names_, "define it under '[variables]'"));
    return nullptr;
  }
  Variable& variable = variables_[it->second];
  if (variable.state == State::in_hand) report_circle(variable);
  const bool room = in_hand_.size() < deepest_variable;
  if (variable.state == State::defined && room) settle(variable);
  if (variable.state == State::defined || variable.depth > deepest_variable - in_hand_.size()) {
    fail(Code::expansion_too_large, user, offset,
         "variables that use variables, more than " + std::to_string(deepest_variable) + " deep",
         "write out some of them");
    return nullptr;
  }
  return variable.state == State::settled ? &variable : nullptr;
}

std::optional<std::string> Variables::of_user(std::string_view name, Value value,
                                              std::size_t offset, TextUse use) {
  if (user_ == nullptr || !in_hand_.empty()) {
    fail(Code::unknown_variable, value, offset,
         "'${" + std::string(name) + "}' stands for a user only in a rule",
         "write it in the rule itself, which is then expanded once for each user");
    return std::nullopt;
  }
  const std::string& text = name == "home"   ? user_->home
                            : name == "user" ? user_->name
                                             : user_->group;
  return use == TextUse::pattern ? escaped_for_pattern(text) : text;
}

std::optional<std::string> Variables::replace(Value value, TextUse use, std::size_t& depth) {
  const std::string_view text = value.text();
  std::string out;
  bool replaced = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t dollar = std::min(text.find('$', at), text.size());
    out += text.substr(at, dollar - at);
    if (dollar == text.size()) break;
    const std::string_view rest = text.substr(dollar);
    if (rest.starts_with("$$")) {
      out += '$';
      at = dollar + 2;
      continue;
    }
    const std::size_t close = rest.find('}');
    const bool well_formed =
        rest.starts_with("${") && close != rest.npos && valid_name(rest.substr(2, close - 2));
    if (!well_formed) {
      fail(Code::variable_syntax, value, dollar, "a '$' that begins no variable",
           "a variable is written '${name}', a dollar itself '$$'");
      return std::nullopt;
    }
    const std::string_view name = rest.substr(2, close - 2);
    std::string replacement;
    if (is_user_variable(name)) {
      auto of_the_user = of_user(name, value, dollar, use);
      if (!of_the_user) return std::nullopt;
      replacement = std::move(*of_the_user);
    } else {
      const Variable* variable = settled(name, value, dollar);
      if (variable == nullptr) return std::nullopt;
      depth = std::max(depth, variable->depth);
      replacement = variable->text;
    }
    const std::size_t size = out.size() + replacement.size();
    if (size > longest_expansion || expanded_ + size > most_expanded_bytes) {
      fail(Code::expansion_too_large, value, dollar,
           "the text that the variables make is too large",
           "at most " + std::to_string(longest_expansion >> 10) + " KiB a text, and " +
               std::to_string(most_expanded_bytes >> 20) + " MiB a policy");
      return std::nullopt;
    }
    out += replacement;
    replaced = true;
    at = dollar + close + 1;
  }
  if (replaced) expanded_ += out.size();
  return out;
}

std::optional<std::string> Variables::expand(Value value, TextUse use) {
  if (value.text().find('$') == std::string_view::npos) return std::string(value.text());
  std::size_t depth = 0;
  return replace(value, use, depth);
}

}  // namespace permward
