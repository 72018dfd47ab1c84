// SPDX-License-Identifier: Apache-2.0
#include "policy/variables.hpp"

#include "policy/words.hpp"

#include <algorithm>
#include <array>

namespace permward {
namespace {

// Of `users`: what a rule is expanded by, once for each account.
constexpr std::array<std::string_view, 3> account_variables = {"home", "user", "group"};

bool is_account_variable(std::string_view name) {
  return std::find(account_variables.begin(), account_variables.end(), name) !=
         account_variables.end();
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
  if (is_account_variable(name)) {
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
  auto text = replace(variable.value, depth);
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
    if (is_account_variable(name)) {
      fail(Code::not_in_this_version, user, offset,
           "'${" + std::string(name) + "}' is not in this version of permward", "");
    } else {
      fail(Code::unknown_variable, user, offset, "no variable " + quoted(name),
           mistakes_.suggestions().nearest_of(name, names_, "define it under '[variables]'"));
    }
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

std::optional<std::string> Variables::replace(Value value, std::size_t& depth) {
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
    const Variable* variable = settled(rest.substr(2, close - 2), value, dollar);
    if (variable == nullptr) return std::nullopt;
    depth = std::max(depth, variable->depth);
    const std::size_t size = out.size() + variable->text.size();
    if (size > longest_expansion || expanded_ + size > most_expanded_bytes) {
      fail(Code::expansion_too_large, value, dollar,
           "the text that the variables make is too large",
           "at most " + std::to_string(longest_expansion >> 10) + " KiB a text, and " +
               std::to_string(most_expanded_bytes >> 20) + " MiB a policy");
      return std::nullopt;
    }
    out += variable->text;
    replaced = true;
    at = dollar + close + 1;
  }
  if (replaced) expanded_ += out.size();
  return out;
}

std::optional<std::string> Variables::expand(Value value) {
  if (value.text().find('$') == std::string_view::npos) return std::string(value.text());
  std::size_t depth = 0;
  return replace(value, depth);
}

}  // namespace permward
