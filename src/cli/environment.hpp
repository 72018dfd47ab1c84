// SPDX-License-Identifier: Apache-2.0
//
// What is taken from the environment: three names, and nothing else. Layer `cli`.
#pragma once

#include "cli/options.hpp"
#include "report/style.hpp"

#include <string>

namespace permward {

struct Environment {
  std::string no_color;        // NO_COLOR
  std::string clicolor_force;  // CLICOLOR_FORCE
  std::string term;            // TERM

  [[nodiscard]] bool dumb() const { return term == "dumb"; }
};

// Reads those three and then clears the environment, so that no library takes anything from it
// either. Before any thread is started; once.
Environment take_environment();

// What the process took.
[[nodiscard]] const Environment& environment();

// The option, then NO_COLOR (https://no-color.org) and CLICOLOR_FORCE, then a terminal that has
// none, then whether the stream is a terminal. Pure.
[[nodiscard]] Color color_of(ColorWhen when, const Environment& environment, bool is_terminal);

}  // namespace permward
