// SPDX-License-Identifier: Apache-2.0
#include "os/name_service.hpp"

#include <cerrno>
#include <grp.h>
#include <mutex>
#include <pwd.h>

namespace permward {
namespace {

constexpr std::size_t first_buffer_bytes = 1024;
constexpr std::size_t most_buffer_bytes = 16U << 20;  // a group of a million members
constexpr std::size_t most_names = 10'000;            // a directory service may list millions
constexpr int most_interruptions = 100;

// getpwent(3) and getgrent(3) have one cursor a process.
std::mutex cursor_mutex;

// getpwnam(3), NOTES: what C libraries and services say where there is no such name.
bool means_not_found(int error) {
  return error == 0 || error == ENOENT || error == ESRCH || error == EBADF || error == EPERM;
}

// Calls one of the reentrant functions, `ask(&record, buffer, size, &found)`, with a buffer that
// grows until the answer fits. Returns its error number, `found` whether there was an answer, and
// then calls `take(record)` while the buffer is there.
template <class Record, class Ask, class Take>
int ask_growing(Ask ask, Take take, bool& found) {
  std::vector<char> buffer(first_buffer_bytes);
  found = false;
  for (int interruptions = 0;;) {
    Record record{};
    Record* result = nullptr;
    const int error = ask(&record, buffer.data(), buffer.size(), &result);
    if (error == EINTR && ++interruptions < most_interruptions) continue;
    if (error == ERANGE && buffer.size() < most_buffer_bytes) {
      buffer.resize(buffer.size() * 2);
      continue;
    }
    if (error == 0 && result != nullptr) {
      found = true;
      take(*result);
    }
    return error;
  }
}

template <class Record, class Ask, class Take>
NameService::Found find(Ask ask, Take take) {
  NameService::Found out;
  bool found = false;
  const int error = ask_growing<Record>(ask, take, found);
  if (found) {
    out.state = Account::State::found;
  } else if (!means_not_found(error)) {
    out.state = Account::State::failed;
    out.error = error;
  }
  return out;
}

template <class Record, class Ask, class Take>
NameService::Found find_id(Ask ask, Take id_of) {
  std::uint32_t id = 0;
  NameService::Found out = find<Record>(ask, [&](const Record& record) { id = id_of(record); });
  out.id = id;
  return out;
}

NameService::Found find_name(AccountKind kind, std::uint32_t id, std::string& name) {
  if (kind == AccountKind::user) {
    return find<passwd>(
        [id](passwd* record, char* buffer, std::size_t size, passwd** result) {
          return getpwuid_r(id, record, buffer, size, result);
        },
        [&name](const passwd& record) { name = record.pw_name; });
  }
  return find<group>([id](group* record, char* buffer, std::size_t size,
                          group** result) { return getgrgid_r(id, record, buffer, size, result); },
                     [&name](const group& record) { name = record.gr_name; });
}

std::vector<std::string> user_names() {
  std::vector<std::string> out;
  setpwent();
  while (const passwd* entry = getpwent()) {
    out.emplace_back(entry->pw_name);
    if (out.size() == most_names) break;
  }
  endpwent();
  return out;
}

std::vector<std::string> group_names() {
  std::vector<std::string> out;
  setgrent();
  while (const group* entry = getgrent()) {
    out.emplace_back(entry->gr_name);
    if (out.size() == most_names) break;
  }
  endgrent();
  return out;
}

}  // namespace

NameService::Found HostNames::id_of(AccountKind kind, const std::string& name) {
  if (kind == AccountKind::user) {
    return find_id<passwd>(
        [&](passwd* record, char* buffer, std::size_t size, passwd** result) {
          return getpwnam_r(name.c_str(), record, buffer, size, result);
        },
        [](const passwd& record) { return record.pw_uid; });
  }
  return find_id<group>(
      [&](group* record, char* buffer, std::size_t size, group** result) {
        return getgrnam_r(name.c_str(), record, buffer, size, result);
      },
      [](const group& record) { return record.gr_gid; });
}

NameService::Found HostNames::has_account(AccountKind kind, std::uint32_t id) {
  std::string name;
  Found out = find_name(kind, id, name);
  out.id = id;
  return out;
}

std::string HostNames::name_of(AccountKind kind, std::uint32_t id) {
  std::string name;
  (void)find_name(kind, id, name);
  return name;
}

std::vector<std::string> HostNames::names(AccountKind kind) {
  const std::lock_guard lock(cursor_mutex);
  return kind == AccountKind::user ? user_names() : group_names();
}

void look_up(std::vector<Account>& accounts, NameService& service) {
  for (Account& account : accounts) {
    if (account.state != Account::State::pending) continue;
    if (const auto id = id_of_text(account.text)) {
      account.state = Account::State::found;
      account.id = *id;
      continue;
    }
    const NameService::Found found = service.id_of(account.kind, account.text);
    account.state = found.state;
    account.id = found.id;
    account.error = found.error;
  }
}

}  // namespace permward
