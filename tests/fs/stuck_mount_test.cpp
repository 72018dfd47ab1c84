// SPDX-License-Identifier: Apache-2.0
// A file system whose server does not answer: whoever looks at its root waits for ever.
#include "base/fd.hpp"
#include "engine/check.hpp"
#include "support/catch.hpp"
#include "support/checked.hpp"
#include "support/image_mount.hpp"
#include "support/other_user.hpp"
#include "support/patience.hpp"
#include "support/skip.hpp"

#include <chrono>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using namespace permward;
using namespace permward::test;

namespace {

using Lines = std::vector<std::string>;

std::string rule(const std::string& id, const std::string& path, const std::string& rest) {
  return "[[rule]]\nid = \"" + id + "\"\npath = " + quoted(path) + "\n" + rest + "\n";
}

// What `work` returns in a child, or -1 where it takes longer than ten seconds.
int within_ten_seconds(const std::function<int()>& work) {
  const auto end = std::chrono::steady_clock::now() + patience(std::chrono::seconds(10));
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) _exit(work());
  while (std::chrono::steady_clock::now() < end) {
    int status = 0;
    if (waitpid(child, &status, WNOHANG) == child)
      return WIFEXITED(status) ? WEXITSTATUS(status) : -2;
    usleep(100000);
  }
  (void)kill(child, SIGKILL);
  return -1;
}

}  // namespace

TEST_CASE("a mount that does not answer is known and nothing touches it - T96") {
  const Fd server(open("/dev/fuse", O_RDWR | O_CLOEXEC));
  if (!server) SKIP_TEST("needs /dev/fuse");
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  tree.file("t/x", "", 0666);
  tree.file("t/sub/y", "", 0666);
  const std::string stuck = tree.directory("t/stuck");
  const std::string options =
      "fd=" + std::to_string(server.get()) + ",rootmode=40000,user_id=0,group_id=0";
  Mounted fuse("stuck", stuck, "fuse", 0, options);

  // Does it hang those who look?
  REQUIRE(within_ten_seconds([&] {
            struct stat status {};
            alarm(1);
            return stat((stuck + "/x").c_str(), &status) == 0 ? 0 : 1;
          }) == -2);

  const std::string files = "files = { mode = \"0600\", acl = [] }\n";
  const std::vector<std::string> policies = {
      rule("t", tree.path("t"), "recurse = true\n" + files),
      rule("t", tree.path("t"), "recurse = true\ncross_filesystems = \"local\"\n" + files),
      rule("t", tree.path("t/**"), "type = \"file\"\nmode = \"0600\"\nacl = []") +
          rule("u", tree.path("t/sub/y"), "mode = \"0600\""),
  };
  for (const std::string& policy : policies) {
    INFO(policy);
    for (const unsigned jobs : {1U, 4U}) {
      const int status = within_ten_seconds([&] {
        CheckOptions options_of_run;
        options_of_run.jobs = jobs;
        const Checked checked = check_text(policy, options_of_run);
        const bool named =
            checked.outcome.not_entered.size() == 1 && checked.outcome.not_entered[0].path == stuck;
        return checked.outcome.findings.size() == 2 && named ? 0 : 1;
      });
      CHECK(status == 0);
    }
  }
}
