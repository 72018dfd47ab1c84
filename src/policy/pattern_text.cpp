// SPDX-License-Identifier: Apache-2.0
#include "policy/pattern_text.hpp"

#include "policy/glob_text.hpp"
#include "policy/words.hpp"

#include <algorithm>
#include <optional>

namespace permward {
namespace {

TextError bad_path(std::string message, std::string help, std::size_t offset = 0) {
  return {Code::bad_path, std::move(message), std::move(help), offset};
}

bool is_dots(std::string_view name) { return name == "." || name == ".."; }

// Whether the component can stand for `.` or `..` and nothing else in one of its alternatives.
bool names_dots(const Component& component) {
  if (component.kind == Component::Kind::literal) return is_dots(component.text);
  return std::any_of(component.alternatives.begin(), component.alternatives.end(),
                     [](const std::vector<GlobToken>& tokens) {
                       return (tokens.size() == 1 || tokens.size() == 2) &&
                              std::all_of(tokens.begin(), tokens.end(), [](const GlobToken& t) {
                                return t.kind == GlobToken::Kind::byte && t.byte == '.';
                              });
                     });
}

// The bytes that every name needs which the component stands for.
std::size_t least_length(const Component& component) {
  if (component.kind == Component::Kind::literal) return component.text.size();
  std::size_t least = longest_name;
  for (const auto& tokens : component.alternatives) {
    const auto stars = std::count_if(tokens.begin(), tokens.end(), [](const GlobToken& token) {
      return token.kind == GlobToken::Kind::any_bytes;
    });
    least = std::min(least, tokens.size() - static_cast<std::size_t>(stars));
  }
  return component.kind == Component::Kind::any_depth ? 0 : least;
}

TextError empty_component(std::string_view text, std::size_t offset) {
  if (offset == text.size()) {
    return bad_path("the path ends in '/'", "leave it out; 'type = \"directory\"' demands one",
                    offset - 1);
  }
  return bad_path("the path has an empty component", "write one '/'", offset);
}

// The components of `text`, which begins behind the first `/` of a path, or of a relative glob.
Parsed<std::vector<Component>> parse_components(std::string_view text, std::size_t begin) {
  std::vector<Component> out;
  std::size_t alternatives = 1;
  std::size_t length = 0;
  for (std::size_t at = begin; at <= text.size();) {
    const std::size_t end = std::min(text.find('/', at), text.size());
    if (end == at) return empty_component(text, at);
    auto component = parse_component(text.substr(at, end - at), alternatives);
    if (!component) {
      TextError error = component.error();
      error.offset += at;
      return error;
    }
    if (names_dots(*component)) {
      return bad_path("the path has a '.' or '..'", "write the path that it comes to", at);
    }
    length += 1 + least_length(*component);
    const bool depth_again = component->kind == Component::Kind::any_depth && !out.empty() &&
                             out.back().kind == Component::Kind::any_depth;
    if (!depth_again) out.push_back(std::move(*component));
    at = end + 1;
  }
  if (length > longest_path) {
    return bad_path("the path is longer than " + std::to_string(longest_path) + " bytes",
                    "no system call takes it");
  }
  return out;
}

std::optional<TextError> not_absolute(std::string_view text) {
  if (const std::size_t nul = text.find('\0'); nul != text.npos) {
    return bad_path("the path has a NUL", "no name has one", nul);
  }
  if (text.starts_with('/')) return std::nullopt;
  if (text.empty()) return bad_path("the path is empty", "write it from '/' on");
  if (text.starts_with('~')) {
    return bad_path("the path " + quoted(text) + " is not absolute",
                    "write out the home directory; a policy knows no '~'");
  }
  return bad_path("the path " + quoted(text) + " is not absolute", "write it from '/' on");
}

// Where the braces or brackets of a glob hold a `/`, its component ends too early to be closed.
TextError explained(TextError error, std::string_view text) {
  const bool not_closed = error.message.ends_with("not closed");
  if (not_closed && text.find('/', error.offset) != text.npos) {
    error.help += "; a '/' cannot stand in brackets or braces";
  }
  return error;
}

}  // namespace

Parsed<Pattern> parse_pattern(std::string_view text) {
  if (const auto error = not_absolute(text)) return *error;
  Pattern out;
  out.text = text;
  if (text == "/") return out;
  auto components = parse_components(text, 1);
  if (!components) return explained(components.error(), text);
  const auto first_wild = std::find_if(
      components->begin(), components->end(),
      [](const Component& component) { return component.kind != Component::Kind::literal; });
  for (auto it = components->begin(); it != first_wild; ++it) {
    out.head.push_back(std::move(it->text));
  }
  out.tail.assign(std::move_iterator(first_wild), std::move_iterator(components->end()));
  return out;
}

Parsed<std::string> parse_path(std::string_view text) {
  const auto pattern = parse_pattern(text);
  if (!pattern) return pattern.error();
  if (!pattern->glob()) return head_path(*pattern);
  return TextError{Code::bad_path, quoted(text) + " is a glob, and one path is asked for",
                   "a backslash takes the next character literally"};
}

Parsed<Exclude> parse_exclude(std::string_view text) {
  if (text.empty() || text.find('\0') != text.npos) {
    return bad_path("an exclude is empty or has a NUL", "write a glob, as in '*.bak'");
  }
  if (text.starts_with('/')) {
    return bad_path(quoted(text) + " is absolute, and excludes lie below the path of the rule",
                    "leave out the first '/' and what the rule's path says already");
  }
  auto components = parse_components(text, 0);
  if (!components) return explained(components.error(), text);
  Exclude out;
  out.tail = std::move(*components);
  out.base_name =
      text.find('/') == text.npos && out.tail.front().kind != Component::Kind::any_depth;
  return out;
}

Parsed<Component> parse_name_glob(std::string_view text) {
  std::size_t alternatives = 1;
  if (text.empty()) return TextError{Code::bad_glob, "the glob is empty", "'*' matches every name"};
  if (const std::size_t at = text.find_first_of(std::string_view("/\0", 2)); at != text.npos) {
    return TextError{Code::bad_glob, quoted(text) + " is no glob on names", "leave out the '/'",
                     at};
  }
  return parse_component(text == "**" ? "*" : text, alternatives);
}

std::size_t size_of(const std::vector<Component>& components) {
  constexpr std::size_t bytes_of_a_set = 256 / 8;
  std::size_t size = 0;
  for (const Component& component : components) {
    size += sizeof(Component) + component.text.size() + component.sets.size() * bytes_of_a_set;
    for (const auto& tokens : component.alternatives) {
      size += sizeof(std::vector<GlobToken>) + tokens.size() * sizeof(GlobToken);
    }
  }
  return size;
}

std::string escaped_for_pattern(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view("*?[]{},\\").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

}  // namespace permward
