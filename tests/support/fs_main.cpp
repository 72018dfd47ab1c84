// SPDX-License-Identifier: Apache-2.0
// main() of the tests of real file systems: what they mount vanishes with the process.
#include "support/catch_main.hpp"
#include "support/skip.hpp"

#include <cerrno>
#include <cstring>
#include <sched.h>
#include <string>
#include <sys/mount.h>
#include <unistd.h>

using permward::test::note_skip;
using permward::test::skip_status;

int main(int argc, char** argv) {
  if (!permward::test::only_lists(argc, argv)) {
    if (geteuid() != 0) {
      note_skip("needs root, to mount file systems");
      return skip_status;
    }
    if (unshare(CLONE_NEWNS) != 0 ||
        mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
      note_skip(std::string("needs a mount namespace: ") + std::strerror(errno));
      return skip_status;
    }
  }
  return permward::test::run_tests(argc, argv);
}
