// SPDX-License-Identifier: Apache-2.0
//
// The journal's runs and changes as `log` tells them. Layer `engine`.
#pragma once

#include "base/result.hpp"
#include "engine/state_names.hpp"
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
  RunLog(Journal& journal, NameService& names) : journal_(journal), names_(names) {}

  // Newest first.
  [[nodiscard]] Result<std::vector<LoggedRun>> runs();
  [[nodiscard]] Result<std::optional<LoggedRun>> find(const std::string& id);
  // Of the changes of a run those beyond that sequence number, in the order in which they were
  // made, at most so many. None where there is no such run.
  [[nodiscard]] Result<std::vector<LoggedObject>> objects(const std::string& run,
                                                          std::uint64_t beyond, std::size_t most);

 private:
  [[nodiscard]] LoggedObject logged(RecordedChange recorded);

  Journal& journal_;
  StateNames names_;
};

}  // namespace permward
