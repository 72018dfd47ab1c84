// SPDX-License-Identifier: Apache-2.0
#include "store/state_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <system_error>
#include <utility>
#include <vector>

namespace permward {
namespace {

constexpr std::uint32_t greatest_id = 4294967294;
constexpr std::size_t most_acl_entries = (64 * 1024 - 4) / 8;  // XATTR_SIZE_MAX

// --- To text
// --------------------------------------------------------------------------------------

void append_number(std::string& out, std::uint64_t value, int base = 10) {
  std::array<char, 20> digits{};
  const auto written = std::to_chars(digits.begin(), digits.end(), value, base);
  out.append(digits.begin(), written.ptr);
}

void append_mode(std::string& out, unsigned mode) {
  for (const unsigned shift : {9U, 6U, 3U, 0U}) out += static_cast<char>('0' + (mode >> shift & 7));
}

void append_permissions(std::string& out, unsigned permissions) {
  out += (permissions & 4) != 0 ? 'r' : '-';
  out += (permissions & 2) != 0 ? 'w' : '-';
  out += (permissions & 1) != 0 ? 'x' : '-';
}

struct TagName {
  AclTag tag;
  std::string_view name;
};
// The first of those that have a name in common is the one without an id.
constexpr std::array<TagName, 6> tag_names = {{{AclTag::user_obj, "user"},
                                               {AclTag::group_obj, "group"},
                                               {AclTag::mask, "mask"},
                                               {AclTag::other, "other"},
                                               {AclTag::user, "user"},
                                               {AclTag::group, "group"}}};

void append_acl(std::string& out, const std::vector<AclEntry>& acl) {
  bool first = true;
  for (const AclEntry& entry : acl) {
    if (!std::exchange(first, false)) out += ',';
    const auto it = std::find_if(tag_names.begin(), tag_names.end(),
                                 [&](const TagName& one) { return one.tag == entry.tag; });
    out += it->name;
    out += ':';
    if (entry.named()) append_number(out, entry.id);
    out += ':';
    append_permissions(out, entry.permissions);
  }
}

void append_capabilities(std::string& out, const FileCapabilities& capabilities) {
  append_number(out, capabilities.permitted, 16);
  out += '/';
  append_number(out, capabilities.inheritable, 16);
  out += capabilities.effective ? "/e/" : "/-/";
  append_number(out, capabilities.root_id);
}

void append_attributes(std::string& out, AttributeSet attributes) {
  for (std::size_t i = 0; i < attribute_count; ++i) {
    if (attributes.has(static_cast<Attribute>(i))) out += attribute_letters[i];
  }
}

// Whatever the locale.
bool stands_for_itself(char c) {
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return letter || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '/' || c == '-';
}

void append_target(std::string& out, std::string_view target) {
  static constexpr char digits[] = "0123456789abcdef";
  for (const char c : target) {
    if (stands_for_itself(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += {'%', digits[byte >> 4], digits[byte & 0xf]};
  }
}

// --- From text
// ------------------------------------------------------------------------------------ The readers
// need not refuse what is only written otherwise ("01" for "1"): `parse_state` does.

template <class Number>
bool read_number(std::string_view text, Number& out, int base = 10) {
  const auto [end, error] = std::from_chars(text.begin(), text.end(), out, base);
  return error == std::errc{} && end == text.end();
}

bool read_id(std::string_view text, std::uint32_t& out) {
  return read_number(text, out) && out <= greatest_id;
}

// What stands before the next `mark`, which is taken off `text` with it; the rest without one.
std::string_view take_until(std::string_view& text, char mark) {
  const std::size_t at = text.find(mark);
  const std::string_view out = text.substr(0, at);
  text = at == text.npos ? std::string_view() : text.substr(at + 1);
  return out;
}

bool read_permissions(std::string_view text, std::uint8_t& out) {
  static constexpr std::string_view letters = "rwx";
  if (text.size() != letters.size()) return false;
  for (std::size_t i = 0; i < letters.size(); ++i) {
    if (text[i] != '-' && text[i] != letters[i]) return false;
    out = static_cast<std::uint8_t>(out << 1 | (text[i] == '-' ? 0 : 1));
  }
  return true;
}

bool read_acl_entry(std::string_view text, AclEntry& out) {
  const std::string_view name = take_until(text, ':');
  const std::string_view id = take_until(text, ':');
  const auto it = std::find_if(tag_names.begin(), tag_names.end(), [&](const TagName& one) {
    const bool named = AclEntry{one.tag, 0, 0}.named();
    return one.name == name && named == !id.empty();
  });
  if (it == tag_names.end()) return false;
  out.tag = it->tag;
  // One that has none in this user namespace is shown as 4294967295.
  return (id.empty() || read_number(id, out.id)) && read_permissions(text, out.permissions);
}

bool read_acl(std::string_view text, std::vector<AclEntry>& out) {
  while (!text.empty() && out.size() < most_acl_entries) {
    AclEntry entry;
    if (!read_acl_entry(take_until(text, ','), entry)) return false;
    out.push_back(entry);
  }
  // The kernel takes two entries of one user, so that this does not refuse them.
  return text.empty() && std::is_sorted(out.begin(), out.end(), acl_order);
}

bool read_capabilities(std::string_view text, std::optional<FileCapabilities>& out) {
  FileCapabilities value;
  if (!read_number(take_until(text, '/'), value.permitted, 16)) return false;
  if (!read_number(take_until(text, '/'), value.inheritable, 16)) return false;
  value.effective = take_until(text, '/') == "e";
  out = value;
  // An id of the user namespace's, which may be any.
  return read_number(text, out->root_id);
}

bool read_attributes(std::string_view text, AttributeSet& out) {
  for (const char letter : text) {
    const std::size_t at = attribute_letters.find(letter);
    if (at == attribute_letters.npos) return false;
    out = out | static_cast<Attribute>(at);
  }
  return true;
}

bool read_target(std::string_view text, std::string& out) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      out += text[at];
      continue;
    }
    std::uint8_t byte = 0;
    if (!read_number(text.substr(at + 1, 2), byte, 16) || byte == 0) return false;
    out += static_cast<char>(byte);
    at += 2;
  }
  return true;
}

bool read_type(std::string_view text, Type& out) {
  const auto it = std::find(type_names.begin(), type_names.end(), text);
  if (it == type_names.end()) return false;
  out = static_cast<Type>(it - type_names.begin());
  return true;
}

bool read_content(std::string_view text, std::optional<Sha256::Digest>& out) {
  out = digest_of_hex(text);
  return out.has_value();
}

bool read_mode(std::string_view text, std::uint16_t& out) {
  return read_number(text, out, 8) && out <= 07777;
}

// --- The members
// ----------------------------------------------------------------------------------

struct Member {
  std::string_view key;
  bool (*read)(std::string_view value, ObjectState& out);
};

constexpr std::array<Member, 10> members = {{
    {"type", [](std::string_view value, ObjectState& out) { return read_type(value, out.type); }},
    {"owner", [](std::string_view value, ObjectState& out) { return read_id(value, out.owner); }},
    {"group", [](std::string_view value, ObjectState& out) { return read_id(value, out.group); }},
    {"mode", [](std::string_view value, ObjectState& out) { return read_mode(value, out.mode); }},
    {"acl", [](std::string_view value, ObjectState& out) { return read_acl(value, out.acl); }},
    {"default_acl",
     [](std::string_view value, ObjectState& out) { return read_acl(value, out.default_acl); }},
    {"capabilities", [](std::string_view value,
                        ObjectState& out) { return read_capabilities(value, out.capabilities); }},
    {"attributes", [](std::string_view value,
                      ObjectState& out) { return read_attributes(value, out.attributes); }},
    {"target",
     [](std::string_view value, ObjectState& out) { return read_target(value, out.target); }},
    {"content",
     [](std::string_view value, ObjectState& out) { return read_content(value, out.content); }},
}};

bool read_member(std::string_view text, ObjectState& out) {
  const std::string_view key = take_until(text, '=');
  const auto it = std::find_if(members.begin(), members.end(),
                               [key](const Member& member) { return member.key == key; });
  return it != members.end() && it->read(text, out);
}

}  // namespace

void append_state_text(std::string& out, const ObjectState& state) {
  out.append("type=").append(name(state.type));
  out += " owner=";
  append_number(out, state.owner);
  out += " group=";
  append_number(out, state.group);
  out += " mode=";
  append_mode(out, state.mode);
  if (!state.acl.empty()) append_acl(out += " acl=", state.acl);
  if (!state.default_acl.empty()) append_acl(out += " default_acl=", state.default_acl);
  if (state.capabilities) append_capabilities(out += " capabilities=", *state.capabilities);
  if (!state.attributes.empty()) append_attributes(out += " attributes=", state.attributes);
  if (!state.target.empty()) append_target(out += " target=", state.target);
  if (state.content) out.append(" content=").append(hex(*state.content));
}

std::string state_text(const ObjectState& state) {
  std::string out;
  append_state_text(out, state);
  return out;
}

std::optional<ObjectState> parse_state(std::string_view text) {
  if (text.size() > most_state_text) return std::nullopt;
  ObjectState out;
  for (std::string_view left = text; !left.empty();) {
    if (!read_member(take_until(left, ' '), out)) return std::nullopt;
  }
  // There is one way to write a state: whatever is missing, doubled, out of order or written
  // otherwise would not come out the same.
  if (state_text(out) != text) return std::nullopt;
  return out;
}

}  // namespace permward
