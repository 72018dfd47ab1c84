// SPDX-License-Identifier: Apache-2.0
//
// The names that the ids of recorded states have now. Layer `engine`.
#pragma once

#include "model/accounts.hpp"
#include "model/control.hpp"
#include "model/object_state.hpp"
#include "os/name_service.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace permward {

// Asked for once each, and escaped. The ids of ACLs are an enemy's, thousands an object that nobody
// has: those of the greater part stay numbers.
class StateNames {
 public:
  // `service` must outlive it.
  explicit StateNames(NameService& service) : service_(service) {}

  void learn(const ObjectState& state);
  void learn(const Principals& who);
  [[nodiscard]] const AccountNames& names() const { return names_; }

 private:
  void learn(AccountKind kind, std::uint32_t id);
  void learn(const std::vector<AclEntry>& acl);

  NameService& service_;
  AccountNames names_;
  std::size_t ids_of_entries_ = 0;
};

}  // namespace permward
