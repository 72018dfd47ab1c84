// SPDX-License-Identifier: Apache-2.0
#include "model/acl.hpp"

#include <algorithm>
#include <tuple>

namespace permward {
namespace {

constexpr std::uint32_t xattr_version = 2;
constexpr std::size_t header_bytes = 4;
constexpr std::uint32_t undefined_id = 0xffffffff;

std::uint32_t little_endian(std::span<const std::byte> bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) {
    value = value << 8 | std::to_integer<std::uint32_t>(bytes[i]);
  }
  return value;
}

void append_little_endian(std::vector<std::byte>& out, std::uint32_t value, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i, value >>= 8) out.push_back(std::byte(value & 0xff));
}

bool known_tag(std::uint32_t tag) {
  return tag == 0x01 || tag == 0x02 || tag == 0x04 || tag == 0x08 || tag == 0x10 || tag == 0x20;
}

}  // namespace

bool acl_order(const AclEntry& a, const AclEntry& b) {
  return std::tie(a.tag, a.id) < std::tie(b.tag, b.id);
}

std::optional<AclView> AclView::parse(std::span<const std::byte> value) {
  if (value.size() < header_bytes || (value.size() - header_bytes) % entry_bytes != 0) {
    return std::nullopt;
  }
  if (little_endian(value.first(header_bytes)) != xattr_version) return std::nullopt;
  AclView view;
  view.entries_ = value.subspan(header_bytes);
  for (std::size_t at = 0; at < view.entries_.size(); at += entry_bytes) {
    const bool valid = known_tag(little_endian(view.entries_.subspan(at, 2))) &&
                       little_endian(view.entries_.subspan(at + 2, 2)) <= 7;
    if (!valid) return std::nullopt;
  }
  return view;
}

AclEntry AclView::operator[](std::size_t index) const {
  const auto entry = entries_.subspan(index * entry_bytes, entry_bytes);
  AclEntry out;
  out.tag = static_cast<AclTag>(little_endian(entry.first(2)));
  out.permissions = static_cast<std::uint8_t>(little_endian(entry.subspan(2, 2)));
  out.id = out.named() ? little_endian(entry.subspan(4, 4)) : 0;
  return out;
}

std::optional<AclEntry> AclView::find(AclTag tag) const {
  for (std::size_t i = 0; i < size(); ++i) {
    if (const AclEntry entry = (*this)[i]; entry.tag == tag) return entry;
  }
  return std::nullopt;
}

std::uint8_t AclView::masked(std::uint8_t permissions) const {
  const auto mask = find(AclTag::mask);
  return mask ? static_cast<std::uint8_t>(permissions & mask->permissions) : permissions;
}

bool AclView::extended() const {
  for (std::size_t i = 0; i < size(); ++i) {
    const AclEntry entry = (*this)[i];
    if (entry.named() || entry.tag == AclTag::mask) return true;
  }
  return false;
}

std::vector<std::byte> encode_acl(std::vector<AclEntry> entries) {
  std::sort(entries.begin(), entries.end(), acl_order);
  std::vector<std::byte> out;
  append_little_endian(out, xattr_version, 4);
  for (const AclEntry& entry : entries) {
    append_little_endian(out, static_cast<std::uint32_t>(entry.tag), 2);
    append_little_endian(out, entry.permissions, 2);
    append_little_endian(out, entry.named() ? entry.id : undefined_id, 4);
  }
  return out;
}

std::string permissions_text(unsigned permissions) {
  std::string text = "---";
  if ((permissions & 4) != 0) text[0] = 'r';
  if ((permissions & 2) != 0) text[1] = 'w';
  if ((permissions & 1) != 0) text[2] = 'x';
  return text;
}

}  // namespace permward
