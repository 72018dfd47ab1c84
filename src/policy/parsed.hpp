// SPDX-License-Identifier: Apache-2.0
//
// What a reader of a small text (a mode, an ACL entry, a path) hands back: a value, or what is
// wrong with the text and where in it. Layer `policy`; pure. Positions in files are made of it
// elsewhere.
#pragma once

#include "model/codes.hpp"

#include <cassert>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

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
  Parsed(T value) : value_(std::move(value)) {}
  Parsed(TextError error) : error_(std::move(error)) {}

  explicit operator bool() const { return value_.has_value(); }
  T& operator*() { return *value_; }
  const T& operator*() const { return *value_; }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }
  [[nodiscard]] const TextError& error() const {
    assert(!value_);
    return error_;
  }

 private:
  std::optional<T> value_;
  TextError error_;  // where there is no value
};

}  // namespace permward
