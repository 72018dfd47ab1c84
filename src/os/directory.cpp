// SPDX-License-Identifier: Apache-2.0
#include "os/directory.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace permward {
namespace {

constexpr int list_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
constexpr int hold_flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
constexpr std::size_t longest_link = 65536;  // longer than any file system's

std::uint64_t resolve_flags(Crossing crossing) {
  return crossing == Crossing::refused ? Resolve::no_links | Resolve::no_mount : Resolve::no_links;
}

Error open_error(int number, const char* name) {
  Error error = system_error(number, "open directory", name);
  if (number == EXDEV) error.kind = ErrorKind::changed;
  return error;
}

// Not every caller may leave the access time alone (open(2), O_NOATIME); the directory may be read
// all the same.
int open_to_list(const Kernel& kernel, int parent, const char* name, std::uint64_t resolve) {
  const int flags = list_flags | kernel.no_access_time();
  const int fd = kernel.open_at(parent, name, flags, resolve);
  const bool again = fd < 0 && kernel.refused_access_time(flags, -fd);
  return again ? kernel.open_at(parent, name, list_flags, resolve) : fd;
}

std::optional<Type> type_of_entry(unsigned char type) {
  switch (type) {
    case DT_REG:
      return Type::file;
    case DT_DIR:
      return Type::directory;
    case DT_LNK:
      return Type::symlink;
    case DT_FIFO:
      return Type::fifo;
    case DT_SOCK:
      return Type::socket;
    case DT_CHR:
      return Type::character;
    case DT_BLK:
      return Type::block;
    default:
      return std::nullopt;
  }
}

// struct linux_dirent64 of getdents64(2).
struct LinuxDirent {
  std::uint64_t inode;
  std::int64_t offset;
  unsigned short length;
  unsigned char type;
  char name[1];
};

bool dot_or_dot_dot(const char* name) {
  return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

}  // namespace

Result<Fd> open_root_directory(int root) {
  int fd = ::openat(root, ".", list_flags | O_NOATIME);
  if (fd < 0 && errno == EPERM) fd = ::openat(root, ".", list_flags);
  if (fd < 0) return system_error(errno, "open directory", "/");
  return Fd(fd);
}

Result<Fd> open_directory(const Kernel& kernel, int parent, const char* name, Crossing crossing) {
  const int fd = open_to_list(kernel, parent, name, resolve_flags(crossing));
  if (fd < 0) return open_error(-fd, name);
  return Fd(fd);
}

Result<Fd> open_directory_to_search(const Kernel& kernel, int parent, const char* name,
                                    Crossing crossing) {
  const int fd = kernel.open_at(parent, name, hold_flags | O_DIRECTORY, resolve_flags(crossing));
  if (fd < 0) return open_error(-fd, name);
  return Fd(fd);
}

Result<Fd> take_hold(const Kernel& kernel, int directory, const char* name) {
  // With O_PATH and O_NOFOLLOW a link is held itself; `name` has no other component that could be
  // one.
  const int fd = kernel.open_at(directory, name, hold_flags, 0);
  if (fd < 0) return system_error(-fd, "look at", name);
  return Fd(fd);
}

Result<bool> remove_link(int directory, const char* name, const std::array<std::string, 2>& texts) {
  const Fd link(::openat(directory, name, hold_flags));
  if (!link && errno == ENOENT) return false;
  if (!link) return system_error(errno, "look at", name);
  const Result<std::string> text = link_text(link.get());
  if (!text.ok() && text.error().kind != ErrorKind::not_found) return text.error();
  if (!text.ok() || std::find(texts.begin(), texts.end(), *text) == texts.end()) return false;
  if (::unlinkat(directory, name, 0) != 0) return system_error(errno, "remove", name);
  return true;
}

Result<std::string> link_text(int link) {
  std::string text(256, '\0');
  for (;;) {
    const ssize_t got = ::readlinkat(link, "", text.data(), text.size());
    if (got < 0) return system_error(errno, "read the link", "");
    if (static_cast<std::size_t>(got) < text.size()) {
      text.resize(static_cast<std::size_t>(got));
      return text;
    }
    if (text.size() >= longest_link) return system_error(ENAMETOOLONG, "read the link", "");
    text.resize(text.size() * 4);
  }
}

Result<std::optional<DirectoryEntry>> Listing::next() {
  for (;;) {
    if (at_ == filled_) {
      const long got = ::syscall(SYS_getdents64, directory_, buffer_.data(), buffer_.size());
      if (got < 0) return system_error(errno, "list", "");
      if (got == 0) return std::optional<DirectoryEntry>();
      filled_ = static_cast<std::size_t>(got);
      at_ = 0;
    }
    const std::byte* record = buffer_.data() + at_;
    unsigned short length = 0;
    std::memcpy(&length, record + offsetof(LinuxDirent, length), sizeof length);
    at_ += length;
    const auto* name = reinterpret_cast<const char*>(record + offsetof(LinuxDirent, name));
    if (dot_or_dot_dot(name)) continue;
    const auto type = std::to_integer<unsigned char>(record[offsetof(LinuxDirent, type)]);
    std::uint64_t inode = 0;
    std::memcpy(&inode, record + offsetof(LinuxDirent, inode), sizeof inode);
    return std::optional<DirectoryEntry>(DirectoryEntry{name, type_of_entry(type), inode});
  }
}

Result<InodeNames> find_inodes(const Kernel& kernel, int directory,
                               const std::unordered_set<std::uint64_t>& inodes) {
  const auto removed = [](const Error& error) { return error.kind == ErrorKind::not_found; };
  const Result<Fd> fd = open_directory(kernel, directory, ".", Crossing::allowed);
  if (!fd.ok()) return removed(fd.error()) ? Result<InodeNames>(InodeNames()) : fd.error();
  alignas(8) std::array<std::byte, 32768> buffer;  // NOLINT: filled before it is read
  Listing listing(fd->get(), buffer);
  InodeNames out;
  for (;;) {
    const Result<std::optional<DirectoryEntry>> entry = listing.next();
    if (!entry.ok() && !removed(entry.error())) return entry.error();
    if (!entry.ok() || !entry->has_value()) return out;
    const DirectoryEntry& one = **entry;
    if (inodes.count(one.inode) != 0) out[one.inode] = one.name;
  }
}

Result<bool> is_empty(const Kernel& kernel, int held, Type type,
                      const std::function<bool(const char* name)>& overlook) {
  if (type != Type::directory) {
    struct stat status {};
    if (::fstatat(held, "", &status, AT_EMPTY_PATH) != 0) return system_error(errno, "look at", "");
    return status.st_size == 0;
  }
  const int opened = kernel.open_to_read(held);
  if (opened < 0) return system_error(-opened, "list", "");
  const Fd directory(opened);
  alignas(8) std::array<std::byte, 4096> buffer{};
  Listing listing(directory.get(), buffer);
  while (true) {
    TRY_ASSIGN(const std::optional<DirectoryEntry> entry, listing.next());
    if (!entry) return true;
    if (!overlook(entry->name)) return false;
  }
}

}  // namespace permward
