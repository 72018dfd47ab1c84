// SPDX-License-Identifier: Apache-2.0
//
// The one way in which functions of this project fail: a value or an `Error`.
// Layer `base`; knows no domain. Text for people is made of an `Error` in `report/`, never here.
#pragma once

#include <cassert>
#include <string>
#include <utility>
#include <variant>

namespace permward {

// What a caller can branch on. Closed: a new kind is a change of every contract that lists kinds.
enum class ErrorKind : unsigned char {
  not_found,      // ENOENT, ENOTDIR on the way, an entry that vanished
  denied,         // EACCES, EPERM
  unsupported,    // ENOTSUP, ENOSYS: this file system or kernel has no such thing
  insecure_path,  // refused: somebody else could decide what the path leads to
  changed,        // what was opened is not what had been seen
  invalid,        // the input is malformed
  io,             // everything else
};

struct Error {
  ErrorKind kind = ErrorKind::io;
  std::string doing;    // "open", "read the ACL of": a verb phrase that `subject` completes
  std::string subject;  // the path or thing, unescaped
  int number = 0;       // errno, 0 where there is none
};

// The kind that an errno of a file system call stands for.
[[nodiscard]] ErrorKind kind_of_errno(int number);

// An `Error` of errno `number`, its kind by `kind_of_errno`.
[[nodiscard]] Error system_error(int number, std::string doing, std::string subject);

template <class T>
class [[nodiscard]] Result {
 public:
  using Value = T;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return *checked(std::get_if<0>(&state_)); }
  const T& value() const& { return *checked(std::get_if<0>(&state_)); }
  T&& value() && { return std::move(*checked(std::get_if<0>(&state_))); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }

  const Error& error() const& { return *checked(std::get_if<1>(&state_)); }
  Error&& error() && { return std::move(*checked(std::get_if<1>(&state_))); }

 private:
  template <class P>
  static P* checked(P* pointer) {
    assert(pointer != nullptr);
    return pointer;
  }

  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> : public Result<std::monostate> {
 public:
  Result() : Result<std::monostate>(std::monostate{}) {}
  Result(Error error) : Result<std::monostate>(std::move(error)) {}
};

}  // namespace permward

#define PERMWARD_JOIN_(a, b) a##b
#define PERMWARD_JOIN(a, b) PERMWARD_JOIN_(a, b)

// `TRY(x);` returns x's error from the calling function, or goes on. One per line.
#define TRY(expression)                                                                            \
  do {                                                                                             \
    if (auto try_result_ = (expression); !try_result_.ok()) return std::move(try_result_).error(); \
  } while (false)

// `TRY_ASSIGN(auto y, x);` the same, and y is x's value.
#define TRY_ASSIGN(declaration, expression) \
  TRY_ASSIGN_IMPL_(declaration, expression, PERMWARD_JOIN(try_assign_, __LINE__))
#define TRY_ASSIGN_IMPL_(declaration, expression, name) \
  auto name = (expression);                             \
  if (!name.ok()) return std::move(name).error();       \
  declaration = std::move(name).value()
