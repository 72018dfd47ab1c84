// SPDX-License-Identifier: Apache-2.0
#include "os/user_list.hpp"

#include "base/fd.hpp"
#include "base/text.hpp"
#include "model/accounts.hpp"
#include "os/read_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <string>

namespace permward {
namespace {

constexpr const char* passwd_path = "/etc/passwd";
constexpr const char* group_path = "/etc/group";

Result<std::string> text_of(const char* path) {
  const Fd fd(::open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!fd) return system_error(errno, "open", path);
  TRY_ASSIGN(std::string text, read_up_to(fd.get(), most_host_account_bytes + 1, path));
  if (text.size() > most_host_account_bytes) return system_error(EFBIG, "read", path);
  return text;
}

std::string group_text(const GroupNames& names, std::uint32_t gid) {
  const auto it = names.find(gid);
  return it == names.end() ? std::to_string(gid) : it->second;
}

LeftOut left_out(const SkippedAccountLine& skipped) {
  return {"line " + std::to_string(skipped.line) + " of " + passwd_path,
          std::string(text_of(skipped.why))};
}

void leave_out(UserList& list, const char* name) {
  ++list.left_out;
  if (list.first_left_out.size() == most_left_out_told) return;
  list.first_left_out.push_back(
      {"the user '" + printable(name) + "'", std::string(text_of(BadAccountLine::name))});
}

// getpwent(3) says by errno alone whether it ended or failed.
ListedUsers users_of_name_service() {
  GroupNames names;
  UserList out;
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
    if (!valid_account_name(entry->pw_name)) {
      leave_out(out, entry->pw_name);
      continue;
    }
    out.users.push_back({entry->pw_name, entry->pw_uid, group_text(names, entry->pw_gid),
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

std::vector<ListedUser> listed_users(const std::vector<PasswdEntry>& entries,
                                     const GroupNames& names) {
  std::vector<ListedUser> out;
  for (const PasswdEntry& entry : entries) {
    out.push_back({entry.name, entry.uid, group_text(names, entry.gid), entry.home});
  }
  return out;
}

ListedUsers users_of_host(UserSource source) {
  if (source == UserSource::nss) return users_of_name_service();
  TRY_ASSIGN(const std::string passwd, text_of(passwd_path));
  TRY_ASSIGN(const std::string group, text_of(group_path));
  GroupNames names;
  for (const GroupEntry& entry : parse_group(group).entries)
    names.try_emplace(entry.gid, entry.name);
  const AccountFile<PasswdEntry> file = parse_passwd(passwd);
  UserList out{listed_users(file.entries, names), file.skipped, {}};
  for (const SkippedAccountLine& skipped : file.first_skipped) {
    if (out.first_left_out.size() == most_left_out_told) break;
    out.first_left_out.push_back(left_out(skipped));
  }
  return out;
}

}  // namespace permward
