// SPDX-License-Identifier: Apache-2.0
// The process that looks is made to try: what it can do to a tree, and what it can see of it.
#include "cli/observing_process.hpp"

#include "support/catch.hpp"
#include "support/image_mount.hpp"
#include "support/programs.hpp"
#include "support/real_acl.hpp"
#include "support/skip.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <functional>
#include <iterator>
#include <linux/capability.h>
#include <linux/fs.h>
#include <new>
#include <sched.h>
#include <string>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

using namespace permward;
using namespace permward::test;

namespace {

Outputs outputs_to(const std::string& file) {
  Options options;
  options.main = {Format::jsonl, file};
  return Outputs(options);
}

// The process of the test goes on, and needs its rights.
Result<ExitStatus> look_from_here(Outputs& outputs, const ObserverAccount& account,
                                  const Observe& observe) {
  return in_observing_process(outputs, account, observe, WriterKeeps::all);
}

// What `work` returned in the observing process, which sends it as a status: true or false.
bool holds_there(const std::function<bool(const Shortfalls&)>& work) {
  Outputs outputs = outputs_to("/dev/null");
  const auto status = look_from_here(outputs, {}, [&](const Result<Shortfalls>& lowered) {
    return lowered.ok() && work(*lowered) ? ExitStatus::in_policy : ExitStatus::findings;
  });
  REQUIRE(status.ok());
  return *status == ExitStatus::in_policy;
}

struct Attempt {
  std::string what;
  std::function<long()> call;
};

// Each way to change something that there is, on `file`, `directory` and `link` of root's.
std::vector<Attempt> attempts(const std::string& root) {
  const auto at = [root](const char* name) { return root + "/" + name; };
  return {
      {"open to write", [=] { return open(at("f").c_str(), O_WRONLY | O_CLOEXEC); }},
      {"open to append", [=] { return open(at("f").c_str(), O_WRONLY | O_APPEND | O_CLOEXEC); }},
      {"truncate", [=] { return truncate(at("f").c_str(), 0); }},
      {"create", [=] { return open(at("new").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600); }},
      {"O_TMPFILE", [=] { return open(root.c_str(), O_WRONLY | O_TMPFILE | O_CLOEXEC, 0600); }},
      {"mkdir", [=] { return mkdir(at("new").c_str(), 0700); }},
      {"mknod", [=] { return mknod(at("new").c_str(), S_IFIFO | 0600, 0); }},
      {"symlink", [=] { return symlink("f", at("new").c_str()); }},
      {"link", [=] { return link(at("f").c_str(), at("new").c_str()); }},
      {"rename", [=] { return rename(at("f").c_str(), at("g").c_str()); }},
      {"unlink", [=] { return unlink(at("f").c_str()); }},
      {"rmdir", [=] { return rmdir(at("d").c_str()); }},
      {"chmod", [=] { return chmod(at("f").c_str(), 0777); }},
      {"chown", [=] { return chown(at("f").c_str(), getuid(), getgid()); }},
      {"chown to itself", [=] { return chown(at("f").c_str(), 0, 0); }},
      {"lchown", [=] { return lchown(at("l").c_str(), getuid(), getgid()); }},
      {"utimensat", [=] { return utimensat(AT_FDCWD, at("f").c_str(), nullptr, 0); }},
      {"setxattr", [=] { return setxattr(at("f").c_str(), "user.x", "x", 1, 0); }},
      {"removexattr", [=] { return removexattr(at("f").c_str(), "system.posix_acl_access"); }},
      {"set an ACL",
       [=] {
         const auto acl = encode_acl(acl_for_user(getuid(), 7, 7));
         return setxattr(at("f").c_str(), "system.posix_acl_access", acl.data(), acl.size(), 0);
       }},
      {"set inode flags",
       [=] {
         const int fd = open(at("f").c_str(), O_RDONLY | O_CLOEXEC);
         int flags = FS_IMMUTABLE_FL;
         return fd < 0 ? -1 : ioctl(fd, FS_IOC_SETFLAGS, &flags);
       }},
      {"mount", [=] { return mount("tmpfs", at("d").c_str(), "tmpfs", 0, nullptr); }},
      {"umount", [=] { return umount(root.c_str()); }},
      {"setuid", [] { return setuid(0); }},
      {"setresuid", [] { return setresuid(0, 0, 0); }},
      {"setgroups", [] { return syscall(SYS_setgroups, 0, nullptr); }},
      {"chroot", [=] { return chroot(root.c_str()); }},
      {"kill its parent", [] { return kill(getppid(), 0); }},
      {"trace its parent", [] { return ptrace(PTRACE_ATTACH, getppid(), nullptr, nullptr); }},
  };
}

struct CapabilitySets {
  std::uint64_t effective;
  std::uint64_t permitted;
  std::uint64_t inheritable;
};

CapabilitySets capability_sets() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> data{};
  if (syscall(SYS_capget, &header, data.data()) != 0) return {~0ULL, ~0ULL, ~0ULL};
  const auto wide = [&data](auto member) {
    return std::uint64_t{data[1].*member} << 32 | data[0].*member;
  };
  return {wide(&__user_cap_data_struct::effective), wide(&__user_cap_data_struct::permitted),
          wide(&__user_cap_data_struct::inheritable)};
}

// Whether the process that looks does, where whoever starts it has that limit of processes.
bool starts_a_thread_limited_to(rlim_t soft, rlim_t hard) {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    struct rlimit limit {};
    if (getrlimit(RLIMIT_NPROC, &limit) != 0) _exit(1);
    limit = {soft, std::min(hard, limit.rlim_max)};
    if (setrlimit(RLIMIT_NPROC, &limit) != 0) _exit(1);
    Outputs outputs = outputs_to("/dev/null");
    const auto status = look_from_here(outputs, {}, [](const Result<Shortfalls>&) {
      std::thread([] {}).join();
      return ExitStatus::in_policy;
    });
    _exit(status.ok() ? static_cast<int>(*status) : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return status == 0;
}

void make_tree(const ImageMount& mount, TempTree& tree) {
  tree.file("f");
  tree.directory("d");
  run_program({"setfacl", "-m", "u:1001:r", tree.path("f")});
  REQUIRE(chmod(tree.path("f").c_str(), 0600) == 0);
  REQUIRE(chmod(tree.path("d").c_str(), 0700) == 0);
  REQUIRE(symlink("f", tree.path("l").c_str()) == 0);
  (void)mount;
}

}  // namespace

TEST_CASE("the process that looks has one capability, no other user's rights and no way back") {
  CHECK(holds_there([](const Shortfalls& shortfalls) {
    const CapabilitySets sets = capability_sets();
    const std::uint64_t reading = std::uint64_t{1} << CAP_DAC_READ_SEARCH;
    uid_t ids[3];
    gid_t groups[3];
    return shortfalls.empty() && sets.effective == reading && sets.permitted == reading &&
           sets.inheritable == 0 && getresuid(&ids[0], &ids[1], &ids[2]) == 0 && ids[0] != 0 &&
           ids[0] == ids[1] && ids[1] == ids[2] &&
           getresgid(&groups[0], &groups[1], &groups[2]) == 0 && groups[0] != 0 &&
           groups[0] == groups[1] && groups[1] == groups[2] && getgroups(0, nullptr) == 0 &&
           prctl(PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L) == 1 &&
           prctl(PR_CAPBSET_READ, long{CAP_CHOWN}, 0L, 0L, 0L) == 0;
  }));
}

TEST_CASE("whatever the process that looks tries, it changes nothing") {
  for (const FileSystem file_system : all_file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    TempTree& tree = mount.tree();
    make_tree(mount, tree);
    for (const Attempt& attempt : attempts(tree.root())) {
      INFO(attempt.what);
      CHECK(holds_there([&attempt](const Shortfalls&) { return attempt.call() < 0; }));
    }
    // Who has not become it can do most of these.
    for (const char* what : {"open to write", "utimensat", "chown to itself", "setgroups"}) {
      for (const Attempt& attempt : attempts(tree.root())) {
        if (attempt.what != what) continue;
        INFO(attempt.what);
        CHECK(attempt.call() >= 0);
      }
    }
  }
}

TEST_CASE("the process that looks sees what root alone may see") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  make_tree(mount, tree);
  tree.file("d/secret");
  REQUIRE(chmod(tree.path("d/secret").c_str(), 0) == 0);
  CHECK(holds_there([&tree](const Shortfalls&) {
    return open(tree.path("d/secret").c_str(), O_RDONLY | O_CLOEXEC) >= 0;
  }));
}

TEST_CASE("its outputs are the other's to write, and what it says comes whole") {
  ImageMount mount(FileSystem::tmpfs);
  const std::string file = mount.tree().path("report");
  Outputs outputs = outputs_to(file);
  RunReport report;
  const Policy policy;
  report.policy = &policy;
  for (int i = 0; i < 20000; ++i) {
    Finding& finding = report.findings.emplace_back();
    finding.path = "/" + std::to_string(i) + std::string(50, 'x');
  }
  report.policy = nullptr;
  Policy one;
  one.files = {{"p.toml", ""}};
  one.rules.emplace_back().id = "r";
  report.policy = &one;
  const auto status = look_from_here(outputs, {}, [&](const Result<Shortfalls>&) {
    const bool closed = open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600) < 0;
    return outputs.write(report, closed ? ExitStatus::findings : ExitStatus::incomplete);
  });
  REQUIRE(status.ok());
  CHECK(*status == ExitStatus::findings);
  std::ifstream in(file);
  std::string line;
  int findings = 0;
  bool summary = false;
  while (std::getline(in, line)) {
    if (line.find("\"event\":\"finding\"") != std::string::npos) ++findings;
    if (line.find("\"event\":\"summary\"") != std::string::npos) summary = true;
  }
  CHECK(findings == 20000);
  CHECK(summary);
  struct stat written {};
  REQUIRE(stat(file.c_str(), &written) == 0);
  CHECK(written.st_uid == 0);
  CHECK((written.st_mode & 07777) == 0600);
}

TEST_CASE("a process that looks and dies is an error, and its half report is not put in place") {
  ImageMount mount(FileSystem::tmpfs);
  const std::string file = mount.tree().path("report");
  {
    Outputs outputs = outputs_to(file);
    const auto status = look_from_here(outputs, {}, [](const Result<Shortfalls>&) {
      (void)raise(SIGKILL);
      return ExitStatus::in_policy;
    });
    REQUIRE_FALSE(status.ok());
    CHECK(status.error().subject.find("KILL") != std::string::npos);
  }
  struct stat there {};
  CHECK(stat(file.c_str(), &there) != 0);
}

TEST_CASE("how many processes the user of the one that looks may have does not limit it") {
  CHECK(starts_a_thread_limited_to(1, RLIM_INFINITY));
}

TEST_CASE("nor does a limit that only CAP_SYS_RESOURCE may lift") {
  const bool may_lift = (capability_sets().effective >> CAP_SYS_RESOURCE & 1) != 0;
  if (!may_lift) SKIP_TEST("needs CAP_SYS_RESOURCE");
  CHECK(starts_a_thread_limited_to(1, 1));
}

TEST_CASE("a process that looks and cannot be waited for is believed what it sent") {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    (void)signal(SIGCHLD, SIG_IGN);
    Outputs outputs = outputs_to("/dev/null");
    const auto status =
        look_from_here(outputs, {}, [](const Result<Shortfalls>&) { return ExitStatus::findings; });
    _exit(status.ok() && *status == ExitStatus::findings ? 0 : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
}

TEST_CASE(
    "a process that looks and cannot go on has no status, and leaves what is not whole free") {
  ImageMount mount(FileSystem::tmpfs);
  for (const bool whole : {false, true}) {
    INFO(whole);
    const std::string file = mount.tree().path(whole ? "whole" : "nothing");
    Outputs outputs = outputs_to(file);
    const auto status = look_from_here(outputs, {}, [&](const Result<Shortfalls>&) -> ExitStatus {
      if (whole) (void)outputs.write(Validation{}, ExitStatus::in_policy);
      throw std::bad_alloc();
    });
    REQUIRE_FALSE(status.ok());
    CHECK(status.error().subject.ends_with("before its reports were whole") == whole);
    Validation later;
    later.error = status.error();
    CHECK(outputs.write(later, ExitStatus::incomplete) == ExitStatus::incomplete);
    std::ifstream in(file);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    CHECK((text.find("the process that looks ended") == text.npos) == whole);
    CHECK(std::count(text.begin(), text.end(), '\n') == 1);
  }
}

TEST_CASE("in a user namespace where nobody else is known it looks as it is, and says so") {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    if (unshare(CLONE_NEWUSER) != 0) _exit(77);
    std::ofstream("/proc/self/setgroups") << "deny";
    std::ofstream("/proc/self/uid_map") << "0 0 1";
    std::ofstream("/proc/self/gid_map") << "0 0 1";
    Outputs outputs = outputs_to("/dev/null");
    const auto status = look_from_here(outputs, {}, [](const Result<Shortfalls>& lowered) {
      const std::uint64_t reading = std::uint64_t{1} << CAP_DAC_READ_SEARCH;
      const bool said = lowered.ok() && lowered->size() == 1 &&
                        lowered->front().starts_with("it may not become the user");
      return said && getuid() == 0 && capability_sets().permitted == reading ? ExitStatus::in_policy
                                                                             : ExitStatus::findings;
    });
    _exit(status.ok() ? static_cast<int>(*status) : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}
