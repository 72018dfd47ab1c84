// SPDX-License-Identifier: Apache-2.0
// One action on one object that is held: which rights it takes, and what is done without the calls
// that a filter refuses.
#include "fs/changer_support.hpp"
#include "os/changer.hpp"
#include "support/catch.hpp"
#include "support/image_mount.hpp"
#include "support/other_user.hpp"
#include "support/programs.hpp"
#include "support/real_acl.hpp"
#include "support/refused_calls.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <linux/capability.h>
#include <string>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <variant>
#include <vector>

using namespace permward;
using namespace permward::test;

namespace {

// Of this thread's capabilities.
void keep_only(const std::vector<unsigned>& capabilities) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> data{};
  for (const unsigned one : capabilities) {
    data[one / 32].effective |= 1U << one % 32;
    data[one / 32].permitted |= 1U << one % 32;
  }
  require(syscall(SYS_capset, &header, data.data()) == 0, "drop capabilities");
}

// Whether the kernel lets anybody remove file capabilities: one with the BPF LSM, before
// security_inode_removexattr() asked for CAP_SETFCAP itself, whatever the LSMs say. Debian 12's 6.1
// does.
bool anybody_may_remove_capabilities(const ImageMount& mount) {
  const std::string path = mount.path("with-capabilities");
  make(Type::file, path);
  (void)run_program({"setcap", "cap_chown+ep", path});
  return run_as(mallory, mallory, [&path] {
           return removexattr(path.c_str(), "security.capability") == 0 ? 1 : 0;
         }) == 1;
}

}  // namespace

TEST_CASE("each kind of action takes the rights that the header names, and no others") {
  struct Row {
    Action action;
    std::vector<unsigned> rights;  // without any one of them it is refused
  };
  const ImageMount mount(FileSystem::ext4);
  std::vector<unsigned> to_remove_capabilities = {CAP_SETFCAP};
  if (anybody_may_remove_capabilities(mount)) to_remove_capabilities.clear();
  const std::vector<Row> rows = {
      {SetMode{0640}, {CAP_FOWNER}},
      {SetOwner{0, 0}, {CAP_CHOWN}},
      {SetAcl{acl_for_user(7002, 6, 7)}, {CAP_FOWNER}},
      {SetDefaultAcl{acl_for_user(7002, 6, 7)}, {CAP_FOWNER}},
      {SetDefaultAcl{}, {CAP_FOWNER}},
      {SetCapabilities{FileCapabilities{1, 0, true, 0}}, {CAP_SETFCAP}},
      {SetCapabilities{}, to_remove_capabilities},
      {SetAttributes{Attribute::no_dump, {}}, {CAP_FOWNER, CAP_DAC_READ_SEARCH}},
      {SetAttributes{Attribute::immutable, {}},
       {CAP_FOWNER, CAP_DAC_READ_SEARCH, CAP_LINUX_IMMUTABLE}}};
  int count = 0;
  for (const Era era : eras) {
    for (const Row& row : rows) {
      const auto outcome_with = [&](const std::vector<unsigned>& rights) {
        const Type type =
            std::holds_alternative<SetDefaultAcl>(row.action) ? Type::directory : Type::file;
        const std::string path = mount.path("o" + std::to_string(count++));
        make(type, path);
        require(chown(path.c_str(), mallory, mallory) == 0 && chmod(path.c_str(), 0600) == 0, path);
        const Fd held = hold(path);
        return run_as(0, 0, [&] {
          const Kernel kernel = kernel_of(era);
          KernelChanger changer(kernel);
          keep_only(rights);
          return number_of(changer.change(held.get(), type, row.action));
        });
      };
      INFO(text_of(row.action));
      REQUIRE(outcome_with(row.rights) == 0);
      for (const unsigned one : row.rights) {
        INFO("without capability " << one);
        std::vector<unsigned> fewer = row.rights;
        fewer.erase(std::find(fewer.begin(), fewer.end(), one));
        REQUIRE(outcome_with(fewer) == (one == CAP_DAC_READ_SEARCH ? EACCES : EPERM));
      }
    }
  }
}

TEST_CASE("without CAP_FSETID the kernel drops the set-group-ID bit in silence") {
  const ImageMount mount(FileSystem::ext4);
  for (const bool may_keep : {false, true}) {
    for (const bool by_acl : {false, true}) {
      const std::string path = mount.path("f" + std::to_string(2 * may_keep + by_acl));
      make(Type::file, path);
      require(chown(path.c_str(), mallory, mallory) == 0, path);
      require(chmod(path.c_str(), by_acl ? 02755 : 0600) == 0, path);
      const Fd held = hold(path);
      const Action action = by_acl ? Action(SetAcl{acl_for_user(7002, 6, 7)}) : SetMode{02755};
      REQUIRE(run_as(0, 0, [&] {
                const Kernel kernel;
                KernelChanger changer(kernel);
                keep_only(may_keep ? std::vector<unsigned>{CAP_FOWNER, CAP_FSETID}
                                   : std::vector<unsigned>{CAP_FOWNER});
                return number_of(changer.change(held.get(), Type::file, action));
              }) == 0);
      REQUIRE(((status_of(path).st_mode & 02000) != 0) == may_keep);
    }
  }
}

TEST_CASE("calls that a filter refuses are done without - T94") {
  constexpr unsigned fchmodat2_call = 452;
  constexpr unsigned setxattrat_call = 463;
  constexpr unsigned getxattrat_call = 464;
  constexpr unsigned removexattrat_call = 466;
  constexpr unsigned fsopen_call = 430;
  const std::vector<std::vector<unsigned>> levels = {
      {fchmodat2_call},
      {setxattrat_call},
      {removexattrat_call},
      {fchmodat2_call, setxattrat_call, getxattrat_call, removexattrat_call},
      {fchmodat2_call, setxattrat_call, getxattrat_call, removexattrat_call, fsopen_call}};
  ImageMount mount(FileSystem::ext4);
  int count = 0;
  for (const std::vector<unsigned>& level : levels) {
    for (const int error : {ENOSYS, EPERM}) {
      for (const Type type : {Type::file, Type::directory, Type::fifo}) {
        const std::string path = mount.path("o" + std::to_string(count++));
        make(type, path);
        const Fd held = hold(path);
        REQUIRE(run_as(0, 0, [&] {
                  refuse_calls(level, error);
                  const Kernel kernel;
                  KernelChanger changer(kernel);
                  std::vector<Action> actions = all_actions();
                  actions.insert(actions.end(), {SetCapabilities{}, SetDefaultAcl{}});
                  for (const Action& action : actions) {
                    if (!applies(type, action)) continue;
                    if (!changer.change(held.get(), type, action).ok()) {
                      return 1 + static_cast<int>(action.index());
                    }
                  }
                  return 0;
                }) == 0);
        REQUIRE(status_of(path).st_uid == 7001);
        REQUIRE((status_of(path).st_mode & 0777) == 0775);
      }
    }
  }
}
