// SPDX-License-Identifier: Apache-2.0
// ACL entries: what is read names an account or the mask, and nothing else is let through.
#include "model/accounts.hpp"
#include "policy/acl_text.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace permward;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto entry = parse_acl_entry(text, AclKind::access);
  if (!entry) {
    require(entry.error().offset <= text.size());
    require(!entry.error().message.empty());
    return 0;
  }
  require(entry->permissions <= 7);
  if (entry->tag == AclTag::mask) {
    require(entry->account.empty());
  } else {
    require(entry->tag == AclTag::user || entry->tag == AclTag::group);
    require(id_of_text(entry->account).has_value() || valid_account_name(entry->account));
  }
  return 0;
}
