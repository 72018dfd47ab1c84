// SPDX-License-Identifier: Apache-2.0
//
// What a reader of a small text (a mode, an ACL entry, a path) hands back: a value, or what is
// wrong with the text and where in it. Layer `policy`; pure. Positions in files are made of it
// elsewhere.
#pragma once

#include "policy/codes.hpp"

#include <cassert>
#include <cstddef>
#include <string>
#include <utility>
#include <variant>

namespace permward {

struct TextError {
  Code code = Code::bad_value;
  std::string message;     // as in Diagnostic: lower case, no full stop, what it quotes is escaped
  std::string help;        // what to write instead; may be empty
  std::size_t offset = 0;  // of the byte that is wrong
};

template <class T>
class [[nodiscard]] Parsed {
 public:
  Parsed(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Parsed(TextError error) : state_(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return state_.index() == 0; }
  T& operator*() {
    assert(*this);
    return *std::get_if<0>(&state_);
  }
  const T& operator*() const {
    assert(*this);
    return *std::get_if<0>(&state_);
  }
  T* operator->() { return &**this; }
  const T* operator->() const { return &**this; }
  [[nodiscard]] const TextError& error() const {
    assert(!*this);
    return *std::get_if<1>(&state_);
  }

 private:
  std::variant<T, TextError> state_;
};

}  // namespace permward
