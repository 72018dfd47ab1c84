// SPDX-License-Identifier: Apache-2.0
#include "cli/version.hpp"

#include "cli/outputs.hpp"

namespace permward {

std::string_view version_text() { return PERMWARD_VERSION; }

ExitStatus run_version(const Invocation&) {
  return print_answer("permward " + std::string(version_text()) + "\n");
}

}  // namespace permward
