// SPDX-License-Identifier: Apache-2.0
#include "os/sync_later.hpp"

#include <cerrno>
#include <unistd.h>
#include <utility>

namespace permward {
namespace {

constexpr const char* syncing = "sync the file system of";

}  // namespace

void SyncLater::add(int held, std::uint64_t device, const std::string& path) {
  if (by_device_.count(device) != 0) return;
  const int opened = kernel_.open_to_read(held);
  if (opened == -EWOULDBLOCK) {
    everything_ = true;
    return;
  }
  if (opened < 0) {
    if (!error_) error_ = system_error(-opened, syncing, path);
    return;
  }
  if (by_device_.size() == most_kept) sync_all();
  by_device_.emplace(device, FileSystem{path, Fd(opened)});
}

void SyncLater::sync_all() {
  for (const auto& [device, one] : by_device_) {
    const bool synced = ::syncfs(one.opened.get()) == 0;
    if (!synced && !error_) error_ = system_error(errno, syncing, one.path);
  }
  by_device_.clear();
}

Result<void> SyncLater::sync() {
  sync_all();
  if (std::exchange(everything_, false)) ::sync();
  if (!error_) return {};
  return *std::exchange(error_, std::nullopt);
}

}  // namespace permward
