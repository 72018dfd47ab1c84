// SPDX-License-Identifier: Apache-2.0
#include "fs/combined_globs.hpp"

#include <algorithm>

namespace permward::test::combined {
Words components(const std::string& path) {
  Words out;
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t end = std::min(path.find('/', at + 1), path.size());
    out.push_back(path.substr(at + 1, end - at - 1));
    at = end;
  }
  return out;
}

namespace {

// Each alternative of the braces by itself.
Words without_braces(const std::string& text) {
  const std::size_t open = text.find('{');
  if (open == std::string::npos) return {text};
  Words parts(1);
  int depth = 1;
  std::size_t at = open + 1;
  for (; depth > 0; ++at) {
    const char byte = text[at];
    if (byte == '{') ++depth;
    if (byte == '}') --depth;
    if (depth == 0) break;
    if (byte == ',' && depth == 1)
      parts.emplace_back();
    else
      parts.back() += byte;
  }
  Words out;
  for (const std::string& part : parts) {
    const Words rest = without_braces(text.substr(0, open) + part + text.substr(at + 1));
    out.insert(out.end(), rest.begin(), rest.end());
  }
  return out;
}

bool name_fits(const std::string& glob, std::size_t at, const std::string& name, std::size_t in) {
  if (at == glob.size()) return in == name.size();
  if (glob[at] == '*') {
    return name_fits(glob, at + 1, name, in) ||
           (in < name.size() && name_fits(glob, at, name, in + 1));
  }
  if (in == name.size()) return false;
  if (glob[at] == '?') return name_fits(glob, at + 1, name, in + 1);
  if (glob[at] != '[') return glob[at] == name[in] && name_fits(glob, at + 1, name, in + 1);
  const std::size_t end = glob.find(']', at);
  std::size_t one = at + 1;
  const bool negated = glob[one] == '!';
  if (negated) ++one;
  bool among = false;
  for (; one < end; ++one) {
    const bool range = one + 2 < end && glob[one + 1] == '-';
    among = among || (glob[one] <= name[in] && name[in] <= glob[range ? one + 2 : one]);
    if (range) one += 2;
  }
  return among != negated && name_fits(glob, end + 1, name, in + 1);
}

}  // namespace

bool any_name_fits(const std::string& glob, const std::string& name) {
  const Words all = without_braces(glob);
  return std::any_of(all.begin(), all.end(),
                     [&](const std::string& one) { return name_fits(one, 0, name, 0); });
}

namespace {

bool path_fits(const Words& glob, std::size_t part, const Words& names, std::size_t at) {
  if (part == glob.size()) return at == names.size();
  if (glob[part] != "**") {
    return at < names.size() && any_name_fits(glob[part], names[at]) &&
           path_fits(glob, part + 1, names, at + 1);
  }
  if (part + 1 == glob.size()) return at < names.size();
  for (std::size_t taken = at; taken <= names.size(); ++taken) {
    if (path_fits(glob, part + 1, names, taken)) return true;
  }
  return false;
}

}  // namespace

bool is_glob(const std::string& path) { return path.find_first_of("*?[{") != std::string::npos; }

bool fits(const std::string& glob, const std::string& text) {
  return path_fits(components(glob), 0, components(text), 0);
}

}  // namespace permward::test::combined
