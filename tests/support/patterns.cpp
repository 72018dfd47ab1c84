// SPDX-License-Identifier: Apache-2.0
#include "support/patterns.hpp"

#include <algorithm>
#include <utility>

namespace permward::test {
namespace {

GlobToken byte_token(char c) { return {GlobToken::Kind::byte, static_cast<unsigned char>(c), 0}; }

GlobToken set_token(std::string_view text, std::size_t& at, std::vector<std::bitset<256>>& sets) {
  std::bitset<256> bytes;
  const bool inverted = text[at] == '!';
  if (inverted) ++at;
  for (; text[at] != ']'; ++at) bytes.set(static_cast<unsigned char>(text[at]));
  ++at;
  sets.push_back(inverted ? ~bytes : bytes);
  return {GlobToken::Kind::set, 0, static_cast<std::uint16_t>(sets.size() - 1)};
}

// Without braces. `wild` becomes true if it is more than a name.
std::vector<GlobToken> tokens(std::string_view text, Component& out, bool& wild) {
  std::vector<GlobToken> result;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at++];
    if (c == '\\') {
      result.push_back(byte_token(text[at++]));
    } else if (c == '*') {
      result.push_back({GlobToken::Kind::any_bytes, 0, 0});
      wild = true;
    } else if (c == '?') {
      result.push_back({GlobToken::Kind::any_byte, 0, 0});
      wild = true;
    } else if (c == '[') {
      result.push_back(set_token(text, at, out.sets));
      wild = true;
    } else {
      result.push_back(byte_token(c));
    }
  }
  return result;
}

// The texts that the first braces of `text` stand for.
std::vector<std::string> expanded(std::string_view text) {
  const std::size_t open = text.find('{');
  if (open == text.npos) return {std::string(text)};
  const std::size_t close = text.find('}', open);
  const std::string before(text.substr(0, open));
  std::vector<std::string> out;
  for (std::size_t at = open + 1; at <= close;) {
    const std::size_t end = std::min(text.find(',', at), close);
    const std::string rest(text.substr(close + 1));
    for (const std::string& tail : expanded(rest)) {
      out.push_back(before + std::string(text.substr(at, end - at)) + tail);
    }
    at = end + 1;
  }
  return out;
}

}  // namespace

Component component(std::string_view text) {
  Component out;
  if (text == "**") {
    out.kind = Component::Kind::any_depth;
    return out;
  }
  bool wild = text.find('{') != text.npos;
  for (const std::string& alternative : expanded(text)) {
    out.alternatives.push_back(tokens(alternative, out, wild));
  }
  if (wild) {
    out.kind = Component::Kind::wild;
    out.text = text;
    return out;
  }
  for (const GlobToken& token : out.alternatives.front()) out.text += static_cast<char>(token.byte);
  out.alternatives.clear();
  return out;
}

std::vector<Component> components(std::string_view text) {
  std::vector<Component> out;
  for (const std::string& name : names_of(text)) out.push_back(component(name));
  return out;
}

Pattern pattern(std::string_view text) {
  Pattern out;
  out.text = text;
  for (Component& part : components(text)) {
    if (out.tail.empty() && part.kind == Component::Kind::literal) {
      out.head.push_back(std::move(part.text));
    } else {
      out.tail.push_back(std::move(part));
    }
  }
  return out;
}

Exclude exclude(std::string_view text) {
  Exclude out;
  out.tail = components(text);
  out.base_name =
      text.find('/') == text.npos && out.tail.front().kind != Component::Kind::any_depth;
  return out;
}

std::vector<std::string> names_of(std::string_view path) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t slash = std::min(path.find('/', at), path.size());
    if (slash > at) out.emplace_back(path.substr(at, slash - at));
    at = slash + 1;
  }
  return out;
}

std::string path_of(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out.append("/").append(name);
  return out.empty() ? "/" : out;
}

}  // namespace permward::test
