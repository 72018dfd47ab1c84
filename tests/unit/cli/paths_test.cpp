// SPDX-License-Identifier: Apache-2.0
#include "cli/paths.hpp"

#include "support/catch.hpp"

using namespace permward;

TEST_CASE("a path is made absolute as text") {
  const struct {
    std::string path, absolute;
  } cases[] = {
      {"/", "/"},
      {"//", "/"},
      {"/etc", "/etc"},
      {"/etc/", "/etc/"},
      {"/etc//", "/etc/"},
      {"//etc///ssh", "/etc/ssh"},
      {"/etc/./ssh/.", "/etc/ssh"},
      {"/etc/../usr", "/usr"},
      {"/../..", "/"},
      {"/etc/..", "/"},
      {"nginx", "/srv/www/nginx"},
      {"./nginx/", "/srv/www/nginx/"},
      {"..", "/srv"},
      {"../../../x", "/x"},
      {".", "/srv/www"},
      {"./", "/srv/www/"},
      {"...", "/srv/www/..."},
      {".hidden", "/srv/www/.hidden"},
      {"a b\n", "/srv/www/a b\n"},
  };
  for (const auto& [path, absolute] : cases) {
    REQUIRE(absolute_path(path, "/srv/www") == absolute);
  }
  REQUIRE(absolute_path("x", "/") == "/x");
}
