// SPDX-License-Identifier: Apache-2.0
//
// The names of a root that is not this host's: what its own etc/passwd and etc/group say, read by
// `model/account_file.hpp`. Layer `os`. Nothing of the root is run or loaded, and NSS is never
// asked: CVE-2019-14271, CVE-2025-32463.
#pragma once

#include "base/result.hpp"
#include "model/account_file.hpp"
#include "os/name_service.hpp"
#include "os/policy_trust.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace permward {

// What is in the files when it is made counts. Of two entries with one name, or one id, the first
// does, as for getpwnam(3).
class FileNames final : public NameService {
 public:
  // One of the files, and what was wrong with it.
  struct Source {
    AccountKind kind = AccountKind::user;
    std::string path;            // in the root
    std::optional<Error> error;  // it could not be read: every look-up fails, and no id has a name
    std::size_t skipped = 0;     // lines that are no accounts
    SkippedAccountLine first_skipped;
  };

  // `way` walks from the root, and learns who else could change what the files say. Reads no more
  // than `most_account_bytes` of each; one that has more is an error (EFBIG).
  explicit FileNames(PolicyTrust& way);

  [[nodiscard]] Found id_of(AccountKind kind, const std::string& name) override;
  [[nodiscard]] Found has_account(AccountKind kind, std::uint32_t id) override;
  [[nodiscard]] std::string name_of(AccountKind kind, std::uint32_t id) override;
  // There is no name service to be asked (`unsupported`).
  [[nodiscard]] ListedUsers users(UserSource source) override;
  [[nodiscard]] std::vector<std::string> names(AccountKind kind) override;

  [[nodiscard]] std::array<Source, 2> sources() const { return {users_.source, groups_.source}; }

 private:
  struct Table {
    Source source;
    std::map<std::string, std::uint32_t> ids;
    std::unordered_map<std::uint32_t, std::string> names;
    std::vector<PasswdEntry> passwd;  // of users
  };

  static Table read(PolicyTrust& way, AccountKind kind);
  [[nodiscard]] const Table& table(AccountKind kind) const {
    return kind == AccountKind::user ? users_ : groups_;
  }

  Table users_;
  Table groups_;
};

}  // namespace permward
