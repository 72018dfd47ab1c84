// SPDX-License-Identifier: Apache-2.0
#include "support/observations.hpp"

#include <charconv>
#include <stdexcept>

namespace permward::test {
namespace {

AclTag tag_of(std::string_view text, bool named) {
  if (text == "user") return named ? AclTag::user : AclTag::user_obj;
  if (text == "group") return named ? AclTag::group : AclTag::group_obj;
  if (text == "mask") return AclTag::mask;
  if (text == "other") return AclTag::other;
  throw std::invalid_argument(std::string(text));
}

unsigned rights_in(const std::vector<AclEntry>& entries, AclTag tag) {
  for (const AclEntry& entry : entries) {
    if (entry.tag == tag) return entry.permissions;
  }
  return 0;
}

bool has(const std::vector<AclEntry>& entries, AclTag tag) {
  for (const AclEntry& entry : entries) {
    if (entry.tag == tag) return true;
  }
  return false;
}

}  // namespace

AclEntry entry(std::string_view text) {
  const std::size_t first = text.find(':');
  const std::size_t second = text.find(':', first + 1);
  if (second == text.npos) throw std::invalid_argument(std::string(text));
  const std::string_view who = text.substr(first + 1, second - first - 1);
  AclEntry out;
  out.tag = tag_of(text.substr(0, first), !who.empty());
  std::from_chars(who.data(), who.data() + who.size(), out.id);
  for (const char c : text.substr(second + 1)) {
    const unsigned bit = c == 'r' ? 4 : c == 'w' ? 2 : c == 'x' ? 1 : 0;
    out.permissions = static_cast<std::uint8_t>(out.permissions | bit);
  }
  return out;
}

std::vector<AclEntry> entries(const std::vector<std::string>& texts) {
  std::vector<AclEntry> out;
  for (const std::string& text : texts) out.push_back(entry(text));
  return out;
}

Seen::Seen(Type type) {
  observed_.type = type;
  observed_.mode = type == Type::absent ? std::uint16_t{0} : std::uint16_t{0644};
  observed_.links = 1;
  observed_.acl.state = Read::value;
  observed_.default_acl.state = Read::value;
  observed_.owner_account = {Read::value, 0, true};
  observed_.group_account = {Read::value, 0, true};
  observed_.entries.state = Read::value;
}

Seen::Seen(const Seen& other)
    : acl_(other.acl_), default_acl_(other.default_acl_), observed_(other.observed_) {
  lend();
}

void Seen::lend() {
  if (!acl_.empty()) observed_.acl.value = *AclView::parse(acl_);
  if (!default_acl_.empty()) observed_.default_acl.value = *AclView::parse(default_acl_);
}

Seen& Seen::owner(std::uint32_t uid) {
  observed_.owner = uid;
  return *this;
}
Seen& Seen::group(std::uint32_t gid) {
  observed_.group = gid;
  return *this;
}
Seen& Seen::mode(unsigned mode) {
  observed_.mode = static_cast<std::uint16_t>(mode);
  return *this;
}
Seen& Seen::acl(const std::vector<std::string>& texts) { return acl(entries(texts)); }
Seen& Seen::acl(std::vector<AclEntry> entries) {
  const AclTag group = has(entries, AclTag::mask) ? AclTag::mask : AclTag::group_obj;
  const unsigned bits = rights_in(entries, AclTag::user_obj) << 6 | rights_in(entries, group) << 3 |
                        rights_in(entries, AclTag::other);
  observed_.mode = static_cast<std::uint16_t>((observed_.mode & 07000) | bits);
  acl_ = encode_acl(std::move(entries));
  lend();
  return *this;
}
Seen& Seen::acl_unsupported() {
  observed_.acl = {Read::unsupported, 0, {}};
  return *this;
}
Seen& Seen::acl_unreadable(int error) {
  observed_.acl = {Read::unreadable, error, {}};
  return *this;
}
Seen& Seen::acl_not_asked() {
  observed_.acl = {};
  return *this;
}
Seen& Seen::links(std::uint32_t links) {
  observed_.links = links;
  return *this;
}
Seen& Seen::attributes(AttributeSet set, AttributeSet known, Read others, int error) {
  observed_.attributes = {known, set, others, error};
  return *this;
}
Seen& Seen::capabilities(std::optional<FileCapabilities> value) {
  observed_.capabilities = {Read::value, 0, value};
  return *this;
}
Seen& Seen::capabilities_not_there(Read state, int error) {
  observed_.capabilities = {state, error, {}};
  return *this;
}
Seen& Seen::default_acl(const std::vector<std::string>& texts) {
  default_acl_ = encode_acl(entries(texts));
  lend();
  return *this;
}
Seen& Seen::default_acl_not_there(Read state, int error) {
  observed_.default_acl = {state, error, {}};
  return *this;
}
Seen& Seen::owner_unmapped() {
  observed_.owner_unmapped = true;
  return *this;
}
Seen& Seen::group_unmapped() {
  observed_.group_unmapped = true;
  return *this;
}
Seen& Seen::owner_account(Readout<bool> account) {
  observed_.owner_account = account;
  return *this;
}
Seen& Seen::group_account(Readout<bool> account) {
  observed_.group_account = account;
  return *this;
}
Seen& Seen::unlisted(const EntriesWant* want, std::uint64_t count, std::vector<std::string> first) {
  observed_.entries.value.push_back({want, count, std::move(first)});
  return *this;
}
Seen& Seen::entries_unreadable(int error) {
  observed_.entries = {Read::unreadable, error, {}};
  return *this;
}
Seen& Seen::content(const Sha256::Digest& digest) {
  observed_.content = {Read::value, 0, digest};
  return *this;
}
Seen& Seen::content_unreadable(int error) {
  observed_.content = {Read::unreadable, error, {}};
  return *this;
}
Seen& Seen::size(std::uint64_t bytes) {
  observed_.size = bytes;
  return *this;
}
Seen& Seen::accepted(const SnapshotObject* object) {
  observed_.accepted = {Read::value, 0, object};
  return *this;
}
Seen& Seen::accepted_unreadable(int error) {
  observed_.accepted = {Read::unreadable, error, nullptr};
  return *this;
}
Seen& Seen::target(std::string text) {
  observed_.target = {Read::value, 0, std::move(text)};
  return *this;
}
Seen& Seen::target_unreadable(int error) {
  observed_.target = {Read::unreadable, error, {}};
  return *this;
}

Seen seen(Type type) { return Seen(type); }
Seen nothing() { return Seen(Type::absent); }

}  // namespace permward::test
