// SPDX-License-Identifier: Apache-2.0
#include "policy/acl_text.hpp"

#include "policy/account_text.hpp"
#include "policy/words.hpp"

#include <array>
#include <optional>

namespace permward {
namespace {

struct Tag {
  std::string_view name;
  AclTag named;  // with a qualifier
  AclTag base;   // without
};

constexpr std::array<Tag, 8> tags = {{
    {"user", AclTag::user, AclTag::user_obj},
    {"u", AclTag::user, AclTag::user_obj},
    {"group", AclTag::group, AclTag::group_obj},
    {"g", AclTag::group, AclTag::group_obj},
    {"mask", AclTag::mask, AclTag::mask},
    {"m", AclTag::mask, AclTag::mask},
    {"other", AclTag::other, AclTag::other},
    {"o", AclTag::other, AclTag::other},
}};

const Tag* tag_named(std::string_view name) {
  for (const Tag& tag : tags) {
    if (tag.name == name) return &tag;
  }
  return nullptr;
}

constexpr std::string_view form = "write 'user:NAME:rwx', 'group:NAME:rwx' or 'mask::rwx'";

TextError unknown_tag(std::string_view text, std::string_view tag, AclKind kind) {
  if ((tag == "default" || tag == "d") && kind == AclKind::default_acl) {
    return {Code::bad_acl, quoted(text) + " says 'default' once more",
            "write the entry without it, as in 'user:deploy:rwx'", 0};
  }
  if (tag == "default" || tag == "d") {
    return {Code::bad_acl, quoted(text) + " is an entry of a default ACL",
            "it belongs in 'default_acl'", 0};
  }
  return {Code::bad_acl, quoted(text) + " is no entry of an ACL", std::string(form), 0};
}

TextError base_entry(std::string_view text) {
  return {Code::bad_acl, quoted(text) + " is a base entry, and 'acl' is about the others",
          "say it with 'mode', which speaks of 'user::', 'group::' and 'other::'", 0};
}

struct Permissions {
  std::uint8_t stated = 0;
  bool x_if_any_x = false;
};

std::optional<Permissions> permissions_of_digits(std::string_view text) {
  const std::size_t last = text.size() - 1;
  if (text.find_first_not_of('0') < last || text[last] < '0' || text[last] > '7') {
    return std::nullopt;
  }
  return Permissions{static_cast<std::uint8_t>(text[last] - '0'), false};
}

std::optional<Permissions> parse_permissions(std::string_view text) {
  if (text.empty()) return std::nullopt;
  if (text[0] >= '0' && text[0] <= '9') return permissions_of_digits(text);
  constexpr std::string_view letters = "xwrX";
  unsigned seen = 0;
  for (const char c : text) {
    if (c == '-') continue;
    const std::size_t bit = letters.find(c);
    if (bit == letters.npos || (seen & 1U << bit) != 0) return std::nullopt;
    seen |= 1U << bit;
  }
  return Permissions{static_cast<std::uint8_t>(seen & 7), (seen & 8) != 0};
}

}  // namespace

Parsed<AclText> parse_acl_entry(std::string_view text, AclKind kind) {
  const std::size_t first = text.find(':');
  const std::string_view tag_name = text.substr(0, first);
  const Tag* tag = tag_named(tag_name);
  if (tag == nullptr) return unknown_tag(text, tag_name, kind);
  if (first == text.npos)
    return TextError{Code::bad_acl, quoted(text) + " has no permissions", std::string(form)};

  AclText out;
  std::size_t at = first + 1;  // of the permissions
  const std::size_t second = text.find(':', at);
  if (second != text.npos) {
    out.account = text.substr(at, second - at);
    at = second + 1;
  }
  const bool named_tag = tag->named != tag->base;
  out.tag = out.account.empty() ? tag->base : tag->named;
  if (second == text.npos && named_tag) {
    return TextError{Code::bad_acl, quoted(text) + " has no permissions", std::string(form),
                     text.size()};
  }
  if (!named_tag && !out.account.empty()) {
    return TextError{
        Code::bad_acl,
        quoted(text) + " names an account, and '" + std::string(tag_name) + "' has none",
        std::string(form), first + 1};
  }
  const bool named = out.tag == AclTag::user || out.tag == AclTag::group;
  const bool base = !named && out.tag != AclTag::mask;
  if (base && kind == AclKind::access) return base_entry(text);
  if (named) {
    const AccountKind account = out.tag == AclTag::user ? AccountKind::user : AccountKind::group;
    if (auto mistake = account_mistake(account, out.account)) {
      mistake->offset += first + 1;
      return *mistake;
    }
  }
  const auto permissions = parse_permissions(text.substr(at));
  if (!permissions) {
    return TextError{Code::bad_acl, quoted(text.substr(at)) + " are no permissions",
                     "write letters of 'rwxX', each once, or '---' for none", at};
  }
  out.permissions = permissions->stated;
  out.x_if_any_x = permissions->x_if_any_x;
  return out;
}

}  // namespace permward
