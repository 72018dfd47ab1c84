// SPDX-License-Identifier: Apache-2.0
#include "base/result.hpp"

#include "support/catch.hpp"

#include <cerrno>
#include <memory>
#include <string>
#include <utility>

namespace permward {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return Error{ErrorKind::invalid, "halve", std::to_string(number), 0};
  return number / 2;
}

Result<int> quarter(int number) {
  TRY_ASSIGN(const int first, half(number));
  TRY_ASSIGN(const int second, half(first));
  return second;
}

Result<void> must_be_even(int number) {
  TRY(half(number));
  return {};
}

Result<std::unique_ptr<int>> boxed(int number) {
  TRY_ASSIGN(const int value, half(number));
  return std::make_unique<int>(value);
}

TEST_CASE("a result is a value or an error") {
  const Result<int> good = half(8);
  REQUIRE(good.ok());
  REQUIRE(static_cast<bool>(good));
  REQUIRE(good.value() == 4);
  REQUIRE(*good == 4);

  const Result<int> bad = half(7);
  REQUIRE_FALSE(bad.ok());
  REQUIRE_FALSE(static_cast<bool>(bad));
  REQUIRE(bad.error().kind == ErrorKind::invalid);
  REQUIRE(bad.error().doing == "halve");
  REQUIRE(bad.error().subject == "7");
}

TEST_CASE("the first error ends a chain of results") {
  REQUIRE(*quarter(12) == 3);
  REQUIRE(quarter(6).error().subject == "3");
  REQUIRE(quarter(5).error().subject == "5");
}

TEST_CASE("a result without a value succeeds or carries an error") {
  REQUIRE(must_be_even(4).ok());
  REQUIRE(must_be_even(5).error().subject == "5");
}

TEST_CASE("values that can only be moved pass through a result") {
  Result<std::unique_ptr<int>> box = boxed(6);
  REQUIRE(box.ok());
  std::unique_ptr<int> inside = *std::move(box);
  REQUIRE(*inside == 3);
  REQUIRE(boxed(3).error().kind == ErrorKind::invalid);
}

TEST_CASE("members of the value are reached through the result") {
  Result<std::string> text = std::string("abc");
  REQUIRE(text->size() == 3);
  text->push_back('d');
  *text += 'e';
  const Result<std::string>& same = text;
  REQUIRE(same->size() == 5);
  REQUIRE(*same == "abcde");
  REQUIRE(std::move(text).value() == "abcde");
}

TEST_CASE("an errno becomes the kind that a caller can branch on") {
  const std::pair<int, ErrorKind> table[] = {
      {ENOENT, ErrorKind::not_found},
      {ENOTDIR, ErrorKind::not_found},
      {EACCES, ErrorKind::denied},
      {EPERM, ErrorKind::denied},
      {ENOTSUP, ErrorKind::unsupported},
      {EOPNOTSUPP, ErrorKind::unsupported},
      {ENOSYS, ErrorKind::unsupported},
      {ENOTTY, ErrorKind::unsupported},
      {ELOOP, ErrorKind::insecure_path},
      {ESTALE, ErrorKind::changed},
      {EINVAL, ErrorKind::invalid},
      {ENAMETOOLONG, ErrorKind::invalid},
      {EIO, ErrorKind::io},
      {EMFILE, ErrorKind::io},
      {0, ErrorKind::io},
  };
  for (const auto& [number, kind] : table) {
    INFO("errno " << number);
    REQUIRE(kind_of_errno(number) == kind);
  }
}

TEST_CASE("an error of the system keeps its number, verb and subject") {
  const Error error = system_error(EACCES, "open", "/etc/shadow");
  REQUIRE(error.kind == ErrorKind::denied);
  REQUIRE(error.doing == "open");
  REQUIRE(error.subject == "/etc/shadow");
  REQUIRE(error.number == EACCES);
}

}  // namespace
}  // namespace permward
