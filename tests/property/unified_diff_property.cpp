// SPDX-License-Identifier: Apache-2.0
//
// A unified diff is what makes the one text of the other, wherever they differ.
#include "base/unified_diff.hpp"
#include "support/property.hpp"

#include <cstddef>
#include <sstream>
#include <string>
#include <vector>

namespace permward::test {
namespace {

// Few words, so that lines are met again in other places.
std::string random_text() {
  const auto words = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 6));
  std::string out;
  for (const int word : words) out += std::string(1, static_cast<char>('a' + word)) + '\n';
  if (!out.empty() && *rc::gen::inRange(0, 4) == 0) out.pop_back();
  return out;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) out.push_back(line + (in.eof() ? "" : "\n"));
  return out;
}

std::size_t number_at(const std::string& line, std::size_t& at) {
  std::size_t out = 0;
  while (at < line.size() && line[at] >= '0' && line[at] <= '9') {
    out = out * 10 + static_cast<std::size_t>(line[at++] - '0');
  }
  return out;
}

// As patch(1) does it, where all is where the hunks say.
std::string patched(const std::string& text, const std::string& diff) {
  const std::vector<std::string> before = lines_of(text);
  std::string out;
  std::size_t at = 0;
  std::vector<std::string> lines = lines_of(diff);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::string line = lines[i];
    const bool bare = i + 1 < lines.size() && lines[i + 1].front() == '\\';
    if (bare) line.pop_back();
    if (line.starts_with("@@ -")) {
      std::size_t digit = 4;
      const std::size_t first = number_at(line, digit);
      const bool none = line.compare(digit, 3, ",0 ") == 0;
      const std::size_t hunk = none ? first : first - 1;
      while (at < hunk) out += before.at(at++);
    } else if (line.front() == '+') {
      out += line.substr(1);
    } else if (line.front() != '\\') {
      RC_ASSERT(before.at(at) == line.substr(1));
      if (line.front() == ' ') out += before[at];
      ++at;
    }
  }
  while (at < before.size()) out += before[at++];
  return out;
}

}  // namespace

TEST_CASE("a diff makes the one text of the other") {
  check_property("texts", 2'000, 100'000, [] {
    const std::string before = random_text();
    const std::string after = random_text();
    RC_ASSERT(patched(before, unified_diff(before, after).value()) == after);
  });
}

}  // namespace permward::test
