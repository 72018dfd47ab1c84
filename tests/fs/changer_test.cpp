// SPDX-License-Identifier: Apache-2.0
// One action on one object that is held: what is refused, what is not touched, and what file
// systems and kernels have of their own.
#include "os/changer.hpp"

#include "fs/changer_support.hpp"
#include "model/object_state.hpp"
#include "support/catch.hpp"
#include "support/id_mapped.hpp"
#include "support/image_mount.hpp"
#include "support/other_user.hpp"
#include "support/programs.hpp"
#include "support/real_acl.hpp"
#include "support/recording_changer.hpp"
#include "support/refused_calls.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <linux/capability.h>
#include <string>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <variant>
#include <vector>

using namespace permward;
using namespace permward::test;

namespace {

int number_of(const Result<void>& result) { return result.ok() ? 0 : result.error().number; }

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

TEST_CASE("what a type does not have is refused and not asked for") {
  for (const FileSystem file_system : {FileSystem::ext4, FileSystem::xfs, FileSystem::btrfs}) {
    ImageMount mount(file_system);
    for (const Era era : eras) {
      const Kernel kernel = kernel_of(era);
      KernelChanger changer(kernel);
      for (const Type type : present_types) {
        const std::string path =
            mount.path(std::string(name(type)) + std::to_string(static_cast<int>(era)));
        make(type, path);
        const Fd held = hold(path);
        const std::string before = shown(path, type);
        int refused = 0;
        for (const Action& action : all_actions()) {
          INFO(text_of(action) << " of a " << name(type) << " on " << name(file_system));
          if (applies(type, action)) continue;
          const Result<void> done = changer.change(held.get(), type, action);
          REQUIRE_FALSE(done.ok());
          REQUIRE(done.error().kind == ErrorKind::unsupported);
          REQUIRE(done.error().number == EOPNOTSUPP);
          REQUIRE(done.error().subject.empty());
          // Before a look at the descriptor.
          REQUIRE(number_of(changer.change(-1, type, action)) == EOPNOTSUPP);
          ++refused;
        }
        REQUIRE(refused >= 1);
        REQUIRE(shown(path, type) == before);
        REQUIRE(lgetxattr(path.c_str(), "security.capability", nullptr, 0) < 0);
      }
    }
  }
}

TEST_CASE("an ACL that is not valid, and an id that is none, are refused before any call") {
  const Kernel kernel;
  KernelChanger changer(kernel);
  std::vector<AclEntry> no_mask = base_entries(0640);
  no_mask.push_back({AclTag::user, 6, mallory});
  const std::vector<Action> actions = {SetAcl{no_mask},          SetAcl{},
                                       SetDefaultAcl{no_mask},   SetOwner{0xffffffff, {}},
                                       SetOwner{{}, 0xffffffff}, SetOwner{0, 0xffffffff}};
  for (const Action& action : actions) {
    INFO(text_of(action));
    // Of a descriptor that is none a call would say EBADF.
    const Result<void> done = changer.change(-1, Type::directory, action);
    REQUIRE_FALSE(done.ok());
    REQUIRE(done.error().kind == ErrorKind::invalid);
    REQUIRE(done.error().number == 0);
  }
}

TEST_CASE("of an immutable or append-only object nothing is changed until that is lifted") {
  for (const FileSystem file_system : all_file_systems()) {
    ImageMount mount(file_system);
    for (const Era era : eras) {
      const Kernel kernel = kernel_of(era);
      KernelChanger changer(kernel);
      for (const Type type : {Type::file, Type::directory}) {
        for (const Attribute attribute : {Attribute::immutable, Attribute::append_only}) {
          const std::string path =
              mount.path(std::string(name(type)) + std::to_string(static_cast<int>(era)) +
                         std::to_string(static_cast<int>(attribute)));
          make(type, path);
          const Fd held = hold(path);
          run_program({"chattr", '+' + letters_of(attribute), path});
          const std::string before = shown(path, type);
          std::vector<Action> actions = all_actions();
          actions.pop_back();
          for (const Action& action : actions) {
            INFO(text_of(action) << " of a " << name(type) << " on " << name(file_system));
            if (!applies(type, action)) continue;
            const Result<void> done = changer.change(held.get(), type, action);
            REQUIRE(number_of(done) == EPERM);
            REQUIRE(done.error().kind == ErrorKind::denied);
          }
          REQUIRE(shown(path, type) == before);
          REQUIRE(changer.change(held.get(), type, SetAttributes{{}, attribute}).ok());
          for (const Action& action : actions) {
            if (applies(type, action)) REQUIRE(changer.change(held.get(), type, action).ok());
          }
          REQUIRE(changer.change(held.get(), type, SetAttributes{attribute, {}}).ok());
          REQUIRE(number_of(changer.change(held.get(), type, SetMode{0600})) == EPERM);
        }
      }
    }
  }
}

TEST_CASE("what is not a file or a directory is never opened - T68") {
  ImageMount mount(FileSystem::ext4);
  const Fd watch(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  REQUIRE(inotify_add_watch(watch.get(), mount.tree().root().c_str(), IN_OPEN) >= 0);
  const auto opened = [&watch] {
    std::array<char, 4096> events{};
    const ssize_t got = read(watch.get(), events.data(), events.size());
    return got > 0;
  };
  for (const Era era : eras) {
    const Kernel kernel = kernel_of(era);
    KernelChanger changer(kernel);
    for (const Type type : present_types) {
      const std::string path =
          mount.path(std::string(name(type)) + std::to_string(static_cast<int>(era)));
      make(type, path);
      const Fd held = hold(path);
      (void)opened();
      for (const Action& action : all_actions()) {
        INFO(text_of(action) << " of a " << name(type));
        REQUIRE(changer.change(held.get(), type, action).ok() == applies(type, action));
        // That the watch sees anything is shown by those that have to be opened.
        const bool has_to = std::holds_alternative<SetAttributes>(action) && applies(type, action);
        REQUIRE(opened() == has_to);
      }
    }
  }
}

TEST_CASE("a lease that somebody holds blocks nothing") {
  std::signal(SIGIO, SIG_IGN);
  const auto began = std::chrono::steady_clock::now();
  for (const FileSystem file_system : {FileSystem::ext4, FileSystem::tmpfs, FileSystem::btrfs}) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    for (const Era era : eras) {
      const std::string path = mount.path("f" + std::to_string(static_cast<int>(era)));
      make(Type::file, path);
      const Fd leased(open(path.c_str(), O_RDWR | O_CLOEXEC));
      REQUIRE(fcntl(leased.get(), F_SETLEASE, F_WRLCK) == 0);
      const Fd held = hold(path);
      const Kernel kernel = kernel_of(era);
      KernelChanger changer(kernel);
      for (const Action& action : all_actions()) {
        if (!applies(Type::file, action)) continue;
        INFO(text_of(action));
        const Result<void> done = changer.change(held.get(), Type::file, action);
        const bool opens = std::holds_alternative<SetAttributes>(action);
        REQUIRE(number_of(done) == (opens ? EWOULDBLOCK : 0));
        if (!opens) REQUIRE(fcntl(leased.get(), F_GETLEASE) == F_WRLCK);
      }
    }
  }
  // The kernel would wait for 45 seconds (lease-break-time of proc(5)).
  REQUIRE(std::chrono::steady_clock::now() - began < std::chrono::seconds(30));
}

TEST_CASE("what is changed is what is held, whatever has its name by now - T01 T02") {
  for (const FileSystem file_system : {FileSystem::ext4, FileSystem::tmpfs, FileSystem::overlay}) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    for (const Era era : eras) {
      const Kernel kernel = kernel_of(era);
      KernelChanger changer(kernel);
      RecordingChanger recording(changer);
      for (const Type type : present_types) {
        INFO(name(type));
        const std::string place =
            mount.path(std::string(name(type)) + std::to_string(static_cast<int>(era)));
        require(mkdir(place.c_str(), 0755) == 0, "mkdir " + place);
        const std::string target = place + "/target";
        const std::string victim = place + "/victim";
        make(type, target);
        make(Type::file, victim);
        const Fd held = hold(target);
        const ino_t inode = status_of(target).st_ino;
        require(rename(target.c_str(), (place + "/elsewhere").c_str()) == 0, "rename");
        require(symlink(victim.c_str(), target.c_str()) == 0, "symlink");
        const std::string before = shown(victim, Type::file);
        const std::string link_before = shown(target, Type::symlink);
        const std::string own_before = shown(place + "/elsewhere", type);
        recording.asked.clear();
        for (const Action& action : all_actions()) {
          if (applies(type, action)) REQUIRE(recording.change(held.get(), type, action).ok());
        }
        REQUIRE(shown(victim, Type::file) == before);
        REQUIRE(shown(target, Type::symlink) == link_before);
        REQUIRE(shown(place + "/elsewhere", type) != own_before);
        for (const auto& asked : recording.asked) REQUIRE(asked.inode == inode);
      }
    }
  }
}

TEST_CASE("an object that has no name any more is changed like any other") {
  ImageMount mount(FileSystem::ext4);
  for (const Era era : eras) {
    const Kernel kernel = kernel_of(era);
    KernelChanger changer(kernel);
    for (const Type type : {Type::file, Type::directory}) {
      const std::string path = mount.path("gone");
      make(type, path);
      const Fd held = hold(path);
      require((type == Type::file ? unlink(path.c_str()) : rmdir(path.c_str())) == 0, "remove");
      make(Type::file, path);
      const std::string before = shown(path, Type::file);
      for (const Action& action : all_actions()) {
        INFO(text_of(action) << " of a " << name(type));
        if (applies(type, action)) REQUIRE(changer.change(held.get(), type, action).ok());
      }
      REQUIRE(shown(path, Type::file) == before);
      struct stat now {};
      REQUIRE(fstat(held.get(), &now) == 0);
      REQUIRE(now.st_uid == 7001);
      REQUIRE(unlink(path.c_str()) == 0);
    }
  }
}

TEST_CASE("where nothing is named, or is so already, nothing is called for") {
  ImageMount mount(FileSystem::ext4);
  const std::string path = mount.path("f");
  make(Type::file, path);
  run_program({"chattr", "+d", path});
  const Fd held = hold(path);
  const Kernel kernel;
  KernelChanger changer(kernel);
  REQUIRE(changer.change(held.get(), Type::file, SetMode{06755}).ok());
  REQUIRE(changer.change(-1, Type::file, SetOwner{}).ok());
  REQUIRE(changer.change(-1, Type::fifo, SetAttributes{}).ok());
  // A call would set its time of change.
  const struct stat before = status_of(path);
  REQUIRE(changer.change(held.get(), Type::file, SetOwner{}).ok());
  REQUIRE(changer.change(held.get(), Type::file, SetAttributes{Attribute::no_dump, {}}).ok());
  REQUIRE(changer.change(held.get(), Type::file, SetAttributes{{}, Attribute::sync}).ok());
  const struct stat after = status_of(path);
  REQUIRE(after.st_ctim.tv_sec == before.st_ctim.tv_sec);
  REQUIRE(after.st_ctim.tv_nsec == before.st_ctim.tv_nsec);
  REQUIRE((after.st_mode & 07777) == 06755);
}

TEST_CASE("what is not there can be removed") {
  for (const FileSystem file_system : all_file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    for (const Era era : eras) {
      const Kernel kernel = kernel_of(era);
      KernelChanger changer(kernel);
      const Fd file = hold(mount.tree().file("f"));
      const Fd directory = hold(mount.tree().directory("d"));
      REQUIRE(changer.change(file.get(), Type::file, SetCapabilities{}).ok());
      REQUIRE(changer.change(directory.get(), Type::directory, SetDefaultAcl{}).ok());
      REQUIRE(unlink(mount.path("f").c_str()) == 0);
      REQUIRE(rmdir(mount.path("d").c_str()) == 0);
    }
  }
}

TEST_CASE("why it could not be changed is told apart by its errno - T88 T89") {
  for (const Era era : eras) {
    const Kernel kernel = kernel_of(era);
    KernelChanger changer(kernel);
    TempTree place;
    {
      const std::string point = place.directory("ro");
      const Mounted tmpfs("tmpfs", point, "tmpfs");
      make(Type::file, point + "/f");
      make(Type::directory, point + "/d");
      REQUIRE(mount(nullptr, point.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0);
      for (const Type type : {Type::file, Type::directory}) {
        const Fd held = hold(point + (type == Type::file ? "/f" : "/d"));
        for (const Action& action : all_actions()) {
          INFO(text_of(action));
          if (applies(type, action)) {
            REQUIRE(number_of(changer.change(held.get(), type, action)) == EROFS);
          }
        }
      }
    }
    {
      const std::string point = place.directory("bare");
      const Mounted ramfs("ramfs", point, "ramfs");
      make(Type::directory, point + "/d");
      make(Type::file, point + "/f");
      const Fd directory = hold(point + "/d");
      const Fd file = hold(point + "/f");
      const std::vector<Result<void>> all = {
          changer.change(file.get(), Type::file, SetAcl{acl_for_user(mallory, 6, 7)}),
          changer.change(directory.get(), Type::directory,
                         SetDefaultAcl{acl_for_user(mallory, 6, 7)}),
          changer.change(file.get(), Type::file, SetAttributes{Attribute::no_dump, {}})};
      for (const Result<void>& one : all) {
        REQUIRE_FALSE(one.ok());
        REQUIRE(one.error().kind == ErrorKind::unsupported);
      }
    }
    {
      ImageMount ext4(FileSystem::ext4);
      const Fd held = hold(ext4.tree().file("f"));
      std::vector<AclEntry> many = acl_for_user(mallory, 6, 7);
      for (std::uint32_t i = 0; i < 2000; ++i) many.push_back({AclTag::group, 4, 20000 + i});
      const Result<void> done = changer.change(held.get(), Type::file, SetAcl{many});
      REQUIRE(number_of(done) == ENOSPC);
      REQUIRE(done.error().kind == ErrorKind::io);
    }
    REQUIRE(number_of(changer.change(-1, Type::file, SetMode{0600})) != 0);
  }
}

TEST_CASE(
    "an id that has no other side in an id-mapped mount is refused, all others go through - T92") {
  ImageMount mount(FileSystem::ext4);
  const std::string at = mount.tree().directory("mapped");
  mount.tree().file("real/f");
  const IdMapped mapped(mount.path("real"), at, 100000);
  const Fd held = hold(at + "/f");
  for (const Era era : eras) {
    const Kernel kernel = kernel_of(era);
    KernelChanger changer(kernel);
    const std::string before = shown(at + "/f", Type::file);
    const Result<void> owned = changer.change(held.get(), Type::file, SetOwner{mallory, {}});
    REQUIRE(number_of(owned) == EOVERFLOW);
    REQUIRE(owned.error().kind == ErrorKind::io);
    const Result<void> listed =
        changer.change(held.get(), Type::file, SetAcl{acl_for_user(mallory, 6, 7)});
    REQUIRE(number_of(listed) == EINVAL);
    REQUIRE(listed.error().kind == ErrorKind::invalid);
    REQUIRE(shown(at + "/f", Type::file) == before);

    REQUIRE(changer.change(held.get(), Type::file, SetOwner{100007, 100008}).ok());
    REQUIRE(status_of(at + "/f").st_uid == 100007);
    REQUIRE(status_of(mount.path("real/f")).st_uid == 7);
    REQUIRE(changer.change(held.get(), Type::file, SetAcl{acl_for_user(100009, 6, 7)}).ok());
    REQUIRE(shown(mount.path("real/f"), Type::file).find("user:9:rw-") != std::string::npos);
    REQUIRE(changer.change(held.get(), Type::file, SetMode{04711}).ok());
    REQUIRE(changer.change(held.get(), Type::file, SetAcl{base_entries(0600)}).ok());
    REQUIRE(changer.change(held.get(), Type::file, SetOwner{100000, 100000}).ok());
  }
}

TEST_CASE("of an overlay's lower layer what is held is changed, and the layer is not - T91") {
  for (const Era era : eras) {
    for (const Action& first : all_actions()) {
      INFO("first " << text_of(first));
      TempTree place;
      const std::string base = place.directory("base");
      const Mounted tmpfs("tmpfs", base, "tmpfs");
      for (const char* part : {"base/lower", "base/upper", "base/work"}) place.directory(part);
      for (const Type type : present_types) make(type, base + "/lower/" + std::string(name(type)));
      const std::string at = place.directory("at");
      const Mounted overlay(
          "overlay", at, "overlay", 0,
          "lowerdir=" + base + "/lower,upperdir=" + base + "/upper,workdir=" + base + "/work");
      const Kernel kernel = kernel_of(era);
      KernelChanger changer(kernel);
      for (const Type type : present_types) {
        INFO(name(type));
        const std::string path = at + '/' + std::string(name(type));
        const std::string lower = base + "/lower/" + std::string(name(type));
        const std::string below = shown(lower, type);
        const Fd held = hold(path);
        std::vector<Action> actions = all_actions();
        std::rotate(actions.begin(), actions.begin() + static_cast<long>(first.index()),
                    actions.end());
        for (const Action& action : actions) {
          INFO(text_of(action));
          if (applies(type, action)) {
            REQUIRE(changer.change(held.get(), type, action).ok());
          }
        }
        REQUIRE(shown(lower, type) == below);
        REQUIRE(shown(path, type) != below);
        REQUIRE(status_of(path).st_uid == 7001);
        struct stat through {};
        REQUIRE(fstatat(held.get(), "", &through, AT_EMPTY_PATH) == 0);
        REQUIRE(through.st_uid == 7001);
      }
    }
  }
}

TEST_CASE("an ACL as large as the kernel takes is written whole - T80") {
  ImageMount mount(FileSystem::tmpfs);
  const std::string path = mount.tree().file("f");
  const Fd held = hold(path);
  std::vector<AclEntry> many = acl_for_user(mallory, 6, 7);
  while (many.size() < (65536 - 4) / 8) {
    many.push_back({AclTag::group, 4, static_cast<std::uint32_t>(20000 + many.size())});
  }
  for (const Era era : eras) {
    const Kernel kernel = kernel_of(era);
    KernelChanger changer(kernel);
    REQUIRE(changer.change(held.get(), Type::file, SetAcl{base_entries(0640)}).ok());
    REQUIRE(getxattr(path.c_str(), "system.posix_acl_access", nullptr, 0) == -1);
    REQUIRE(changer.change(held.get(), Type::file, SetAcl{many}).ok());
    REQUIRE(getxattr(path.c_str(), "system.posix_acl_access", nullptr, 0) ==
            4 + 8 * static_cast<ssize_t>(many.size()));
  }
}

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
