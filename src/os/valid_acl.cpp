// SPDX-License-Identifier: Apache-2.0
#include "os/valid_acl.hpp"

#include <acl/libacl.h>
#include <sys/acl.h>

#include <algorithm>
#include <new>

namespace permward {
namespace {

constexpr std::uint32_t no_id = 0xffffffff;

// An `acl_t`, which acl_create_entry(3) may put elsewhere while it grows.
class Handle {
 public:
  explicit Handle(std::size_t entries) : acl_(::acl_init(static_cast<int>(entries))) {
    if (acl_ == nullptr) throw std::bad_alloc();
  }
  ~Handle() { (void)::acl_free(acl_); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  // False where libacl knows no such entry.
  bool add(const AclEntry& entry) {
    acl_entry_t added = nullptr;
    acl_permset_t permissions = nullptr;
    if (::acl_create_entry(&acl_, &added) != 0) throw std::bad_alloc();
    // Its tags are those of the kernel.
    return ::acl_set_tag_type(added, static_cast<acl_tag_t>(entry.tag)) == 0 &&
           (!entry.named() || ::acl_set_qualifier(added, &entry.id) == 0) &&
           ::acl_get_permset(added, &permissions) == 0 &&
           ::acl_add_perm(permissions, entry.permissions) == 0;
  }
  [[nodiscard]] bool valid() const { return ::acl_check(acl_, nullptr) == 0; }

 private:
  acl_t acl_;
};

bool has_no_id(const AclEntry& entry) { return entry.named() && entry.id == no_id; }

}  // namespace

bool valid_acl(const std::vector<AclEntry>& entries) {
  if (std::any_of(entries.begin(), entries.end(), has_no_id)) return false;
  Handle acl(entries.size());
  for (const AclEntry& entry : entries) {
    if (!acl.add(entry)) return false;
  }
  return acl.valid();
}

}  // namespace permward
