// SPDX-License-Identifier: Apache-2.0
// One object, read as the kernel has it: types, ids, modes, ACLs, and what has none.
#include "os/observe.hpp"

#include "model/accounts.hpp"
#include "model/acl.hpp"
#include "os/directory.hpp"
#include "os/mounts.hpp"
#include "support/catch.hpp"
#include "support/image_mount.hpp"
#include "support/other_user.hpp"
#include "support/programs.hpp"
#include "support/real_acl.hpp"
#include "support/special_files.hpp"

#include <cerrno>
#include <fcntl.h>
#include <functional>
#include <memory>
#include <string>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

using namespace permward;
using namespace permward::test;

namespace {

// One that observes the same entry in every way that there is, and requires that all see the same.
class Looker {
 public:
  explicit Looker(bool old_kernel = false) {
    if (old_kernel) {
      kernel_.pretend_no_getxattrat();
      kernel_.pretend_no_openat2();
    }
    Result<Mounts> mounts = read_mounts(kernel_);
    REQUIRE(mounts.ok());
    mounts_ = std::move(*mounts);
    observer_ = std::make_unique<Observer>(kernel_, mounts_);
  }

  struct Seen {
    Observed observed;
    std::vector<AclEntry> acl;
  };

  Seen look(const std::string& directory, const std::string& name) {
    const Fd where(open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    REQUIRE(where);
    const Seen by_name = seen([&](Observed& out) {
      return observer_->by_name(where.get(), name.c_str(), Facet::acl, out);
    });
    const Result<Fd> held = take_hold(kernel_, where.get(), name.c_str());
    REQUIRE(held.ok());
    require_same(by_name,
                 seen([&](Observed& out) { return observer_->of(held->get(), Facet::acl, out); }));
    require_same(by_name, seen([&](Observed& out) {
                   return observer_->of_named(held->get(), where.get(), name.c_str(), Facet::acl,
                                              out);
                 }));
    if (by_name.observed.type == Type::directory) {
      const Result<Fd> opened =
          open_directory(kernel_, where.get(), name.c_str(), Crossing::allowed);
      REQUIRE(opened.ok());
      require_same(by_name, seen([&](Observed& out) {
                     return observer_->of_open_directory(opened->get(), Facet::acl, out);
                   }));
    }
    return by_name;
  }

  ObservedAttributes attributes(const std::string& path, FacetSet asked) {
    const Fd held(open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    REQUIRE(held);
    Observed out;
    REQUIRE(observer_->of(held.get(), asked, out).ok());
    return out.attributes;
  }

  // By name and by descriptor.
  std::optional<FileCapabilities> capabilities(const std::string& path) {
    const Fd held(open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    REQUIRE(held);
    Observed out;
    REQUIRE(observer_->of(held.get(), Facet::capabilities, out).ok());
    REQUIRE(out.capabilities.state == Read::value);
    const std::size_t slash = path.rfind('/');
    const Fd where(open(path.substr(0, slash).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    Observed by_name;
    REQUIRE(observer_
                ->by_name(where.get(), path.substr(slash + 1).c_str(), Facet::capabilities, by_name)
                .ok());
    REQUIRE(by_name.capabilities.value == out.capabilities.value);
    Observed of_named;
    REQUIRE(observer_
                ->of_named(held.get(), where.get(), path.substr(slash + 1).c_str(),
                           Facet::capabilities, of_named)
                .ok());
    REQUIRE(of_named.capabilities.value == out.capabilities.value);
    REQUIRE(of_named.birth == out.birth);
    return out.capabilities.value;
  }

  // By name and by both kinds of descriptor.
  std::vector<AclEntry> default_acl(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    const Fd where(open(path.substr(0, slash).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    const Fd held(open(path.c_str(), O_PATH | O_CLOEXEC));
    const Fd opened(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    std::vector<std::vector<AclEntry>> all;
    const auto take = [&](const std::function<Result<void>(Observed&)>& observe) {
      Observed out;
      REQUIRE(observe(out).ok());
      REQUIRE(out.default_acl.state == Read::value);
      REQUIRE(out.acl.state == Read::not_asked);
      std::vector<AclEntry>& entries = all.emplace_back();
      for (std::size_t i = 0; i < out.default_acl.value.size(); ++i) {
        entries.push_back(out.default_acl.value[i]);
      }
    };
    take([&](Observed& out) { return observer_->of(held.get(), Facet::default_acl, out); });
    take([&](Observed& out) {
      return observer_->of_open_directory(opened.get(), Facet::default_acl, out);
    });
    take([&](Observed& out) {
      return observer_->by_name(where.get(), path.substr(slash + 1).c_str(), Facet::default_acl,
                                out);
    });
    REQUIRE(all[0] == all[1]);
    REQUIRE(all[0] == all[2]);
    return all[0];
  }

  std::string target(const std::string& path) {
    const Fd held(open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    REQUIRE(held);
    Observed out;
    REQUIRE(observer_->of(held.get(), Facet::target, out).ok());
    REQUIRE(out.target.state == Read::value);
    Observed by_name;
    REQUIRE(observer_->by_name(AT_FDCWD, path.c_str(), Facet::target, by_name).ok());
    REQUIRE(by_name.target.value == out.target.value);
    return out.target.value;
  }

  Observer& observer() { return *observer_; }

 private:
  static Seen seen(const std::function<Result<void>(Observed&)>& observe) {
    Seen out;
    const Result<void> done = observe(out.observed);
    REQUIRE(done.ok());
    for (std::size_t i = 0; i < out.observed.acl.value.size(); ++i) {
      out.acl.push_back(out.observed.acl.value[i]);
    }
    out.observed.acl.value = {};
    return out;
  }
  static void require_same(const Seen& a, const Seen& b) {
    REQUIRE(a.observed.type == b.observed.type);
    REQUIRE(a.observed.owner == b.observed.owner);
    REQUIRE(a.observed.group == b.observed.group);
    REQUIRE(a.observed.mode == b.observed.mode);
    REQUIRE(a.observed.links == b.observed.links);
    REQUIRE(a.observed.identity == b.observed.identity);
    REQUIRE(a.observed.acl.state == b.observed.acl.state);
    REQUIRE(a.acl == b.acl);
  }

  Kernel kernel_;
  Mounts mounts_;
  std::unique_ptr<Observer> observer_;
};

bool try_program(const std::vector<std::string>& command) {
  try {
    run_program(command);
  } catch (const std::exception&) {
    return false;
  }
  return true;
}

AttributeSet shown_by_lsattr(const std::string& path) {
  const std::string line = run_program({"lsattr", "-d", path});
  AttributeSet out;
  for (const char letter : line.substr(0, line.find(' '))) {
    const std::size_t at = attribute_letters.find(letter);
    if (at != attribute_letters.npos) out = out | static_cast<Attribute>(at);
  }
  return out;
}

std::vector<AclEntry> acl_of_groups(std::size_t count) {
  std::vector<AclEntry> out{
      {AclTag::user_obj, 6, 0}, {AclTag::user, 6, mallory}, {AclTag::group_obj, 4, 0}};
  for (std::size_t i = 1; i < count; ++i) {
    out.push_back({AclTag::group, 4, static_cast<std::uint32_t>(10000 + i)});
  }
  out.push_back({AclTag::mask, 6, 0});
  out.push_back({AclTag::other, 4, 0});
  return out;
}

}  // namespace

TEST_CASE("an object of every type is read without being opened - T33 T68") {
  for (const FileSystem file_system : all_file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    make_every_type(mount.tree(), "");
    for (const bool old_kernel : {false, true}) {
      Looker looker(old_kernel);
      for (std::size_t i = 0; i < type_count - 1; ++i) {
        const auto type = static_cast<Type>(i);
        INFO(name(type));
        const auto seen = looker.look(mount.tree().root(), std::string(name(type)));
        REQUIRE(seen.observed.type == type);
        REQUIRE(seen.observed.acl.state == Read::value);
        REQUIRE(seen.acl.empty());
      }
    }
  }
}

TEST_CASE("attributes are those that lsattr shows") {
  for (const FileSystem file_system : all_file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    Looker looker;
    for (const Type type : {Type::file, Type::directory}) {
      const std::string path =
          type == Type::file ? mount.tree().file("f") : mount.tree().directory("d");
      int kept = 0;
      for (std::size_t i = 0; i <= attribute_count; ++i) {
        // Not every file system keeps each, and none keeps some together.
        const std::string letter =
            i == attribute_count ? "ia" : std::string(1, attribute_letters[i]);
        if (!try_program({"chattr", "+" + letter, path})) continue;
        INFO("chattr +" << letter << " on a " << name(type));
        const AttributeSet shown = shown_by_lsattr(path);
        if (shown.empty()) continue;  // of a file dirsync is silently not kept
        const ObservedAttributes whole = looker.attributes(path, Facet::attributes);
        REQUIRE(whole.known == AttributeSet::all());
        REQUIRE(whole.set == shown);
        const ObservedAttributes status = looker.attributes(path, {});
        REQUIRE(status.known.covers(attributes_in_status));
        REQUIRE(status.set == (shown & status.known));
        run_program({"chattr", "-" + letter, path});
        ++kept;
      }
      REQUIRE(looker.attributes(path, Facet::attributes).set == shown_by_lsattr(path));
      REQUIRE(kept > 2);
    }
  }
}

TEST_CASE("file capabilities are those that setcap gives") {
  for (const FileSystem file_system : all_file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    const std::string path = mount.tree().file("f");
    for (const bool old_kernel : {false, true}) {
      Looker looker(old_kernel);
      REQUIRE_FALSE(looker.capabilities(path));
      for (const std::string text :
           {"cap_net_raw=ep", "cap_chown=ip cap_kill=i", "cap_sys_admin=p"}) {
        run_program({"setcap", text, path});
        REQUIRE(capabilities_text(looker.capabilities(path)) == text);
      }
      run_program({"setcap", "-n", "100000", "cap_net_raw=ep", path});
      REQUIRE(looker.capabilities(path)->root_id == 100000);
      run_program({"setcap", "-r", path});
    }
  }
}

TEST_CASE("default ACLs are those that setfacl gives") {
  for (const FileSystem file_system : all_file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    const std::string path = mount.tree().directory("d");
    for (const bool old_kernel : {false, true}) {
      Looker looker(old_kernel);
      REQUIRE(looker.default_acl(path).empty());
      run_program({"setfacl", "-d", "-m", "u:1001:rwx,g:33:r-x,o::---", path});
      REQUIRE(looker.default_acl(path) == std::vector<AclEntry>{{AclTag::user_obj, 7, 0},
                                                                {AclTag::user, 7, 1001},
                                                                {AclTag::group_obj, 5, 0},
                                                                {AclTag::group, 5, 33},
                                                                {AclTag::mask, 7, 0},
                                                                {AclTag::other, 0, 0}});
      run_program({"setfacl", "-k", path});
    }
  }
}

TEST_CASE("only files and directories are opened to see their attributes - T68") {
  ImageMount mount(FileSystem::ext4);
  make_every_type(mount.tree(), "");
  Looker looker;
  for (const Type type : {Type::fifo, Type::socket, Type::character, Type::block, Type::symlink}) {
    INFO(name(type));
    const ObservedAttributes seen =
        looker.attributes(mount.tree().path(std::string(name(type))), Facet::attributes);
    REQUIRE(seen.others == Read::unsupported);
    REQUIRE(seen.set.empty());
  }
}

TEST_CASE("the target of a link is its text, whatever that is and wherever it leads") {
  ImageMount mount(FileSystem::ext4);
  Looker looker;
  for (const std::string& text : {std::string("gone"), std::string("/etc/passwd"),
                                  std::string("a\nb\xff"), std::string(4095, 'x')}) {
    const std::string path = mount.tree().path("link");
    REQUIRE(symlink(text.c_str(), path.c_str()) == 0);
    REQUIRE(looker.target(path) == text);
    REQUIRE(unlink(path.c_str()) == 0);
  }
}

TEST_CASE("an ACL is read whole, whatever its size - T80") {
  // As many named entries as fit into the largest value that the kernel takes, 64 KiB, and into the
  // small buffer that is tried first.
  const std::size_t most = (65536 - 4) / 8 - 4;
  for (const FileSystem file_system : all_file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    const std::string path = mount.tree().file("f");
    const bool takes_any = file_system == FileSystem::tmpfs || file_system == FileSystem::overlay;
    for (const bool old_kernel : {false, true}) {
      Looker looker(old_kernel);
      for (const std::size_t named : {std::size_t{1}, std::size_t{26}, std::size_t{27},
                                      std::size_t{28}, std::size_t{29}, std::size_t{100}, most}) {
        if (named > 100 && !takes_any) continue;
        INFO(named << " named entries");
        const std::vector<AclEntry> entries = acl_of_groups(named);
        set_acl(path, entries);
        const auto seen = looker.look(mount.tree().root(), "f");
        REQUIRE(seen.observed.acl.state == Read::value);
        REQUIRE(seen.acl == entries);
        REQUIRE(seen.observed.mode == 0664);
      }
    }
  }
}

TEST_CASE("an ACL that says no more than the mode is no ACL to the kernel - T80") {
  ImageMount mount(FileSystem::ext4);
  const std::string path = mount.tree().file("f");
  set_acl(path, {{AclTag::user_obj, 6, 0}, {AclTag::group_obj, 0, 0}, {AclTag::other, 0, 0}});
  Looker looker;
  const auto seen = looker.look(mount.tree().root(), "f");
  REQUIRE(seen.observed.acl.state == Read::value);
  REQUIRE(seen.acl.empty());
  REQUIRE(seen.observed.mode == 0600);
}

TEST_CASE("ids without accounts, the greatest id and every mode bit are numbers - T82 T106") {
  for (const FileSystem file_system : all_file_systems()) {
    INFO(name(file_system));
    ImageMount mount(file_system);
    TempTree& tree = mount.tree();
    tree.file("f");
    tree.directory("d");
    const std::vector<AclEntry> entries = {
        {AclTag::user_obj, 7, 0},        {AclTag::user, 6, 103221}, {AclTag::group_obj, 7, 0},
        {AclTag::group, 4, greatest_id}, {AclTag::mask, 7, 0},      {AclTag::other, 7, 0}};
    for (const char* one : {"f", "d"}) {
      tree.chown(one, greatest_id, greatest_id);
      set_acl(tree.path(one), entries);
      tree.chmod(one, 07777);
    }
    Looker looker;
    for (const char* one : {"f", "d"}) {
      const auto seen = looker.look(tree.root(), one);
      REQUIRE(seen.observed.owner == greatest_id);
      REQUIRE(seen.observed.group == greatest_id);
      REQUIRE(seen.observed.mode == 07777);
      REQUIRE(seen.acl == entries);
    }
    tree.chmod("d", 07000);
    REQUIRE(looker.look(tree.root(), "d").observed.mode == 07000);
  }
}

TEST_CASE("a file system that keeps no ACLs is not one without an ACL - T89") {
  TempTree tree;
  Mounted ramfs("ramfs", tree.directory("ramfs"), "ramfs");
  Mounted proc("proc", tree.directory("proc"), "proc");
  tree.file("ramfs/f");
  for (const bool old_kernel : {false, true}) {
    Looker looker(old_kernel);
    REQUIRE(looker.look(tree.path("ramfs"), "f").observed.acl.state == Read::unsupported);
    REQUIRE(looker.look(tree.path("proc"), "version").observed.acl.state == Read::unsupported);
    REQUIRE(looker.look(tree.root(), "ramfs").observed.acl.state == Read::unsupported);
  }
}

TEST_CASE("where rights are of another kind no ACL is read - T89") {
  // Whatever the file system is, its entry in the mounts says so.
  TempTree tree;
  tree.file("f");
  const Kernel kernel;
  Result<Mounts> mounts = read_mounts(kernel);
  REQUIRE(mounts.ok());
  for (Mount& mount : *mounts) mount.foreign_rights = true;
  Observer observer(kernel, *mounts);
  const Fd where(open(tree.root().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  Observed seen;
  REQUIRE(observer.by_name(where.get(), "f", Facet::acl, seen).ok());
  REQUIRE(seen.acl.state == Read::unreadable);
  REQUIRE(seen.acl.error == EOPNOTSUPP);
}

TEST_CASE("a read-only file system is read like any other - T88") {
  TempTree tree;
  const std::string point = tree.directory("m");
  Mounted tmpfs("tmpfs", point, "tmpfs");
  tree.file("m/f", "", 0666);
  set_acl(tree.path("m/f"), acl_of_groups(3));
  REQUIRE(mount(nullptr, point.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0);
  Looker looker;
  const auto seen = looker.look(point, "f");
  REQUIRE(seen.observed.mode == 0664);
  REQUIRE(seen.acl == acl_of_groups(3));
}

TEST_CASE("two mounts of one file system are two identities - T19") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  tree.file("a/f");
  Mounted bind(tree.path("a"), tree.directory("b"), "", MS_BIND);
  Looker looker;
  const Identity one = looker.look(tree.path("a"), "f").observed.identity;
  const Identity other = looker.look(tree.path("b"), "f").observed.identity;
  REQUIRE(one.device == other.device);
  REQUIRE(one.inode == other.inode);
  REQUIRE(one.mount != other.mount);
}

TEST_CASE("what is not there is not found, and a link is never followed - T01") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  tree.file("victim", "", 0600);
  tree.symlink("link", tree.path("victim"));
  Looker looker;
  const auto seen = looker.look(tree.root(), "link");
  REQUIRE(seen.observed.type == Type::symlink);
  REQUIRE(seen.observed.mode == 0777);

  const Fd where(open(tree.root().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  Observed out;
  const Result<void> gone = looker.observer().by_name(where.get(), "gone", Facet::acl, out);
  REQUIRE_FALSE(gone.ok());
  REQUIRE(gone.error().kind == ErrorKind::not_found);
}

TEST_CASE("an open directory that has been removed is still what it was - T105") {
  ImageMount mount(FileSystem::ext4);
  TempTree& tree = mount.tree();
  const Fd held(open(tree.directory("d", 0710).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  REQUIRE(rmdir(tree.path("d").c_str()) == 0);
  Looker looker;
  Observed out;
  REQUIRE(looker.observer().of(held.get(), Facet::acl, out).ok());
  REQUIRE(out.type == Type::directory);
  REQUIRE(out.mode == 0710);
}
