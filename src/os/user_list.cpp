// SPDX-License-Identifier: Apache-2.0
#include "os/user_list.hpp"

#include "base/fd.hpp"
#include "model/account_file.hpp"
#include "model/accounts.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/types.h>
#include <unistd.h>
#include <unordered_map>

namespace permward {
namespace {

constexpr std::size_t most_bytes = std::size_t{64} << 20;

Result<std::string> text_of(const char* path) {
  const Fd fd(::open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!fd) return system_error(errno, "open", path);
  std::string out;
  std::array<char, 65536> piece;  // NOLINT: filled before it is read
  for (;;) {
    const ssize_t got = ::read(fd.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error(errno, "read", path);
    if (got == 0) return out;
    out.append(piece.data(), static_cast<std::size_t>(got));
    if (out.size() > most_bytes) return system_error(EFBIG, "read", path);
  }
}

using GroupNames = std::unordered_map<std::uint32_t, std::string>;

std::string group_text(const GroupNames& names, std::uint32_t gid) {
  const auto it = names.find(gid);
  return it == names.end() ? std::to_string(gid) : it->second;
}

// getpwent(3) says by errno alone whether it ended or failed.
ListedUsers users_of_name_service() {
  GroupNames names;
  std::vector<ListedUser> out;
  ::setgrent();
  for (errno = 0; const group* entry = ::getgrent(); errno = 0) {
    names.try_emplace(entry->gr_gid, entry->gr_name);
  }
  const int groups_error = errno;
  ::endgrent();
  if (groups_error != 0 && groups_error != ENOENT) {
    return system_error(groups_error, "list the groups of the name service", "");
  }
  ::setpwent();
  for (errno = 0; const passwd* entry = ::getpwent(); errno = 0) {
    if (!valid_account_name(entry->pw_name)) continue;
    out.push_back({entry->pw_name, entry->pw_uid, group_text(names, entry->pw_gid),
                   entry->pw_dir != nullptr ? entry->pw_dir : ""});
  }
  const int users_error = errno;
  ::endpwent();
  if (users_error != 0 && users_error != ENOENT) {
    return system_error(users_error, "list the users of the name service", "");
  }
  return out;
}

}  // namespace

std::vector<ListedUser> listed_users(std::string_view passwd, std::string_view group) {
  GroupNames names;
  for (const GroupEntry& entry : parse_group(group).entries) {
    names.try_emplace(entry.gid, entry.name);
  }
  std::vector<ListedUser> out;
  for (PasswdEntry& entry : parse_passwd(passwd).entries) {
    out.push_back(
        {std::move(entry.name), entry.uid, group_text(names, entry.gid), std::move(entry.home)});
  }
  return out;
}

ListedUsers users_of_host(UserSource source) {
  if (source == UserSource::nss) return users_of_name_service();
  TRY_ASSIGN(const std::string passwd, text_of("/etc/passwd"));
  TRY_ASSIGN(const std::string group, text_of("/etc/group"));
  return listed_users(passwd, group);
}

}  // namespace permward
