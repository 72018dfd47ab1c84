// SPDX-License-Identifier: Apache-2.0
#include "base/unified_diff.hpp"

#include "support/catch.hpp"

#include <string>

using namespace permward;

namespace {

// Lines `from` to `to`, a number each.
std::string numbers(int from, int to) {
  std::string out;
  for (int i = from; i <= to; ++i) out += std::to_string(i) + '\n';
  return out;
}

}  // namespace

TEST_CASE("of the same text there is no difference") {
  CHECK(unified_diff("", "") == "");
  CHECK(unified_diff("a\nb\n", "a\nb\n") == "");
  CHECK(unified_diff("a", "a") == "");
}

TEST_CASE("a changed line stands between its neighbours") {
  CHECK(unified_diff(numbers(1, 9), numbers(1, 4) + "five\n" + numbers(6, 9)) ==
        "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
}

TEST_CASE("what is removed stands before what takes its place") {
  CHECK(unified_diff("a\nb\n", "c\nd\n") == "@@ -1,2 +1,2 @@\n-a\n-b\n+c\n+d\n");
}

TEST_CASE("of no line the one before is named") {
  CHECK(unified_diff("", "a\n") == "@@ -0,0 +1 @@\n+a\n");
  CHECK(unified_diff("a\nb\n", "") == "@@ -1,2 +0,0 @@\n-a\n-b\n");
}

TEST_CASE("a last line without a newline is told") {
  CHECK(unified_diff("a\nb\n", "a\nb") ==
        "@@ -1,2 +1,2 @@\n a\n-b\n+b\n\\ No newline at end of file\n");
  CHECK(unified_diff("x\nb", "y\nb") ==
        "@@ -1,2 +1,2 @@\n-x\n+y\n b\n\\ No newline at end of file\n");
}

TEST_CASE("changes that are six lines apart share a hunk and with seven have two") {
  const std::string before = numbers(1, 30);
  const std::string near = numbers(1, 9) + "x\n" + numbers(11, 16) + "y\n" + numbers(18, 30);
  CHECK(unified_diff(before, near) ==
        "@@ -7,14 +7,14 @@\n 7\n 8\n 9\n-10\n+x\n 11\n 12\n 13\n 14\n 15\n 16\n-17\n+y\n 18\n "
        "19\n 20\n");
  const std::string far = numbers(1, 9) + "x\n" + numbers(11, 17) + "y\n" + numbers(19, 30);
  CHECK(unified_diff(before, far) ==
        "@@ -7,7 +7,7 @@\n 7\n 8\n 9\n-10\n+x\n 11\n 12\n 13\n"
        "@@ -15,7 +15,7 @@\n 15\n 16\n 17\n-18\n+y\n 19\n 20\n 21\n");
}

TEST_CASE("text is what has no NUL in it") {
  CHECK(is_text(""));
  CHECK(is_text("\xff\x01\n"));
  CHECK_FALSE(is_text({"a\0b", 3}));
}

TEST_CASE("what nobody would read is not compared") {
  CHECK(unified_diff(std::string(most_diffed_bytes, 'a'), ""));
  CHECK_FALSE(unified_diff(std::string(most_diffed_bytes + 1, 'a'), ""));
  const int most = static_cast<int>(most_diffed_lines);
  CHECK(unified_diff(numbers(1, most), ""));
  CHECK_FALSE(unified_diff("", numbers(1, most + 1)));
  CHECK_FALSE(unified_diff(numbers(1, most + 1), "x\n"));
}

TEST_CASE("what is the same at both ends costs nothing") {
  const std::string before = numbers(1, 50'000);
  const std::string after = numbers(1, 24'999) + "changed\n" + numbers(25'001, 50'000);
  CHECK(unified_diff(before, after) ==
        "@@ -24997,7 +24997,7 @@\n 24997\n 24998\n 24999\n-25000\n+changed\n 25001\n 25002\n "
        "25003\n");
}

TEST_CASE("two long texts with nothing in common are told whole") {
  const std::string out = unified_diff(numbers(1, 4'000), numbers(10'001, 14'500)).value_or("");
  CHECK(out.starts_with("@@ -1,4000 +1,4500 @@\n-1\n-2\n"));
  CHECK(out.ends_with("\n+14499\n+14500\n"));
}
