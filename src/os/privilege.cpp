// SPDX-License-Identifier: Apache-2.0
#include "os/privilege.hpp"

#include <sys/capability.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <grp.h>
#include <memory>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <type_traits>
#include <unistd.h>

namespace permward {
namespace {

constexpr const char* observer_name = "permward";
constexpr std::size_t account_bytes = 16384;

struct FreeCapabilities {
  void operator()(cap_t handle) const { ::cap_free(handle); }
};
using Capabilities = std::unique_ptr<std::remove_pointer_t<cap_t>, FreeCapabilities>;

bool has(const Capabilities& of, cap_value_t capability) {
  cap_flag_value_t value = CAP_CLEAR;
  return ::cap_get_flag(of.get(), capability, CAP_PERMITTED, &value) == 0 && value == CAP_SET;
}

// Only these, permitted and effective.
bool keep_only(const std::vector<cap_value_t>& kept) {
  const Capabilities wanted(::cap_init());
  if (!wanted) return false;
  const auto count = static_cast<int>(kept.size());
  if (count > 0 &&
      (::cap_set_flag(wanted.get(), CAP_PERMITTED, count, kept.data(), CAP_SET) != 0 ||
       ::cap_set_flag(wanted.get(), CAP_EFFECTIVE, count, kept.data(), CAP_SET) != 0)) {
    return false;
  }
  return ::cap_set_proc(wanted.get()) == 0;
}

bool has_only(const std::vector<cap_value_t>& kept) {
  const Capabilities now(::cap_get_proc());
  if (!now) return false;
  for (cap_value_t one = 0; one <= CAP_LAST_CAP; ++one) {
    bool wanted = false;
    for (const cap_value_t each : kept) wanted = wanted || each == one;
    if (has(now, one) && !wanted) return false;
  }
  return true;
}

bool is(const ObserverAccount& account) {
  uid_t real = 0;
  uid_t effective = 0;
  uid_t saved = 0;
  gid_t real_group = 0;
  gid_t effective_group = 0;
  gid_t saved_group = 0;
  if (::getresuid(&real, &effective, &saved) != 0) return false;
  if (::getresgid(&real_group, &effective_group, &saved_group) != 0) return false;
  return real == account.uid && effective == account.uid && saved == account.uid &&
         real_group == account.gid && effective_group == account.gid &&
         saved_group == account.gid && ::getgroups(0, nullptr) == 0;
}

// What counts against the limit is all that has that user id, whoever started it: without this,
// processes of others could keep it from starting threads (getrlimit(2)). Without CAP_SYS_RESOURCE
// it is lifted as far as it may be.
void lift_process_limit() {
  struct rlimit limit {
    RLIM_INFINITY, RLIM_INFINITY
  };
  if (::setrlimit(RLIMIT_NPROC, &limit) == 0) return;
  if (::getrlimit(RLIMIT_NPROC, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_NPROC, &limit);
}

// Returns 0, or the errno of what was refused; then some ids may have changed, and all that lose
// rights by it are its own.
int become(const ObserverAccount& account) {
  if (::prctl(PR_SET_KEEPCAPS, 1L, 0L, 0L, 0L) != 0) return errno;
  if (::setgroups(0, nullptr) != 0) return errno;
  if (::setresgid(account.gid, account.gid, account.gid) != 0) return errno;
  if (::setresuid(account.uid, account.uid, account.uid) != 0) return errno;
  return is(account) ? 0 : EIO;
}

// So that no program that were run could have more. What is refused is no loss: no_new_privs holds.
void close_ways_back() {
  for (cap_value_t one = 0; one <= CAP_LAST_CAP; ++one) (void)::cap_drop_bound(one);
  (void)::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0L, 0L, 0L);
}

Result<void> give_up_all_but(const std::vector<cap_value_t>& kept) {
  close_ways_back();
  const bool lowered = ::prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) == 0 && keep_only(kept);
  if (!lowered || !has_only(kept)) {
    return system_error(errno, "give up", "the capabilities of this process");
  }
  return {};
}

// permward(8) has these, and tests/cli/privilege_test.py shows what each is for.
std::vector<cap_value_t> capabilities_of(Rights rights) {
  // CAP_FSETID: without it a chmod drops the set-group-ID bit in silence. CAP_DAC_READ_SEARCH says
  // nothing beside CAP_DAC_OVERRIDE, but a container may lack that one.
  static const std::vector<cap_value_t> corrects = {
      CAP_CHOWN,  CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER,
      CAP_FSETID, CAP_SETFCAP,      CAP_LINUX_IMMUTABLE};
  static const std::vector<cap_value_t> reads_and_tells = {CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH,
                                                           CAP_FOWNER};
  // That of `trusted`: xattr(7).
  const auto with_trusted = [](std::vector<cap_value_t> out) {
    out.push_back(CAP_SYS_ADMIN);
    return out;
  };
  static const std::vector<cap_value_t> looks = {CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER,
                                                 CAP_SETGID,       CAP_SETUID,          CAP_SETPCAP,
                                                 CAP_SYS_ADMIN,    CAP_SYS_RESOURCE};
  switch (rights) {
    case Rights::none:
      return {};
    case Rights::reads_and_tells:
      return reads_and_tells;
    case Rights::accepts:
      return with_trusted(reads_and_tells);
    case Rights::starts_looking:
      return looks;
    case Rights::starts_changing: {
      std::vector<cap_value_t> out = corrects;
      out.insert(out.end(), looks.begin(), looks.end());
      return out;
    }
    case Rights::corrects:
      return corrects;
    case Rights::restores:
      return with_trusted(corrects);
  }
  return {};
}

std::string keeps_user(const ObserverAccount& account, int error) {
  return "it may not become the user " + std::to_string(account.uid) + ": " + std::strerror(error);
}

}  // namespace

ObserverAccount observer_account() {
  ObserverAccount out;
  passwd record{};
  passwd* found = nullptr;
  std::array<char, account_bytes> buffer{};
  const int error = ::getpwnam_r(observer_name, &record, buffer.data(), buffer.size(), &found);
  if (error == 0 && found != nullptr && record.pw_uid != 0) {
    out = {record.pw_uid, record.pw_gid};
  }
  return out;
}

bool may_correct() {
  if (::geteuid() == 0) return true;
  const Capabilities now(::cap_get_proc());
  return now && has(now, CAP_CHOWN) && has(now, CAP_FOWNER) && has(now, CAP_DAC_OVERRIDE);
}

Result<void> keep_rights(Rights rights) {
  const Capabilities before(::cap_get_proc());
  if (!before) return system_error(errno, "look up", "the capabilities of this process");
  std::vector<cap_value_t> kept;
  for (const cap_value_t one : capabilities_of(rights)) {
    if (has(before, one)) kept.push_back(one);
  }
  return give_up_all_but(kept);
}

Result<Shortfalls> become_observer(const ObserverAccount& account) {
  Shortfalls out;
  const Capabilities before(::cap_get_proc());
  if (!before) return system_error(errno, "look up", "the capabilities of this process");
  const bool reads_all = has(before, CAP_DAC_READ_SEARCH);
  std::vector<cap_value_t> kept;
  if (reads_all) {
    kept.push_back(CAP_DAC_READ_SEARCH);
  } else if (has(before, CAP_DAC_OVERRIDE)) {
    kept.push_back(CAP_DAC_OVERRIDE);  // of what it has, that which lets it read
  }
  close_ways_back();  // while it may: another user's capabilities are not in effect
  // Without the right to read everything another user would see less than the one that it has.
  if (reads_all) lift_process_limit();
  if (reads_all && !is(account)) {
    if (const int error = become(account); error != 0) out.push_back(keeps_user(account, error));
  } else if (!reads_all) {
    out.emplace_back("it has no right to read everything (CAP_DAC_READ_SEARCH)");
  }
  TRY(give_up_all_but(kept));
  return out;
}

bool sees_trusted_attributes() {
  const Capabilities now(::cap_get_proc());
  cap_flag_value_t value = CAP_CLEAR;
  return now && ::cap_get_flag(now.get(), CAP_SYS_ADMIN, CAP_EFFECTIVE, &value) == 0 &&
         value == CAP_SET;
}

}  // namespace permward
