// SPDX-License-Identifier: Apache-2.0
//
// What is left to be done once all of a generation is back in its place. Layer `engine`.
#pragma once

#include "base/result.hpp"
#include "engine/survey.hpp"
#include "model/file_stamp.hpp"
#include "os/changer.hpp"
#include "os/observe.hpp"
#include "os/sync_later.hpp"

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

namespace permward {

// Whether the way leads straight to where the names say. The paths of a generation are those after
// links; what leads elsewhere now is no way to them.
[[nodiscard]] bool is_the_way(const Way& way, const std::vector<std::string>& names);

// A directory whose entries were put back, which has moved its time.
struct RestoredDirectory {
  std::string path;
  std::uint32_t owner = 0;  // as it is to be
  FileTime modified;
};

// Gives it its time, unless somebody other than its owner controls where it lies, who could have
// put another there; `offline`: nobody else acts on the tree. What is another object by now, or may
// not be changed, is left. What was changed is to be synced by `touched`. Errors: those of
// `Observer` and of `changer`.
Result<void> set_time(const Ground& ground, Observer& observer, Changer& changer,
                      SyncLater& touched, const RestoredDirectory& directory, bool offline);

// A file and what is to be in it.
struct RestoredFile {
  std::string path;
  std::uint64_t size = 0;
  Sha256::Digest digest{};
};

// Looks once more into these files, when whatever changes them from then on gives them another
// time. What has not that content, and what cannot be told of, is left out.
[[nodiscard]] std::vector<StampedFile> stamped(const Ground& ground, Observer& observer,
                                               const std::vector<RestoredFile>& files,
                                               const std::atomic<bool>* stop);

}  // namespace permward
