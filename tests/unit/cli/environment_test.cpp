// SPDX-License-Identifier: Apache-2.0
#include "cli/environment.hpp"

#include "support/catch.hpp"

using namespace permward;

TEST_CASE("colour: the option, then NO_COLOR, CLICOLOR_FORCE, the terminal's kind, a terminal") {
  const struct {
    ColorWhen when;
    Environment environment;
    bool terminal;
    Color color;
  } cases[] = {
      {ColorWhen::automatic, {}, true, Color::always},
      {ColorWhen::automatic, {}, false, Color::never},
      {ColorWhen::always, {"1", "", "dumb"}, false, Color::always},
      {ColorWhen::never, {"", "1", ""}, true, Color::never},
      {ColorWhen::automatic, {"1", "1", ""}, true, Color::never},
      {ColorWhen::automatic, {"", "1", "dumb"}, false, Color::always},
      {ColorWhen::automatic, {"", "0", ""}, false, Color::never},
      {ColorWhen::automatic, {"", "", "dumb"}, true, Color::never},
      {ColorWhen::automatic, {"", "", "xterm"}, true, Color::always},
  };
  for (const auto& [when, environment, terminal, color] : cases) {
    REQUIRE(color_of(when, environment, terminal) == color);
  }
}
