// SPDX-License-Identifier: Apache-2.0
//
// POSIX ACLs as values: what the kernel hands out (`system.posix_acl_access`), what a rule demands,
// and the text of acl(5). Layer `model`; pure. Permissions are 0 to 7, as in chmod(1): r 4, w 2,
// x 1. libacl's text functions are not used: acl_from_text(3) looks names up, and cannot tell a
// typo from an unknown user.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace permward {

// The tags of linux/posix_acl.h; their numbers are those of the extended attribute.
enum class AclTag : std::uint16_t {
  user_obj = 0x01,
  user = 0x02,
  group_obj = 0x04,
  group = 0x08,
  mask = 0x10,
  other = 0x20,
};

struct AclEntry {
  AclTag tag = AclTag::other;
  std::uint8_t permissions = 0;
  std::uint32_t id = 0;  // of `user` and `group`; 0 elsewhere

  [[nodiscard]] bool named() const { return tag == AclTag::user || tag == AclTag::group; }
  bool operator==(const AclEntry&) const = default;
};

// In the order of acl(5): by tag, then by id. What is written and what is printed has this order;
// what the kernel hands out need not.
[[nodiscard]] bool acl_order(const AclEntry& a, const AclEntry& b);

// The value of the extended attribute, read in place: a 4-byte version and entries of 8 bytes, all
// little-endian (linux/posix_acl_xattr.h). Lends the bytes of whoever read them. An empty view is
// an object without an ACL.
class AclView {
 public:
  AclView() = default;
  // Nothing where `value` is no such value: another version, a length that does not fit, an unknown
  // tag, permissions over 7.
  [[nodiscard]] static std::optional<AclView> parse(std::span<const std::byte> value);

  [[nodiscard]] std::size_t size() const { return entries_.size() / entry_bytes; }
  [[nodiscard]] bool empty() const { return entries_.empty(); }
  [[nodiscard]] AclEntry operator[](std::size_t index) const;  // index < size()
  // The first entry of that tag.
  [[nodiscard]] std::optional<AclEntry> find(AclTag tag) const;
  // The rights that the mask leaves of `permissions`; all of them where there is no mask.
  [[nodiscard]] std::uint8_t masked(std::uint8_t permissions) const;
  // True if it says more than a mode can: a named entry, or a mask.
  [[nodiscard]] bool extended() const;

 private:
  static constexpr std::size_t entry_bytes = 8;
  std::span<const std::byte> entries_;
};

// The extended attribute's value for `entries`, sorted.
[[nodiscard]] std::vector<std::byte> encode_acl(std::vector<AclEntry> entries);

// One entry that a rule lists: a named one, or the mask.
struct AclWantEntry {
  AclTag tag = AclTag::user;
  std::uint32_t account = 0;     // index into Policy::accounts, of `user` and `group`
  std::uint8_t permissions = 0;  // what is stated outright
  bool x_if_any_x = false;       // `X`
};

struct AclWant {
  enum class Form : std::uint8_t { exact, bounds };

  Form form = Form::exact;
  bool bounded_above = false;
  bool bounded_below = false;
  // Without masks; each account at most once a list, in the order of the policy.
  std::vector<AclWantEntry> at_most;  // exact: the entries
  std::vector<AclWantEntry> at_least;
  std::optional<AclWantEntry> mask_at_most;  // exact: the mask
  std::optional<AclWantEntry> mask_at_least;
};

// `default_acl`, of directories, exact: these named entries and no others.
struct DefaultAclWant {
  std::vector<AclWantEntry> named;  // each account at most once, in the order of the policy
  // Of those that the rule names; 0 to 7. A mask that it does not name is the union of the named
  // entries and the owning group's rights.
  std::optional<std::uint8_t> user_obj;
  std::optional<std::uint8_t> group_obj;
  std::optional<std::uint8_t> mask;
  std::optional<std::uint8_t> other;

  // No default ACL at all.
  [[nodiscard]] bool none() const {
    return named.empty() && !user_obj && !group_obj && !mask && !other;
  }
};

// "rwx", "r--"; always three characters.
[[nodiscard]] std::string permissions_text(unsigned permissions);

}  // namespace permward
