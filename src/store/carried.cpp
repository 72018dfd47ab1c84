// SPDX-License-Identifier: Apache-2.0
#include "store/carried.hpp"

#include "os/content.hpp"

#include <algorithm>
#include <cerrno>
#include <unistd.h>

namespace permward {

SpooledObjects laid_over(SpooledObjects over, SpooledObjects under) {
  SpooledObjects out;
  const auto take = [&out](SpooledObjects& from, std::size_t at) {
    out.objects.push_back(std::move(from.objects[at]));
    out.contents.push_back(from.contents[at]);
  };
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < over.objects.size() || j < under.objects.size()) {
    const bool no_over = i == over.objects.size();
    const bool no_under = j == under.objects.size();
    const int order =
        no_over ? 1 : (no_under ? -1 : over.objects[i].path.compare(under.objects[j].path));
    if (order <= 0) take(over, i++);
    if (order > 0) take(under, j);
    if (order >= 0) ++j;
  }
  return out;
}

Result<std::size_t> SpooledContents::read(const SnapshotObject& object, std::span<char> room) {
  if (object.path != path_) {
    const SnapshotObject* const found = find_object(spooled_.objects, object.path);
    if (found == nullptr) return Error{ErrorKind::not_found, "find the copy of", object.path, 0};
    path_ = object.path;
    at_ = spooled_.contents[static_cast<std::size_t>(found - spooled_.objects.data())];
    left_ = object.size;
  }
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(left_, room.size()));
  if (wanted == 0) return std::size_t{0};
  ssize_t got = 0;
  do {
    got = ::pread(file_, room.data(), wanted, static_cast<off_t>(at_));
  } while (got < 0 && errno == EINTR);
  if (got < 0) return system_error(errno, "read the copy of", object.path);
  at_ += static_cast<std::uint64_t>(got);
  left_ -= static_cast<std::uint64_t>(got);
  return static_cast<std::size_t>(got);
}

Result<void> CarryOver::begin(const Manifest& /*manifest*/) {
  begin_ = spool_.end;
  return {};
}

Result<void> CarryOver::content(const SnapshotObject& object, std::string_view bytes) {
  if (!wanted_(object.path)) return {};
  while (!bytes.empty()) {
    const ssize_t wrote =
        ::pwrite(spool_.file, bytes.data(), bytes.size(), static_cast<off_t>(spool_.end));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return system_error(errno, writing_copy, object.path);
    spool_.end += static_cast<std::uint64_t>(wrote);
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return {};
}

Result<void> CarryOver::complete(const SnapshotObject& object) {
  if (!wanted_(object.path)) return {};
  taken.objects.push_back(object);
  taken.contents.push_back(object.state.type == Type::file ? begin_ : 0);
  begin_ = spool_.end;
  return {};
}

}  // namespace permward
