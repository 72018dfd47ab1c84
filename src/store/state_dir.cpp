// SPDX-License-Identifier: Apache-2.0
#include "store/state_dir.hpp"

#include "base/words.hpp"
#include "os/policy_trust.hpp"
#include "os/root.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <string_view>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace permward {
namespace {

constexpr mode_t own_mode = 0700;
constexpr mode_t parent_mode = 0755;
constexpr mode_t others_write = 022;  // with an ACL the group bits are the mask, which bounds it

struct Split {
  std::string parent;
  std::string name;  // empty: the path has no last component that is a name
};

// `path` is absolute.
Split split(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  std::string name = path.substr(slash + 1);
  if (name == "." || name == "..") name.clear();
  return {path.substr(0, std::max<std::size_t>(slash, 1)), std::move(name)};
}

std::string without_trailing_slashes(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

std::string text_of(const Principals& who) {
  if (who.anyone) return "everyone";
  std::vector<std::string> parts;
  for (const std::uint32_t uid : who.users) parts.push_back("user " + std::to_string(uid));
  for (const std::uint32_t gid : who.groups) parts.push_back("group " + std::to_string(gid));
  return listed(parts, "and");
}

Error refusal(const Distrust& one) {
  const auto refused = [&one](const std::string& doing) {
    return Error{ErrorKind::insecure_path, doing, one.component, 0};
  };
  switch (one.way) {
    case Distrust::Way::may_replace:
      return refused("keep state below what " + text_of(one.who) + " may replace in");
    case Distrust::Way::owns_link:
      return refused("keep state behind a link of " + text_of(one.who) + ",");
    case Distrust::Way::may_add:
    case Distrust::Way::may_write:
      break;
  }
  return refused("keep state where " + text_of(one.who) + " may write,");
}

Result<struct stat> facts_of(int directory, const char* name, const std::string& path) {
  struct stat out {};
  if (::fstatat(directory, name, &out, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW) != 0) {
    return system_error(errno, "look at", path);
  }
  return out;
}

// A directory that has just been made: its mode, whatever the umask; its group, where the parent
// handed on its own; and no ACL, where the parent has one for what is made in it.
Result<void> make_own(int directory, mode_t mode, const std::string& path) {
  if (::fchown(directory, ::geteuid(), ::getegid()) != 0) {
    return system_error(errno, "set the group of", path);
  }
  if (::fchmod(directory, mode) != 0) return system_error(errno, "set the mode of", path);
  for (const char* acl : {"system.posix_acl_access", "system.posix_acl_default"}) {
    if (::fremovexattr(directory, acl) != 0 && errno != ENODATA && errno != EOPNOTSUPP) {
      return system_error(errno, "remove the ACL of", path);
    }
  }
  return {};
}

// What lies there already is left as it is.
Result<void> make_directory(int parent, const Split& at, mode_t mode) {
  const std::string path = (at.parent == "/" ? "" : at.parent) + '/' + at.name;
  if (::mkdirat(parent, at.name.c_str(), 0700) != 0) {
    if (errno == EEXIST) return {};
    return system_error(errno, "create", path);
  }
  constexpr int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  const Fd made(::openat(parent, at.name.c_str(), flags));
  if (!made) return system_error(errno, "open", path);
  TRY(make_own(made.get(), mode, path));
  // Some file systems cannot sync a directory: then its name is as durable as they make it.
  (void)::fsync(parent);
  return {};
}

class Opening {
 public:
  explicit Opening(int root) : root_(root), caller_(::geteuid()) {}

  Result<Fd> run(const std::string& path, StateDir::Missing missing) const;

 private:
  Result<Fd> walk(const std::string& path) const;
  Result<Fd> parent(std::string path, StateDir::Missing missing) const;
  [[nodiscard]] bool others_add_harmlessly(int directory) const;

  int root_;
  std::uint32_t caller_;
};

// In a sticky directory names that others add are only beside ours, unless its owner is one of
// them.
bool Opening::others_add_harmlessly(int directory) const {
  struct stat facts {};
  return ::fstat(directory, &facts) == 0 && (facts.st_mode & S_ISVTX) != 0 &&
         (facts.st_uid == 0 || facts.st_uid == caller_);
}

// The directory, refused where somebody else decides what it is, or what is made in it.
Result<Fd> Opening::walk(const std::string& path) const {
  PolicyTrust way(root_, caller_);
  TRY_ASSIGN(OpenedPolicy opened, way.open_directory(path));
  for (const Distrust& one : way.distrust()) {
    if (one.way == Distrust::Way::may_add && others_add_harmlessly(opened.fd.get())) continue;
    return refusal(one);
  }
  return std::move(opened.fd);
}

// The directory in which the state directory lies, or is to be made.
Result<Fd> Opening::parent(std::string path, StateDir::Missing missing) const {
  std::vector<Split> to_make;  // the deepest first
  Result<Fd> here = walk(path);
  while (!here && here.error().number == ENOENT && missing == StateDir::Missing::is_created &&
         path != "/") {
    to_make.push_back(split(path));
    path = to_make.back().parent;
    here = walk(path);
  }
  for (; here && !to_make.empty(); to_make.pop_back()) {
    const Split& at = to_make.back();
    TRY(make_directory(here->get(), at, parent_mode));
    here = walk(at.parent + '/' + at.name);
  }
  return here;
}

Result<Fd> Opening::run(const std::string& path, StateDir::Missing missing) const {
  const Split at = split(path);
  TRY_ASSIGN(const Fd above, parent(at.parent, missing));
  if (missing == StateDir::Missing::is_created) {
    TRY(make_directory(above.get(), at, own_mode));
  }
  TRY_ASSIGN(const struct stat named, facts_of(above.get(), at.name.c_str(), path));
  if (S_ISLNK(named.st_mode)) {
    return Error{ErrorKind::insecure_path, "keep state behind a link,", path, 0};
  }
  TRY_ASSIGN(Fd directory, walk(path));
  TRY_ASSIGN(const struct stat facts, facts_of(directory.get(), "", path));
  if (named.st_dev != facts.st_dev || named.st_ino != facts.st_ino) {
    return Error{ErrorKind::changed, "open", path, 0};
  }
  if ((facts.st_mode & others_write) != 0) {
    return Error{ErrorKind::insecure_path, "keep state where group or others may write,", path, 0};
  }
  return directory;
}

}  // namespace

Result<StateDir> StateDir::open(const std::string& asked, Missing missing) {
  const std::string path = without_trailing_slashes(asked);
  if (!path.starts_with('/') || split(path).name.empty() || path.find('\0') != path.npos) {
    return Error{ErrorKind::invalid, "take for a state directory", asked, 0};
  }
  TRY_ASSIGN(const Root root, Root::host());
  TRY_ASSIGN(Fd directory, Opening(root.get()).run(path, missing));
  return StateDir(std::move(directory), path);
}

}  // namespace permward
