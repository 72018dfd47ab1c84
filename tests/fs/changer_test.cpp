// SPDX-License-Identifier: Apache-2.0
// One action on one object that is held: what is refused, and what is not touched.
// `changer_file_systems_test.cpp` has what file systems have of their own,
// `changer_rights_test.cpp` the rights that it takes.
#include "os/changer.hpp"

#include "fs/changer_support.hpp"
#include "model/object_state.hpp"
#include "support/catch.hpp"
#include "support/image_mount.hpp"
#include "support/other_user.hpp"
#include "support/programs.hpp"
#include "support/recording_changer.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <string>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <variant>
#include <vector>

using namespace permward;
using namespace permward::test;

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
