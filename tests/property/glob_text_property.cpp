// SPDX-License-Identifier: Apache-2.0
// Globs against a matcher that reads the text itself, byte by byte, and knows nothing of
// components.
#include "policy/pattern_text.hpp"
#include "support/property.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace permward::test {
namespace {

// All that the braces of a well-formed glob can stand for.
std::vector<std::string> without_braces(const std::string& glob) {
  std::size_t open = 0;
  while (open < glob.size() && glob[open] != '{') open += glob[open] == '\\' ? 2U : 1U;
  if (open >= glob.size()) return {glob};
  std::vector<std::string> branches(1);
  std::size_t at = open + 1;
  for (int depth = 1; depth > 0; ++at) {
    const char c = glob[at];
    if (c == '{') ++depth;
    if (c == '}' && --depth == 0) continue;
    if (c == ',' && depth == 1) {
      branches.emplace_back();
      continue;
    }
    branches.back() += c;
    if (c == '\\') branches.back() += glob[++at];
  }
  std::vector<std::string> out;
  for (const std::string& branch : branches) {
    const std::string one = glob.substr(0, open) + branch + glob.substr(at);
    for (std::string& rest : without_braces(one)) out.push_back(std::move(rest));
  }
  return out;
}

bool matches_name(std::string_view glob, std::string_view name) {
  if (glob.empty()) return name.empty();
  if (glob[0] == '*') {
    for (std::size_t taken = 0; taken <= name.size(); ++taken) {
      if (matches_name(glob.substr(1), name.substr(taken))) return true;
    }
    return false;
  }
  if (name.empty()) return false;
  const std::size_t escape = glob[0] == '\\' ? 1 : 0;
  if (escape == 0 && glob[0] == '[') {
    const std::size_t close = glob.find(']');
    std::string_view set = glob.substr(1, close - 1);
    const bool inverted = set.starts_with('!');
    if (inverted) set.remove_prefix(1);
    const bool listed = set.size() == 3 && set[1] == '-' ? name[0] >= set[0] && name[0] <= set[2]
                                                         : set.find(name[0]) != set.npos;
    return listed != inverted && matches_name(glob.substr(close + 1), name.substr(1));
  }
  const bool any = escape == 0 && glob[0] == '?';
  return (any || glob[escape] == name[0]) && matches_name(glob.substr(escape + 1), name.substr(1));
}

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> out;
  for (std::size_t at = 1; at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    out.push_back(path.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

using Names = std::vector<std::string_view>;

bool matches_names(const Names& globs, std::size_t glob, const Names& names, std::size_t name) {
  if (glob == globs.size()) return name == names.size();
  if (globs[glob] == "**") {
    const bool last = std::all_of(globs.begin() + static_cast<std::ptrdiff_t>(glob), globs.end(),
                                  [](std::string_view g) { return g == "**"; });
    if (last) return name < names.size();
    for (std::size_t to = name; to <= names.size(); ++to) {
      if (matches_names(globs, glob + 1, names, to)) return true;
    }
    return false;
  }
  return name < names.size() && matches_name(globs[glob], names[name]) &&
         matches_names(globs, glob + 1, names, name + 1);
}

bool naively(const std::string& glob, const std::string& path) {
  const Names globs = split(glob);
  // Braces stay within a component: all combinations of what each stands for.
  std::vector<std::vector<std::string>> choices;
  for (const std::string_view component : globs) {
    choices.push_back(without_braces(std::string(component)));
    // Two stars stand for any depth only where they are written as the whole component.
    for (std::string& one : choices.back()) {
      if (one == "**" && component != "**") one = "*";
    }
  }
  std::vector<std::size_t> chosen(choices.size(), 0);
  while (true) {
    Names one;
    for (std::size_t i = 0; i < choices.size(); ++i) one.push_back(choices[i][chosen[i]]);
    if (matches_names(one, 0, split(path), 0)) return true;
    std::size_t i = 0;
    while (i < chosen.size() && ++chosen[i] == choices[i].size()) chosen[i++] = 0;
    if (i == chosen.size()) return false;
  }
}

std::string drawn_piece(int depth) {
  static const std::vector<std::string> plain = {"a",    "b",     "ab",  "*",   "?",   "[ab]",
                                                 "[!a]", "[a-b]", "\\*", "\\a", "\\{", ","};
  const int choice = *rc::gen::inRange(0, depth > 0 ? 5 : 4);
  if (choice < 4) {
    const std::string piece = *rc::gen::elementOf(plain);
    return piece == "," && depth < 2 ? "a" : piece;
  }
  std::string out = "{" + drawn_piece(depth - 1);
  for (int more = *rc::gen::inRange(0, 3); more > 0; --more) {
    out += "," + (*rc::gen::inRange(0, 4) == 0 ? std::string() : drawn_piece(depth - 1));
  }
  return out + "}";
}

std::string drawn_glob() {
  std::string out;
  for (int components = *rc::gen::inRange(1, 4); components > 0; --components) {
    out += '/';
    if (*rc::gen::inRange(0, 4) == 0) {
      out += "**";
      continue;
    }
    for (int pieces = *rc::gen::inRange(1, 4); pieces > 0; --pieces) out += drawn_piece(2);
  }
  return out;
}

std::string drawn_path() {
  std::string out;
  for (int components = *rc::gen::inRange(1, 5); components > 0; --components) {
    out += '/';
    for (int bytes = *rc::gen::inRange(1, 4); bytes > 0; --bytes) {
      out += *rc::gen::element('a', 'b', 'c', '*', ',');
    }
  }
  return out;
}

TEST_CASE("a glob matches what its text says") {
  check_property("globs on paths", 3000, 200000, [] {
    const std::string glob = drawn_glob();
    const auto pattern = parse_pattern(glob);
    RC_ASSERT(static_cast<bool>(pattern));
    for (int i = 0; i < 5; ++i) {
      const std::string path = drawn_path();
      if (matches(*pattern, path) == naively(glob, path)) continue;
      RC_FAIL(glob + (naively(glob, path) ? " should match " : " should not match ") + path);
    }
  });
}

TEST_CASE("a path of any bytes is itself once its specials have backslashes") {
  check_property("names of any bytes", 2000, 100000, [] {
    std::string name;
    for (int i = *rc::gen::inRange(1, 12); i > 0; --i) {
      name += static_cast<char>(*rc::gen::element(0x01, 0x0a, 0x5c, '*', '?', '[', ']', '{', '}',
                                                  ',', '!', '^', '-', 'a', '.', 0x80, 0xff));
    }
    if (name == "." || name == "..") return;
    std::string escaped = "/";
    for (const char c : name) {
      if (std::string_view("\\*?[{").find(c) != std::string_view::npos) escaped += '\\';
      escaped += c;
    }
    const auto pattern = parse_pattern(escaped);
    RC_ASSERT(static_cast<bool>(pattern));
    RC_ASSERT(!pattern->glob());
    RC_ASSERT(pattern->head.size() == 1);
    RC_ASSERT(pattern->head[0] == name);
    RC_ASSERT(*parse_path(escaped) == "/" + name);
  });
}

}  // namespace
}  // namespace permward::test
