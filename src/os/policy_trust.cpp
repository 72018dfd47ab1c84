// SPDX-License-Identifier: Apache-2.0
#include "os/policy_trust.hpp"

#include "os/safe_open.hpp"
#include "os/xattr_names.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <fcntl.h>
#include <linux/magic.h>
#include <optional>
#include <string_view>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <utility>

namespace permward {
namespace {

constexpr std::size_t acl_bytes = 64 * 1024;  // XATTR_SIZE_MAX

Result<struct statx> facts_of(int fd, const std::string& path) {
  struct statx out {};
  constexpr int flags = AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT;
  if (::statx(fd, "", flags, STATX_BASIC_STATS, &out) != 0) {
    return system_error(errno, "look at", path);
  }
  return out;
}

// File systems of the kernel's own (linux/magic.h, linux 6.18). Whoever reads /proc/kmsg takes from
// it, and opening a trace stops the tracing.
constexpr std::array<long, 12> kernels_own = {
    PROC_SUPER_MAGIC, SYSFS_MAGIC,        DEBUGFS_MAGIC,       TRACEFS_MAGIC,
    SECURITYFS_MAGIC, CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC, BPF_FS_MAGIC,
    PSTOREFS_MAGIC,   EFIVARFS_MAGIC,     SELINUX_MAGIC,       NSFS_MAGIC};

bool made_by_kernel(int fd) {
  struct statfs about {};
  return ::fstatfs(fd, &about) == 0 &&
         std::find(kernels_own.begin(), kernels_own.end(), about.f_type) != kernels_own.end();
}

bool same_file(const struct statx& a, const struct statx& b) {
  return a.stx_dev_major == b.stx_dev_major && a.stx_dev_minor == b.stx_dev_minor &&
         a.stx_ino == b.stx_ino;
}

// A mount point can be neither renamed nor removed.
bool mount_root(const struct statx& facts) {
  return (facts.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

// An access ACL and the bytes that it lends from.
struct AclValue {
  bool unknown = false;
  std::vector<std::byte> bytes;
  AclView view;
};

// `fd` is readable. Without an ACL, or on a file system without any, the view is empty.
AclValue read_acl(int fd) {
  AclValue out;
  out.bytes.resize(acl_bytes);
  const ssize_t length = ::fgetxattr(fd, access_acl_xattr, out.bytes.data(), out.bytes.size());
  if (length < 0) {
    out.unknown = errno != ENODATA && errno != EOPNOTSUPP;
    return out;
  }
  out.bytes.resize(static_cast<std::size_t>(length));
  const auto view = AclView::parse(out.bytes);
  out.unknown = !view.has_value();
  if (view) out.view = *view;
  return out;
}

// `directory` is an O_PATH descriptor, on which attributes cannot be read; its `.` is the same
// directory.
AclValue read_directory_acl(int directory) {
  const Fd readable(::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (readable) return read_acl(readable.get());
  AclValue unknown;
  unknown.unknown = true;
  return unknown;
}

ControlPtr control_of(const ControlPtr& above, int directory, const struct statx& facts) {
  DirectoryFacts of;
  of.owner = facts.stx_uid;
  of.group = facts.stx_gid;
  of.mode = static_cast<std::uint16_t>(facts.stx_mode & 07777);
  of.mount_root = mount_root(facts);
  AclValue acl;
  if (needs_acl(of)) {
    acl = read_directory_acl(directory);
    of.acl_unknown = acl.unknown;
    of.acl = acl.view;
  }
  return below(above, of);
}

// Who may write a file: its owner, who can chmod(2) it, and whom its mode and its ACL let.
Principals writers_of(int fd, const struct statx& facts) {
  constexpr unsigned write = 2;
  Principals out;
  out.add_user(facts.stx_uid);
  if ((facts.stx_mode & 002) != 0) out.anyone = true;
  if ((facts.stx_mode & 020) == 0) return out;  // the group bits bound every entry of an ACL
  const AclValue acl = read_acl(fd);
  if (acl.unknown) out.anyone = true;
  if (acl.view.empty()) out.add_group(facts.stx_gid);
  for (std::size_t i = 0; i < acl.view.size(); ++i) {
    const AclEntry entry = acl.view[i];
    if ((acl.view.masked(entry.permissions) & write) == 0) continue;
    if (entry.tag == AclTag::user) out.add_user(entry.id);
    if (entry.tag == AclTag::group) out.add_group(entry.id);
    if (entry.tag == AclTag::group_obj) out.add_group(facts.stx_gid);
  }
  return out;
}

Result<std::string> link_target(int link, const std::string& path) {
  std::array<char, PATH_MAX> target{};
  const ssize_t length = ::readlinkat(link, "", target.data(), target.size());
  if (length < 0) return system_error(errno, "read the link", path);
  return std::string(target.data(), static_cast<std::size_t>(length));
}

std::string joined(const std::string& directory, const std::string& name) {
  return directory == "/" ? "/" + name : directory + "/" + name;
}

Principals only_user(std::uint32_t uid) {
  Principals out;
  out.add_user(uid);
  return out;
}

OpenedPolicy null_device() {
  OpenedPolicy out;
  out.type = Type::character;
  out.null_device = true;
  return out;
}

}  // namespace

// One path from the root directory on.
class PolicyTrust::Walk {
 public:
  explicit Walk(PolicyTrust& trust) : trust_(trust) {}

  [[nodiscard]] Result<OpenedPolicy> run(const std::string& path);
  // The directory that the walk ended in is one of policies.
  void note_adders() {
    note(Distrust::Way::may_add, steps_.back().path, may_add(steps_.back().control));
  }

 private:
  struct Step {
    Fd fd;
    ControlPtr control;
    std::string path;
  };
  // Something in the directory where the walk stands.
  struct Entry {
    Fd fd;  // O_PATH
    struct statx facts {};
    std::string name;
    std::string path;
  };

  void note(Distrust::Way way, const std::string& component, const Principals& who);
  Result<void> enter_root();
  void push(std::string_view path);
  Result<Entry> entry(const std::string& name);
  void enter(Entry entry);
  Result<void> follow(const Entry& link);
  std::optional<OpenedPolicy> without_name(const Entry& link) const;
  Result<OpenedPolicy> finish_directory();
  Result<OpenedPolicy> finish(const Entry& last);

  PolicyTrust& trust_;
  std::vector<Step> steps_;           // the directories from the root to here
  std::vector<std::string> pending_;  // components still to go, the next one last
  Principals noted_;  // on this way: who can replace a directory need not be named below
  int links_ = 0;
  bool masked_ = false;  // by a link to the null device
};

void PolicyTrust::Walk::note(Distrust::Way way, const std::string& component,
                             const Principals& who) {
  const Principals others = without(without(who, only_user(trust_.caller_)), noted_);
  noted_.add(others);
  trust_.note(way, component, others);
}

Result<void> PolicyTrust::Walk::enter_root() {
  Fd root(::fcntl(trust_.root_, F_DUPFD_CLOEXEC, 0));
  if (!root) return system_error(errno, "open", "/");
  TRY_ASSIGN(const struct statx facts, facts_of(root.get(), "/"));
  ControlPtr control = control_of(nullptr, root.get(), facts);
  steps_.push_back({std::move(root), std::move(control), "/"});
  return {};
}

// Puts the components of `path` before those that are pending.
void PolicyTrust::Walk::push(std::string_view path) {
  while (!path.empty()) {
    const std::size_t slash = path.rfind('/');
    const std::string_view name = slash == path.npos ? path : path.substr(slash + 1);
    if (!name.empty() && name != ".") pending_.emplace_back(name);
    path = slash == path.npos ? std::string_view() : path.substr(0, slash);
  }
}

Result<PolicyTrust::Walk::Entry> PolicyTrust::Walk::entry(const std::string& name) {
  const Step& here = steps_.back();
  Entry out;
  out.name = name;
  out.path = joined(here.path, name);
  out.fd.reset(::openat(here.fd.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!out.fd) return system_error(errno, "open", out.path);
  TRY_ASSIGN(out.facts, facts_of(out.fd.get(), out.path));
  if (!mount_root(out.facts)) {
    note(Distrust::Way::may_replace, here.path, may_remove(here.control, out.facts.stx_uid));
  }
  return out;
}

void PolicyTrust::Walk::enter(Entry entry) {
  ControlPtr control = control_of(steps_.back().control, entry.fd.get(), entry.facts);
  steps_.push_back({std::move(entry.fd), std::move(control), std::move(entry.path)});
}

Result<void> PolicyTrust::Walk::follow(const Entry& link) {
  if (++links_ > most_links) return system_error(ELOOP, "follow", link.path);
  note(Distrust::Way::owns_link, link.path, only_user(link.facts.stx_uid));
  TRY_ASSIGN(const std::string target, link_target(link.fd.get(), link.path));
  if (pending_.empty() && target == "/dev/null") {
    masked_ = true;
    return {};
  }
  if (target.starts_with('/')) steps_.resize(1);
  push(target);
  return {};
}

// A pipe or a socket that some process has open, as `/dev/stdin` may be: the text of such a link in
// procfs, `pipe:[4711]`, is no path (proc_pid_fd(5)).
std::optional<OpenedPolicy> PolicyTrust::Walk::without_name(const Entry& link) const {
  struct stat facts {};
  const int here = steps_.back().fd.get();
  if (!pending_.empty() || !made_by_kernel(link.fd.get())) return std::nullopt;
  if (::fstatat(here, link.name.c_str(), &facts, 0) != 0) return std::nullopt;
  OpenedPolicy out;
  out.type = type_of_mode(facts.st_mode);
  if (out.type != Type::fifo && out.type != Type::socket) return std::nullopt;
  return out;
}

Result<OpenedPolicy> PolicyTrust::Walk::finish_directory() {
  OpenedPolicy out;
  out.type = Type::directory;
  out.fd.reset(::openat(steps_.back().fd.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!out.fd) return system_error(errno, "open", steps_.back().path);
  return out;
}

Result<OpenedPolicy> PolicyTrust::Walk::finish(const Entry& last) {
  OpenedPolicy out;
  out.type = type_of_mode(last.facts.stx_mode);
  out.null_device = out.type == Type::character && last.facts.stx_rdev_major == 1 &&
                    last.facts.stx_rdev_minor == 3;
  if (out.type != Type::file) return out;
  if (made_by_kernel(last.fd.get())) return system_error(EOPNOTSUPP, "read", last.path);
  constexpr int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  out.fd.reset(::openat(steps_.back().fd.get(), last.name.c_str(), flags));
  if (!out.fd) return system_error(errno, "open", last.path);
  TRY_ASSIGN(const struct statx facts, facts_of(out.fd.get(), last.path));
  if (!same_file(facts, last.facts)) return Error{ErrorKind::changed, "open", last.path};
  note(Distrust::Way::may_write, last.path, writers_of(out.fd.get(), facts));
  return out;
}

Result<OpenedPolicy> PolicyTrust::Walk::run(const std::string& path) {
  TRY(enter_root());
  push(path);
  while (!pending_.empty()) {
    const std::string name = std::move(pending_.back());
    pending_.pop_back();
    if (name == "..") {
      if (steps_.size() > 1) steps_.pop_back();
      continue;
    }
    TRY_ASSIGN(Entry next, entry(name));
    const Type type = type_of_mode(next.facts.stx_mode);
    if (type == Type::symlink) {
      if (std::optional<OpenedPolicy> nameless = without_name(next)) return std::move(*nameless);
      TRY(follow(next));
      if (masked_) return null_device();
    } else if (type == Type::directory) {
      enter(std::move(next));
    } else if (pending_.empty()) {
      return finish(next);
    } else {
      return system_error(ENOTDIR, "open", next.path);
    }
  }
  return finish_directory();
}

// Every file of a directory leads through the same ones: each is named once.
void PolicyTrust::note(Distrust::Way way, const std::string& component, Principals who) {
  for (const Distrust& known : distrust_) {
    if (known.component == component) who = without(who, known.who);
  }
  if (!who.empty()) distrust_.push_back({way, component, std::move(who)});
}

Result<OpenedPolicy> PolicyTrust::open(const std::string& path) { return Walk(*this).run(path); }

Result<OpenedPolicy> PolicyTrust::open_directory(const std::string& path) {
  Walk walk(*this);
  TRY_ASSIGN(OpenedPolicy opened, walk.run(path));
  if (opened.type != Type::directory) return system_error(ENOTDIR, "open", path);
  walk.note_adders();
  return opened;
}

}  // namespace permward
