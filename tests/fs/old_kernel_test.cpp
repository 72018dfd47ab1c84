// SPDX-License-Identifier: Apache-2.0
// The same check where the kernel, or a container's filter, has fewer system calls.
#include "engine/check.hpp"
#include "support/catch.hpp"
#include "support/checked.hpp"
#include "support/image_mount.hpp"
#include "support/other_user.hpp"
#include "support/real_acl.hpp"
#include "support/refused_calls.hpp"
#include "support/special_files.hpp"

#include <array>
#include <cerrno>
#include <climits>
#include <iostream>
#include <string>
#include <sys/syscall.h>
#include <unistd.h>
#include <vector>

using namespace permward;
using namespace permward::test;

namespace {

using Lines = std::vector<std::string>;

constexpr unsigned openat2_call = 437;
constexpr unsigned getxattrat_call = 464;
constexpr unsigned unshare_call = SYS_unshare;
constexpr unsigned fsopen_call = 430;

std::string rule(const std::string& id, const std::string& path, const std::string& rest) {
  return "[[rule]]\nid = \"" + id + "\"\npath = " + quoted(path) + "\n" + rest + "\n";
}

// What takes every way to look: by name and by descriptor, with and without an ACL, over links,
// mounts and special files, in directories of root's and of mallory's.
class Everything {
 public:
  Everything() : tree_(image_.tree()) {
    for (const char* top : {"t/roots", "t/his"}) {
      const std::string base = std::string(top) + '/';
      tree_.directory(top);
      make_every_type(tree_, base);
      for (int i = 0; i < 40; ++i) {
        const std::string file = base + "d" + std::to_string(i % 5) + "/f" + std::to_string(i);
        const std::string path = tree_.file(file, "", i % 4 == 0 ? 0666 : 0640);
        if (i % 3 == 0) {
          set_acl(path, acl_for_user(mallory, 4, static_cast<std::uint8_t>(i % 2 == 0 ? 4 : 6)));
        }
        if (i % 7 == 0) tree_.chown(file, mallory, mallory);
      }
      tree_.symlink(base + "link", "d0");
      tree_.symlink(base + "his-link", "d0");
      tree_.chown(base + "his-link", mallory, mallory);
      tree_.directory(base + "shared", 0775);
      set_acl(tree_.path(base + "shared"), acl_for_user(mallory, 7, 7));
      tree_.symlink(base + "shared/link", "../d0");
    }
    tree_.chown("t/his", mallory, mallory);
    mounted_ = std::make_unique<Mounted>("tmpfs", tree_.directory("t/roots/m"), "tmpfs");
    tree_.file("t/roots/m/x", "", 0666);
  }

  std::string policy() const {
    const std::string t = tree_.path("t");
    std::string text =
        rule("tree", t, "recurse = true\nacl = []\nfiles = { mode = \"0640\", owner = \"root\" }") +
        rule("glob", t + "/*/d1/*",
             "mode = { at_most = \"0640\" }\nacl = { at_most = [\"u:7001:r\"] }");
    int count = 0;
    for (const char* one :
         {"roots/link/f0", "roots/his-link/f0", "roots/shared/link/f0", "his/link/f5", "his/d2/f2",
          "roots/m/x", "roots/fifo", "roots/gone/x"}) {
      text += rule("l" + std::to_string(count++), t + "/" + one, "mode = \"0600\"\nacl = []");
    }
    return text;
  }

 private:
  ImageMount image_{FileSystem::ext4};
  TempTree& tree_;
  std::unique_ptr<Mounted> mounted_;
};

std::string working_directory() {
  std::array<char, PATH_MAX> path{};
  return getcwd(path.data(), path.size()) != nullptr ? path.data() : "none";
}

Lines full(const Checked& checked) {
  Lines out;
  for (const Finding& one : checked.outcome.findings) {
    out.push_back(one.path.text() + '|' + std::string(name(one.aspect)) + '|' +
                  std::string(name(one.status)) + '|' + one.expected + '|' + one.actual + '|' +
                  one.message + '|' + one.resolved.text());
  }
  for (const NotEntered& one : checked.outcome.not_entered) out.push_back(one.path);
  out.push_back(std::to_string(checked.outcome.objects) + ' ' +
                std::to_string(checked.outcome.compliant));
  return out;
}

}  // namespace

TEST_CASE("what an older kernel or a filter lacks changes no finding - T94") {
  const Everything everything;
  const Policy policy = policy_of(everything.policy());
  const Lines expected = full(check_policy(policy));
  REQUIRE(expected.size() > 50);
  const std::vector<std::vector<unsigned>> levels = {
      {openat2_call},
      {getxattrat_call},
      {openat2_call, getxattrat_call},
      {fsopen_call},
      {openat2_call, getxattrat_call, fsopen_call},
      // What a container's usual filter refuses to a process without CAP_SYS_ADMIN.
      {getxattrat_call, unshare_call},
      {openat2_call, getxattrat_call, fsopen_call, unshare_call},
  };
  for (const std::vector<unsigned>& level : levels) {
    for (const int error : {ENOSYS, EPERM}) {
      for (const unsigned jobs : {1U, 4U}) {
        std::string text;
        for (const unsigned call : level) text += std::to_string(call) + ' ';
        INFO("without " << text << "errno " << error << ", " << jobs << " threads");
        const int status = run_as(0, 0, [&] {
          refuse_calls(level, error);
          const std::string here = working_directory();
          CheckOptions options;
          options.jobs = jobs;
          const Lines found = full(check_policy(policy, options));
          if (found != expected) {
            std::cerr << found.size() << " lines, the last: " << found.back() << std::endl;
            return 1;
          }
          return working_directory() == here ? 0 : 2;
        });
        CHECK(status == 0);
      }
    }
  }
}

TEST_CASE("an unprivileged check on an older kernel finds the same - T94") {
  const Everything everything;
  const Policy policy = policy_of(everything.policy());
  std::array<int, 2> ends{};
  REQUIRE(pipe(ends.data()) == 0);
  for (const bool old_kernel : {false, true}) {
    for (const unsigned jobs : {1U, 4U}) {
      const int status = run_as(mallory, mallory, [&] {
        if (old_kernel) refuse_calls({openat2_call, getxattrat_call, fsopen_call}, ENOSYS);
        CheckOptions options;
        options.jobs = jobs;
        std::size_t hash = 0;
        for (const std::string& line : full(check_policy(policy, options))) {
          if (line.find("|acl|error|") != line.npos) return 2;
          hash = hash * 31 + std::hash<std::string>{}(line);
        }
        return write(ends[1], &hash, sizeof hash) == sizeof hash ? 0 : 1;
      });
      REQUIRE(status == 0);
    }
  }
  std::array<std::size_t, 4> hashes{};
  REQUIRE(read(ends[0], hashes.data(), sizeof hashes) == sizeof hashes);
  for (const std::size_t hash : hashes) REQUIRE(hash == hashes[0]);
  for (const int end : ends) close(end);
}
