// SPDX-License-Identifier: Apache-2.0
#include "os/mounts.hpp"

#include "os/read_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <climits>
#include <fcntl.h>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace permward {
namespace {

constexpr int most_readings = 8;  // while the root is being renamed

// File systems without files of anybody: what they show is made by the kernel (linux 6.18, fs/ and
// kernel/; their permissions are not an administrator's to set in a policy of trees).
constexpr std::array<std::string_view, 23> pseudo_types = {
    "proc",       "sysfs",     "cgroup",    "cgroup2", "devpts",      "mqueue",
    "securityfs", "debugfs",   "tracefs",   "bpf",     "pstore",      "configfs",
    "fusectl",    "efivarfs",  "selinuxfs", "smackfs", "binfmt_misc", "rpc_pipefs",
    "nsfs",       "hugetlbfs", "resctrl",   "sockfs",  "binder"};

// Not on a disk of this machine, or made of other trees; autofs mounts when it is entered.
constexpr std::array<std::string_view, 22> remote_types = {
    "nfs",  "nfs4",    "cifs",     "smb3",   "smbfs",    "ncpfs",  "afs",  "coda",
    "ceph", "9p",      "virtiofs", "gfs2",   "ocfs2",    "lustre", "gpfs", "glusterfs",
    "fuse", "fuseblk", "overlay",  "autofs", "orangefs", "beegfs"};

// Rights there are not mode and POSIX ACL: a server's NFSv4 or NT ACLs decide.
constexpr std::array<std::string_view, 7> foreign_types = {"nfs4",  "cifs", "smb3", "smbfs",
                                                           "ncpfs", "afs",  "coda"};

template <std::size_t N>
bool among(const std::array<std::string_view, N>& types, std::string_view type) {
  return std::find(types.begin(), types.end(), type) != types.end();
}

MountKind kind_of(std::string_view type) {
  if (among(pseudo_types, type)) return MountKind::pseudo;
  if (among(remote_types, type) || type.starts_with("fuse.")) return MountKind::remote;
  return MountKind::local;
}

// `default_permissions` leaves the mode to the kernel; without it the server of the mount decides.
bool has_foreign_rights(std::string_view type, std::string_view super_options) {
  if (among(foreign_types, type)) return true;
  const bool fuse = type == "fuse" || type == "fuseblk" || type.starts_with("fuse.");
  return fuse && super_options.find("default_permissions") == super_options.npos;
}

bool has_option(std::string_view options, std::string_view option) {
  while (!options.empty()) {
    const std::size_t comma = std::min(options.find(','), options.size());
    if (options.substr(0, comma) == option) return true;
    options.remove_prefix(std::min(comma + 1, options.size()));
  }
  return false;
}

// Blanks, tabs, newlines and backslashes stand as three octal digits.
std::string unescaped(std::string_view field) {
  std::string out;
  for (std::size_t i = 0; i < field.size(); ++i) {
    unsigned value = 0;
    const char* const digits = field.data() + i + 1;
    if (field[i] == '\\' && i + 3 < field.size() &&
        std::from_chars(digits, digits + 3, value, 8).ptr == digits + 3) {
      out += static_cast<char>(value);
      i += 3;
    } else {
      out += field[i];
    }
  }
  return out;
}

std::string_view next_field(std::string_view& line) {
  const std::size_t blank = std::min(line.find(' '), line.size());
  const std::string_view field = line.substr(0, blank);
  line.remove_prefix(std::min(blank + 1, line.size()));
  return field;
}

// A line of mountinfo: a mount, and on which other one it lies.
struct Line {
  Mount mount;
  std::uint64_t parent = 0;
};

bool read_id(std::string_view field, std::uint64_t& id) {
  const auto parsed = std::from_chars(field.data(), field.data() + field.size(), id);
  return parsed.ec == std::errc{} && parsed.ptr == field.data() + field.size();
}

std::optional<Line> parse_line(std::string_view line) {
  const std::string_view id = next_field(line);
  const std::string_view parent = next_field(line);
  next_field(line);  // device
  next_field(line);  // root of the mount in its file system
  const std::string_view point = next_field(line);
  const std::string_view options = next_field(line);
  std::string_view optional_field;
  do {
    if (line.empty()) return std::nullopt;
    optional_field = next_field(line);
  } while (optional_field != "-");
  const std::string_view type = next_field(line);
  next_field(line);  // source
  const std::string_view super_options = next_field(line);

  Line out;
  Mount& mount = out.mount;
  if (!read_id(id, mount.id) || !read_id(parent, out.parent)) return std::nullopt;
  if (!point.starts_with('/') || type.empty()) return std::nullopt;
  mount.path = unescaped(point);
  mount.filesystem = std::string(type);
  mount.kind = kind_of(type);
  mount.foreign_rights = has_foreign_rights(type, super_options);
  mount.id_mapped = has_option(options, "idmapped");
  return out;
}

// `path` below `directory`, and not the directory itself.
bool strictly_below(const std::string& path, const std::string& directory) {
  if (directory == "/") return path.size() > 1;
  return path.size() > directory.size() && path.starts_with(directory) &&
         path[directory.size()] == '/';
}

// Which mounts can be reached by their paths. What lies on a mount is out of reach where another
// mount lies on the same one, on the way: mountinfo goes on listing it. Of a root of its own those
// that can be reached from there: what lies on that very directory covers only its name.
class Visibility {
 public:
  // Both must outlive it. Without a root, from wherever paths begin.
  explicit Visibility(const std::vector<Line>& lines, const MountedPlace* root = nullptr)
      : lines_(lines), root_(root) {
    for (const Line& line : lines) {
      by_id_.emplace(line.mount.id, &line);
      if (!topmost(line)) on_.emplace(line.parent, line.mount.path);
    }
  }

  // True for the one that the path leads to.
  [[nodiscard]] bool on_top(const Line& line) const {
    return on_.count({line.mount.id, line.mount.path}) == 0 && reachable(line);
  }

 private:
  // The first mount of a namespace lies on itself.
  [[nodiscard]] static bool topmost(const Line& line) { return line.parent == line.mount.id; }

  [[nodiscard]] bool reachable(const Line& line) const {
    const Line* at = &line;
    for (std::size_t left = lines_.size(); left > 0; --left) {  // a malformed list may be a circle
      if (root_ != nullptr && at->parent == root_->mount) {
        return strictly_below(at->mount.path, root_->path) && !covered(*at, root_->path);
      }
      const auto parent = by_id_.find(at->parent);
      if (topmost(*at) || parent == by_id_.end()) return root_ == nullptr;
      if (covered(*at, parent->second->mount.path)) return false;
      at = parent->second;
    }
    return false;
  }

  // Whether another mount on the same parent holds the way from the parent to this one.
  [[nodiscard]] bool covered(const Line& line, const std::string& from) const {
    const std::string& path = line.mount.path;
    for (std::size_t end = path.rfind('/'); end != path.npos && path.size() > 1;
         end = path.rfind('/', end - 1)) {
      const std::string way = end == 0 ? "/" : path.substr(0, end);
      if (way.size() < from.size()) return false;
      if (root_ != nullptr && line.parent == root_->mount && way == from) return false;
      if (on_.count({line.parent, way}) != 0) return true;
      if (end == 0) break;
    }
    return false;
  }

  const std::vector<Line>& lines_;
  const MountedPlace* root_;
  std::map<std::uint64_t, const Line*> by_id_;
  std::set<std::pair<std::uint64_t, std::string>> on_;  // mount, and where something lies on it
};

Result<std::vector<Line>> parse_lines(std::string_view mountinfo) {
  std::vector<Line> lines;
  while (!mountinfo.empty()) {
    const std::size_t end = std::min(mountinfo.find('\n'), mountinfo.size());
    const std::string_view line = mountinfo.substr(0, end);
    mountinfo.remove_prefix(std::min(end + 1, mountinfo.size()));
    if (line.empty()) continue;
    std::optional<Line> one = parse_line(line);
    if (!one) return Error{ErrorKind::invalid, "understand mountinfo line", std::string(line), 0};
    lines.push_back(std::move(*one));
  }
  return lines;
}

// By path, each once.
Mounts sorted(const std::map<std::string, Mount>& by_path) {
  Mounts out;
  for (const auto& [path, mount] : by_path) out.emplace_back(mount).path = path;
  return out;
}

Result<std::string> read_mountinfo(const Kernel& kernel) {
  if (kernel.procfs() < 0) return Error{ErrorKind::io, "find a procfs at", "/proc", 0};
  const Fd fd(::openat(kernel.procfs(), "self/mountinfo", O_RDONLY | O_CLOEXEC));
  if (!fd) return system_error(errno, "open", "/proc/self/mountinfo");
  return read_up_to(fd.get(), std::numeric_limits<std::size_t>::max(), "/proc/self/mountinfo");
}

Result<struct statx> mount_of(int directory, const char* name, const std::string& path) {
  struct statx out {};
  constexpr int flags = AT_EMPTY_PATH | AT_NO_AUTOMOUNT;
  if (::statx(directory, name, flags, STATX_NLINK | STATX_MNT_ID, &out) != 0) {
    return system_error(errno, "look at", path);
  }
  return out;
}

// Where a directory lies now, by the name that the kernel knows of it.
Result<MountedPlace> place_of(const Kernel& kernel, int directory, const std::string& path) {
  TRY_ASSIGN(const struct statx facts, mount_of(directory, "", path));
  const std::string link = "self/fd/" + std::to_string(directory);
  std::array<char, PATH_MAX> name{};
  const ssize_t length = ::readlinkat(kernel.procfs(), link.c_str(), name.data(), name.size());
  if (length < 0) return system_error(errno, "find the path of", path);
  MountedPlace out{facts.stx_mnt_id, {name.data(), static_cast<std::size_t>(length)}};
  // What is removed has no name: the kernel writes this behind its last one (proc(5)).
  if (facts.stx_nlink == 0 && out.path.ends_with(" (deleted)")) {
    return system_error(ENOENT, "find", path);
  }
  return out;
}

}  // namespace

Result<Mounts> parse_mounts(std::string_view mountinfo) {
  TRY_ASSIGN(const std::vector<Line> lines, parse_lines(mountinfo));
  const Visibility visibility(lines);
  std::map<std::string, Mount> on_top;
  for (const Line& line : lines) {
    if (visibility.on_top(line)) on_top[line.mount.path] = line.mount;
  }
  return sorted(on_top);
}

Result<Mounts> parse_mounts_below(std::string_view mountinfo, const MountedPlace& root) {
  TRY_ASSIGN(const std::vector<Line> lines, parse_lines(mountinfo));
  const Visibility visibility(lines, &root);
  std::map<std::string, Mount> on_top;
  for (const Line& line : lines) {
    if (line.mount.id == root.mount) {
      on_top["/"] = line.mount;
    } else if (visibility.on_top(line)) {
      const std::size_t above = root.path == "/" ? 0 : root.path.size();
      on_top[line.mount.path.substr(above)] = line.mount;
    }
  }
  return sorted(on_top);
}

Result<Mounts> read_mounts(const Kernel& kernel) {
  TRY_ASSIGN(const std::string text, read_mountinfo(kernel));
  return parse_mounts(text);
}

Result<Mounts> read_mounts(const Kernel& kernel, const Root& root) {
  if (!root.given()) return read_mounts(kernel);
  for (int tries = 0; tries < most_readings; ++tries) {
    TRY_ASSIGN(const std::string text, read_mountinfo(kernel));
    TRY_ASSIGN(const MountedPlace before, place_of(kernel, root.get(), root.path()));
    TRY_ASSIGN(Mounts mounts, parse_mounts_below(text, before));
    TRY_ASSIGN(const MountedPlace after, place_of(kernel, root.get(), root.path()));
    if (before != after) continue;
    // Not every mount of this namespace is listed: the one that holds the root of a chroot is not.
    const bool listed = !mounts.empty() && mounts.front().path == "/";
    TRY_ASSIGN(const struct statx top, mount_of(AT_FDCWD, "/", "/"));
    if (listed || top.stx_mnt_id == before.mount) return mounts;
    return Error{ErrorKind::unsupported, "know the mounts of another mount namespace below",
                 root.path(), 0};
  }
  return Error{ErrorKind::changed, "find the mounts below", root.path(), 0};
}

}  // namespace permward
