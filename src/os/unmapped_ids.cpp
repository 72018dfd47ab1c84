// SPDX-License-Identifier: Apache-2.0
#include "os/unmapped_ids.hpp"

#include "base/fd.hpp"
#include "os/read_file.hpp"

#include <algorithm>
#include <charconv>
#include <fcntl.h>
#include <limits>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace permward {
namespace {

constexpr std::uint64_t all_ids = std::numeric_limits<std::uint32_t>::max();
constexpr std::size_t most_bytes = 64 * 1024;  // 340 lines at most

std::optional<std::uint64_t> next_number(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \n"), text.size()));
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return out;
}

std::string text_of(int directory, const char* path) {
  const Fd file(::openat(directory, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!file) return {};
  Result<std::string> text = read_up_to(file.get(), most_bytes, path);
  return text.ok() ? std::move(*text) : std::string();
}

UnmappedId read_one(int procfs, const char* map, const char* shown) {
  UnmappedId out;
  out.all_mapped = procfs >= 0 && maps_all_ids(text_of(procfs, map));
  // A procfs of our own has the processes alone.
  const std::string number = text_of(AT_FDCWD, shown);
  std::string_view text = number;
  const auto id = next_number(text);
  if (id && *id < all_ids) out.id = static_cast<std::uint32_t>(*id);
  return out;
}

}  // namespace

// Ranges do not overlap.
bool maps_all_ids(std::string_view map) {
  std::uint64_t count = 0;
  while (next_number(map)) {
    const auto outside = next_number(map);
    const auto length = outside ? next_number(map) : std::nullopt;
    if (!length) return false;
    count += *length;
  }
  return count >= all_ids;
}

UnmappedIds read_unmapped_ids(int procfs) {
  return {read_one(procfs, "self/uid_map", "/proc/sys/kernel/overflowuid"),
          read_one(procfs, "self/gid_map", "/proc/sys/kernel/overflowgid")};
}

}  // namespace permward
