// SPDX-License-Identifier: Apache-2.0
#include "store/retention.hpp"

#include <chrono>
#include <optional>

namespace permward {
namespace {

using std::chrono::days;
using std::chrono::sys_days;

sys_days day_of(std::int64_t time) {
  return std::chrono::floor<days>(std::chrono::sys_seconds(std::chrono::seconds(time)));
}

std::int64_t day_number(std::int64_t time) { return day_of(time).time_since_epoch().count(); }

// 1970-01-01 was a Thursday.
std::int64_t week_number(std::int64_t time) {
  const std::int64_t since_monday = day_number(time) + 3;
  return since_monday >= 0 ? since_monday / 7 : (since_monday - 6) / 7;
}

std::int64_t month_number(std::int64_t time) {
  const std::chrono::year_month_day date(day_of(time));
  return std::int64_t{static_cast<int>(date.year())} * 12 + static_cast<unsigned>(date.month());
}

// Keeps the newest of so many periods, from the newest on.
class Bucket {
 public:
  Bucket(std::uint64_t most, std::int64_t (*period)(std::int64_t time))
      : left_(most), period_(period) {}

  bool keeps(std::int64_t time) {
    const std::int64_t period = period_(time);
    if (left_ == 0 || last_ == period) return false;
    --left_;
    last_ = period;
    return true;
  }

 private:
  std::uint64_t left_;
  std::int64_t (*period_)(std::int64_t time);
  std::optional<std::int64_t> last_;
};

}  // namespace

std::vector<std::string> to_prune(std::span<const DatedGeneration> all,
                                  const KeptGenerations& keep) {
  std::uint64_t last = keep.last;
  Bucket daily(keep.daily, day_number);
  Bucket weekly(keep.weekly, week_number);
  Bucket monthly(keep.monthly, month_number);
  std::vector<std::string> out;
  bool newest = true;
  for (auto it = all.rbegin(); it != all.rend(); ++it) {
    if (it->kind != SnapshotKind::accepted) continue;
    bool kept = newest;
    newest = false;
    if (last > 0) {
      --last;
      kept = true;
    }
    // Each of them counts it.
    for (Bucket* bucket : {&daily, &weekly, &monthly}) kept = bucket->keeps(it->time) || kept;
    if (!kept) out.push_back(it->id);
  }
  return {out.rbegin(), out.rend()};
}

}  // namespace permward
