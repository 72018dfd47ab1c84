// SPDX-License-Identifier: Apache-2.0
#include "os/entries.hpp"

#include "model/pattern.hpp"
#include "os/directory.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <string_view>

namespace permward {
namespace {

bool listed(const EntriesWant& want, std::string_view name) {
  return std::any_of(want.names.begin(), want.names.end(),
                     [name](const Component& glob) { return matches(glob, name); });
}

void add(UnlistedEntries& unlisted, std::string_view name) {
  ++unlisted.count;
  std::vector<std::string>& first = unlisted.first;
  const bool full = first.size() == most_named_entries;
  if (full && first.back() <= name) return;
  if (full) first.pop_back();
  first.insert(std::lower_bound(first.begin(), first.end(), name), std::string(name));
}

Readout<std::vector<UnlistedEntries>> unreadable(const Error& error) {
  return {Read::unreadable, error.number != 0 ? error.number : EIO, {}};
}

}  // namespace

Readout<std::vector<UnlistedEntries>> unlisted_entries(
    const Kernel& kernel, int directory, const std::vector<const EntriesWant*>& wants,
    const std::function<bool(const char* name)>& left_out) {
  const Result<Fd> fd = open_directory(kernel, directory, ".", Crossing::allowed);
  if (!fd.ok()) return unreadable(fd.error());
  Readout<std::vector<UnlistedEntries>> out;
  out.state = Read::value;
  for (const EntriesWant* want : wants) out.value.push_back({want, 0, {}});
  alignas(8) std::array<std::byte, 32768> buffer;  // NOLINT: filled before it is read
  Listing listing(fd->get(), buffer);
  for (;;) {
    const Result<std::optional<DirectoryEntry>> entry = listing.next();
    if (!entry.ok()) return unreadable(entry.error());
    if (!entry->has_value()) return out;
    if (left_out && left_out((*entry)->name)) continue;
    for (UnlistedEntries& unlisted : out.value) {
      const std::string_view name = (*entry)->name;
      if (!listed(*unlisted.want, name)) add(unlisted, name);
    }
  }
}

}  // namespace permward
