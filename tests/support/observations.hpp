// SPDX-License-Identifier: Apache-2.0
// Observed objects for tests:
//
//   seen(Type::file).owner(1001).mode(0640).acl({"user::rw-", "user:1001:rw-", "group::r--", …})
#pragma once

#include "model/acl.hpp"
#include "model/observation.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace permward::test {

// "user::rw-", "user:1001:rw-", "group::r-x", "group:33:---", "mask::rwx", "other::r--".
AclEntry entry(std::string_view text);
std::vector<AclEntry> entries(const std::vector<std::string>& texts);

// The observation and the bytes of its ACL. Owned by root, mode 0644, and asked for all there is:
// without an ACL unless one is given.
class Seen {
 public:
  explicit Seen(Type type);

  Seen& owner(std::uint32_t uid);
  Seen& group(std::uint32_t gid);
  // 0 to 07777. Call before `acl`.
  Seen& mode(unsigned mode);
  // Also sets the mode's nine bits, as the kernel does: the mask, or the owning group's rights
  // without one, in the place of the group.
  Seen& acl(const std::vector<std::string>& texts);
  Seen& acl(std::vector<AclEntry> entries);
  Seen& acl_unsupported();
  Seen& acl_unreadable(int error);
  Seen& acl_not_asked();
  Seen& links(std::uint32_t links);
  // Those that are set, of those that are known; of the others `others` is to be said.
  Seen& attributes(AttributeSet set, AttributeSet known = AttributeSet::all(),
                   Read others = Read::unsupported, int error = 0);
  Seen& capabilities(std::optional<FileCapabilities> value);
  Seen& capabilities_not_there(Read state, int error = 0);
  // A directory's, which has none unless it is given.
  Seen& default_acl(const std::vector<std::string>& texts);
  Seen& default_acl_not_there(Read state, int error = 0);
  Seen& owner_account(Readout<bool> account);
  Seen& owner_unmapped();
  Seen& group_unmapped();
  Seen& group_account(Readout<bool> account);
  // What `want` does not list.
  Seen& unlisted(const EntriesWant* want, std::uint64_t count, std::vector<std::string> first);
  Seen& entries_unreadable(int error);
  Seen& content(const Sha256::Digest& digest);
  Seen& content_unreadable(int error);
  Seen& size(std::uint64_t bytes);
  // Null: never. It must outlive what is seen.
  Seen& accepted(const SnapshotObject* object);
  Seen& accepted_unreadable(int error);
  Seen& target(std::string text);
  Seen& target_unreadable(int error);

  operator const Observed&() const { return observed_; }
  const Observed* operator->() const { return &observed_; }

  Seen(const Seen&);
  Seen& operator=(const Seen&) = delete;

 private:
  void lend();

  std::vector<std::byte> acl_;
  std::vector<std::byte> default_acl_;
  Observed observed_;
};

Seen seen(Type type);
Seen nothing();  // where an object would be

}  // namespace permward::test
