// SPDX-License-Identifier: Apache-2.0
#include "model/diagnostic.hpp"

#include "support/catch.hpp"

namespace permward {
namespace {

Diagnostic diagnostic(Diagnostic::Severity severity) {
  Diagnostic out;
  out.severity = severity;
  return out;
}

TEST_CASE("warnings alone are no errors") {
  REQUIRE_FALSE(has_errors({}));
  REQUIRE_FALSE(has_errors({diagnostic(Diagnostic::Severity::warning)}));
  REQUIRE(has_errors(
      {diagnostic(Diagnostic::Severity::warning), diagnostic(Diagnostic::Severity::error)}));
}

}  // namespace
}  // namespace permward
