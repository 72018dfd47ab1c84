// SPDX-License-Identifier: Apache-2.0
#include "os/stamper.hpp"

#include "base/fd.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/statfs.h>
#include <unistd.h>

namespace permward {
namespace {

constexpr std::chrono::milliseconds longest_tick(20);  // of CONFIG_HZ=100, and one more
constexpr std::chrono::seconds whole_seconds(2);
constexpr unsigned written_by_others = 022;  // with an ACL the group's bit is the mask of all
// ext2, ext3 and ext4 have one number.
constexpr std::array<long, 4> keeps_times = {EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC, BTRFS_SUPER_MAGIC,
                                             F2FS_SUPER_MAGIC};

bool keeps_its_times(int file) {
  struct statfs status {};
  if (::fstatfs(file, &status) != 0) return false;
  return std::find(keeps_times.begin(), keeps_times.end(), status.f_type) != keeps_times.end();
}

// A lease is not to be had of a file that somebody has open for writing (fcntl(2), F_SETLEASE). Who
// opens it meanwhile would have a signal sent that ends the process: so it is one that is ignored.
// Returns 0: nobody has; EAGAIN: somebody has; another errno: that cannot be told.
int ask_for_writers(int file) {
  if (::fcntl(file, F_SETSIG, SIGURG) != 0) return errno;
  if (::fcntl(file, F_SETLEASE, F_RDLCK) != 0) return errno;
  return ::fcntl(file, F_SETLEASE, F_UNLCK) != 0 ? errno : 0;
}

}  // namespace

bool lies_back(const FileTime& changed, std::chrono::system_clock::time_point now) {
  using namespace std::chrono;
  const bool counts_seconds = changed.nanoseconds == 0;
  const nanoseconds since = duration_cast<nanoseconds>(now.time_since_epoch());
  const seconds whole = floor<seconds>(since);
  if (changed.seconds >= whole.count()) {  // none of these sums is too large then
    if (changed.seconds > whole.count() || counts_seconds) return false;
    return (since - whole).count() - changed.nanoseconds > nanoseconds(longest_tick).count();
  }
  if (changed.seconds < whole.count() - whole_seconds.count()) return true;
  const nanoseconds time = seconds(changed.seconds) + nanoseconds(changed.nanoseconds);
  return since - time > (counts_seconds ? nanoseconds(whole_seconds) : nanoseconds(longest_tick));
}

bool Stamper::accepts(int held, const Observed& observed) {
  const bool only_root_writes = observed.type == Type::file && observed.owner == 0 &&
                                !observed.owner_unmapped &&
                                (observed.mode & written_by_others) == 0;
  if (!only_root_writes) return false;
  const int opened = kernel_.open_to_read(held);
  if (opened < 0) return false;
  const Fd file(opened);
  return keeps_its_times(file.get()) &&
         lies_back(observed.changed, synced(file.get(), observed.identity.device)) &&
         ask_for_writers(file.get()) == 0;
}

bool Stamper::is_half_written(int held, const Observed& observed) const {
  const auto a_second_ago = std::chrono::system_clock::now() - std::chrono::seconds(1);
  if (lies_back(observed.changed, a_second_ago)) return false;
  const int opened = kernel_.open_to_read(held);
  if (opened < 0) return false;
  const Fd file(opened);
  return ask_for_writers(file.get()) == EAGAIN;
}

// Where that fails nothing lies back.
Stamper::Time Stamper::synced(int file, std::uint64_t device) {
  const auto [at, first] = synced_.try_emplace(device, Time::min());
  if (!first) return at->second;
  const Time now = std::chrono::system_clock::now();
  if (::syncfs(file) == 0) at->second = now;
  return at->second;
}

}  // namespace permward
