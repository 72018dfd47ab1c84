// SPDX-License-Identifier: Apache-2.0
#include "cli/environment.hpp"

#include <cstdlib>

namespace permward {
namespace {

std::string value_of(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

Environment& taken() {
  static Environment values;
  return values;
}

}  // namespace

Environment take_environment() {
  taken() = {value_of("NO_COLOR"), value_of("CLICOLOR_FORCE"), value_of("TERM")};
  ::clearenv();
  return taken();
}

const Environment& environment() { return taken(); }

Color color_of(ColorWhen when, const Environment& environment, bool is_terminal) {
  const auto color = [](bool wanted) { return wanted ? Color::always : Color::never; };
  if (when != ColorWhen::automatic) return color(when == ColorWhen::always);
  if (!environment.no_color.empty()) return Color::never;
  const std::string& force = environment.clicolor_force;
  if (!force.empty() && force != "0") return Color::always;
  return color(is_terminal && !environment.dumb());
}

}  // namespace permward
