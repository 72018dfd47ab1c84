// SPDX-License-Identifier: Apache-2.0
//
// The journal's runs and changes as `log` tells them. Layer `engine`.
#pragma once

#include "base/result.hpp"
#include "model/accounts.hpp"
#include "model/run_log.hpp"
#include "os/name_service.hpp"
#include "store/journal.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace permward {

// Errors: those of the questions of `Journal`.
class RunLog {
 public:
  // Both outlive this. `names` are those that ids have now, whatever they had then.
  RunLog(Journal& journal, NameService& names) : journal_(journal), service_(names) {}

  // Newest first.
  [[nodiscard]] Result<std::vector<LoggedRun>> runs();
  [[nodiscard]] Result<std::optional<LoggedRun>> find(const std::string& id);
  // Of the changes of a run those beyond that sequence number, in the order in which they were
  // made, at most so many. None where there is no such run.
  [[nodiscard]] Result<std::vector<LoggedObject>> objects(const std::string& run,
                                                          std::uint64_t beyond, std::size_t most);

 private:
  [[nodiscard]] LoggedObject logged(RecordedChange recorded);
  void learn(const ObjectState& state);
  void learn(AccountKind kind, std::uint32_t id);
  void learn(const std::vector<AclEntry>& acl);

  Journal& journal_;
  NameService& service_;
  AccountNames names_;
  std::size_t ids_of_entries_ = 0;
};

}  // namespace permward
