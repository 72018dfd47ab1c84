// SPDX-License-Identifier: Apache-2.0
#include "os/file_names.hpp"

#include "os/read_file.hpp"
#include "os/user_list.hpp"

namespace permward {
namespace {

constexpr std::size_t most_suggestions = 10'000;  // for suggestions

std::uint32_t id_of_entry(const PasswdEntry& entry) { return entry.uid; }
std::uint32_t id_of_entry(const GroupEntry& entry) { return entry.gid; }

}  // namespace

FileNames::Table FileNames::read(PolicyTrust& way, AccountKind kind) {
  Table out;
  const auto take = [&out](const auto& file) {
    for (const auto& entry : file.entries) {
      out.ids.emplace(entry.name, id_of_entry(entry));
      out.names.emplace(id_of_entry(entry), entry.name);
    }
    out.source.skipped = file.skipped;
    if (!file.first_skipped.empty()) out.source.first_skipped = file.first_skipped.front();
  };
  out.source.kind = kind;
  out.source.path = account_file(kind);
  const Result<std::string> text = read_file_of(way, out.source.path, most_account_bytes);
  if (!text) {
    out.source.error = text.error();
  } else if (kind == AccountKind::user) {
    auto passwd = parse_passwd(*text);
    take(passwd);
    out.passwd = std::move(passwd.entries);
  } else {
    take(parse_group(*text));
  }
  return out;
}

FileNames::FileNames(PolicyTrust& way)
    : users_(read(way, AccountKind::user)), groups_(read(way, AccountKind::group)) {}

NameService::Found FileNames::id_of(AccountKind kind, const std::string& name) {
  const Table& names = table(kind);
  if (names.source.error) return {Account::State::unread, 0, names.source.error->number};
  const auto at = names.ids.find(name);
  if (at == names.ids.end()) return {};
  return {Account::State::found, at->second, 0};
}

NameService::Found FileNames::has_account(AccountKind kind, std::uint32_t id) {
  const Table& names = table(kind);
  if (names.source.error) return {Account::State::unread, id, names.source.error->number};
  const bool found = names.names.count(id) != 0;
  return {found ? Account::State::found : Account::State::unknown, id, 0};
}

ListedUsers FileNames::users(UserSource source) {
  if (source == UserSource::nss) {
    return Error{ErrorKind::unsupported, "ask a name service", "under --root", 0};
  }
  if (users_.source.error) return *users_.source.error;
  // Lines that are no accounts are among `sources`.
  return UserList{listed_users(users_.passwd, groups_.names), 0, {}};
}

std::string FileNames::name_of(AccountKind kind, std::uint32_t id) {
  const Table& names = table(kind);
  const auto at = names.names.find(id);
  return at == names.names.end() ? "" : at->second;
}

std::vector<std::string> FileNames::names(AccountKind kind) {
  std::vector<std::string> out;
  for (const auto& [name, id] : table(kind).ids) {
    if (out.size() == most_suggestions) break;
    out.push_back(name);
  }
  return out;
}

}  // namespace permward
