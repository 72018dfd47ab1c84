// SPDX-License-Identifier: Apache-2.0
#include "engine/restored.hpp"

#include "engine/hold.hpp"
#include "engine/resolve.hpp"
#include "os/content.hpp"
#include "os/stamper.hpp"
#include "os/system.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>

namespace permward {
namespace {

constexpr std::chrono::milliseconds a_few_ticks(25);

// Of a file with that content which no change from now on could leave as it is.
std::optional<FileStamp> stamp_for(const Ground& ground, Observer& observer, Stamper& stamper,
                                   const RestoredFile& file, const std::atomic<bool>* stop) {
  const Result<Held> held = hold(ground.system, ground.safe_open, names_of(file.path));
  Observed before;
  Observed after;
  if (!held.ok() || !observer.of(held->fd.get(), FacetSet{}, before).ok()) return std::nullopt;
  if (before.size != file.size || !stamper.accepts(held->fd.get(), before)) return std::nullopt;
  const auto content = content_digest(ground.system.kernel, held->fd.get(), stop);
  if (content.state != Read::value || content.value != file.digest) return std::nullopt;
  if (!observer.of(held->fd.get(), FacetSet{}, after).ok()) return std::nullopt;
  const FileStamp stamp = stamp_of(after);
  return stamp == stamp_of(before) ? std::optional(stamp) : std::nullopt;
}

}  // namespace

bool is_the_way(const Way& way, const std::vector<std::string>& names) {
  return std::equal(way.names.begin(), way.names.end(), names.begin(), names.end() - 1);
}

Result<void> set_time(const Ground& ground, Observer& observer, Changer& changer,
                      SyncLater& touched, const RestoredDirectory& directory, bool offline) {
  const std::vector<std::string> names = names_of(directory.path);
  const Result<Held> held = hold(ground.system, ground.safe_open, names);
  if (!held.ok()) return {};  // which is told of already
  if (held->way && !is_the_way(*held->way, names)) return {};
  // What lies there somebody else may have put there; but he could do this himself of what is his.
  Principals his;
  his.add_user(directory.owner);
  if (!without(may_add(held->control), his).empty() && !offline) return {};
  Observed observed;
  TRY(observer.of(held->fd.get(), FacetSet{}, observed));
  if (observed.type != Type::directory || observed.owner != directory.owner) return {};
  if (observed.modified == directory.modified) return {};
  if (!(observed.attributes.set & attributes_in_status).empty()) return {};
  touched.add(held->fd.get(), observed.identity.device, directory.path);
  return changer.change(held->fd.get(), Type::directory, SetModified{directory.modified});
}

std::vector<StampedFile> stamped(const Ground& ground, Observer& observer,
                                 const std::vector<RestoredFile>& files,
                                 const std::atomic<bool>* stop) {
  std::vector<StampedFile> out;
  if (files.empty()) return out;
  std::this_thread::sleep_for(a_few_ticks);
  ground.safe_open.rest();
  Stamper stamper(ground.system.kernel);
  for (const RestoredFile& file : files) {
    if (stop != nullptr && stop->load()) break;
    const auto stamp = stamp_for(ground, observer, stamper, file, stop);
    if (stamp) out.push_back({file.path, *stamp, file.digest});
  }
  return out;
}

}  // namespace permward
