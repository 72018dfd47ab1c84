// SPDX-License-Identifier: Apache-2.0
#include "model/pattern.hpp"

#include <optional>

namespace permward {
namespace {

bool matches_byte(const Component& component, const GlobToken& token, char c) {
  const auto byte = static_cast<unsigned char>(c);
  switch (token.kind) {
    case GlobToken::Kind::byte:
      return token.byte == byte;
    case GlobToken::Kind::any_byte:
      return true;
    case GlobToken::Kind::set:
      return component.sets[token.set].test(byte);
    case GlobToken::Kind::any_bytes:
      break;
  }
  return false;
}

// The last `*` met is the only one that ever has to take more: what lies before it is settled.
bool matches(const Component& component, const std::vector<GlobToken>& tokens,
             std::string_view name) {
  std::size_t token = 0;
  std::size_t at = 0;
  std::optional<std::size_t> star;
  std::size_t star_at = 0;
  while (at < name.size()) {
    if (token < tokens.size() && tokens[token].kind == GlobToken::Kind::any_bytes) {
      star = token++;
      star_at = at;
    } else if (token < tokens.size() && matches_byte(component, tokens[token], name[at])) {
      ++token, ++at;
    } else if (star) {
      token = *star + 1;
      at = ++star_at;
    } else {
      return false;
    }
  }
  while (token < tokens.size() && tokens[token].kind == GlobToken::Kind::any_bytes) ++token;
  return token == tokens.size();
}

// Splits at slashes; empty components are skipped.
std::vector<std::string_view> names_of(std::string_view path) {
  std::vector<std::string_view> names;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    if (slash != 0) names.push_back(path.substr(0, slash));
    if (slash == path.npos) break;
    path.remove_prefix(slash + 1);
  }
  return names;
}

// The same idea a level up: `**` in the place of `*`, names in the place of bytes. A `**` at the
// end needs one name at least: it is everything below, not the thing itself.
bool matches_names(const std::vector<Component>& tail, const std::vector<std::string_view>& names,
                   std::size_t at) {
  std::size_t part = 0;
  std::optional<std::size_t> star;
  std::size_t star_at = 0;
  while (at < names.size()) {
    if (part < tail.size() && tail[part].kind == Component::Kind::any_depth) {
      if (part + 1 == tail.size()) return true;
      star = part++;
      star_at = at;
    } else if (part < tail.size() && matches(tail[part], names[at])) {
      ++part, ++at;
    } else if (star) {
      part = *star + 1;
      at = ++star_at;
    } else {
      return false;
    }
  }
  return part == tail.size();
}

}  // namespace

bool matches(const Component& component, std::string_view name) {
  if (component.kind == Component::Kind::literal) return component.text == name;
  for (const auto& tokens : component.alternatives) {
    if (matches(component, tokens, name)) return true;
  }
  return false;
}

std::string head_path(const Pattern& pattern) {
  std::string path;
  for (const std::string& name : pattern.head) path.append("/").append(name);
  return path.empty() ? "/" : path;
}

bool matches(const Pattern& pattern, std::string_view path) {
  const std::vector<std::string_view> names = names_of(path);
  if (names.size() < pattern.head.size()) return false;
  for (std::size_t i = 0; i < pattern.head.size(); ++i) {
    if (pattern.head[i] != names[i]) return false;
  }
  return matches_names(pattern.tail, names, pattern.head.size());
}

bool matches(const std::vector<Component>& tail, std::string_view relative_path) {
  return matches_names(tail, names_of(relative_path), 0);
}

}  // namespace permward
