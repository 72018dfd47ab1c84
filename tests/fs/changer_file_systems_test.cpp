// SPDX-License-Identifier: Apache-2.0
// One action on one object that is held: what file systems and mounts have of their own.
#include "fs/changer_support.hpp"
#include "model/object_state.hpp"
#include "os/changer.hpp"
#include "support/catch.hpp"
#include "support/id_mapped.hpp"
#include "support/image_mount.hpp"
#include "support/other_user.hpp"
#include "support/real_acl.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <string>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <vector>

using namespace permward;
using namespace permward::test;

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
