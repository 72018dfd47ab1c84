// SPDX-License-Identifier: Apache-2.0
//
// Where the objects of a generation go, and whose they are to be there. Layer `engine`.
#pragma once

#include "model/accounts.hpp"
#include "model/object_state.hpp"
#include "model/snapshot.hpp"
#include "os/safe_open.hpp"
#include "os/system.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace permward {

class Destination {
 public:
  // `by_name`: owners and groups by name where there is one, else by number. `below`: all is put at
  // this path and its own behind it, links followed; empty: at its own. The system must outlive it.
  Destination(const System& system, SafeOpen& safe_open, const std::string& below, bool by_name);

  [[nodiscard]] bool elsewhere() const { return !below_.empty(); }
  // Its path there.
  [[nodiscard]] std::string of(const SnapshotObject& object) const;
  // What it is to be there.
  [[nodiscard]] ObjectState end_of(const SnapshotObject& object);

  // "the user www-data was 33 and is 44 here", of each of whom something was asked about.
  [[nodiscard]] std::vector<std::string> take_other_ids() { return std::move(other_ids_); }

 private:
  std::uint32_t id_of(AccountKind kind, std::uint32_t id, const std::string& name);

  const System& system_;
  std::string below_;
  bool by_name_;
  std::map<std::pair<AccountKind, std::string>, std::uint32_t> ids_;
  std::vector<std::string> other_ids_;
};

}  // namespace permward
