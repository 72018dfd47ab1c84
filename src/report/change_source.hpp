// SPDX-License-Identifier: Apache-2.0
//
// Where the changes of a run come from, object by object: a hundred thousand are never one list.
// Layer `report`.
#pragma once

#include "base/result.hpp"
#include "model/run_log.hpp"

#include <optional>

namespace permward {

// Every writer begins anew. A read that fails ends it and is remembered; the writer tells it, and
// whoever made the source asks for it at the end.
class ChangeSource {
 public:
  virtual ~ChangeSource() = default;
  virtual void begin() = 0;
  // There until the next call; null at the end.
  [[nodiscard]] virtual const LoggedObject* next() = 0;
  [[nodiscard]] virtual const std::optional<Error>& error() const = 0;
};

}  // namespace permward
