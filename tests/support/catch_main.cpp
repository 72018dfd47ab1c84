// SPDX-License-Identifier: Apache-2.0
#define CATCH_CONFIG_RUNNER
#include "support/catch_main.hpp"

#include "support/catch.hpp"
#include "support/skip.hpp"

#include <cstdio>
#include <string_view>

namespace permward::test {

int run_tests(int argc, char** argv) {
  Catch::Session session;
  if (const int status = session.applyCommandLine(argc, argv); status != 0) return status;
#if !PERMWARD_CATCH2_V3
  // 3.x fails by itself where a name selects nothing; 2.x would pass.
  auto& warnings = session.configData().warnings;
  warnings = static_cast<Catch::WarnAbout::What>(warnings | Catch::WarnAbout::NoTests);
#endif
  const int status = session.run();
  std::fflush(stdout);
  if (status != 0) return status;
  return skips() > 0 ? skip_status : 0;
}

bool only_lists(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]).substr(0, 6) == "--list") return true;
  }
  return false;
}

}  // namespace permward::test
