// SPDX-License-Identifier: Apache-2.0
#include "engine/evidence.hpp"

#include "base/sha256.hpp"
#include "decide/restraint.hpp"
#include "engine/gather.hpp"
#include "store/manifest_text.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <unistd.h>
#include <utility>

namespace permward {
namespace {

// Whoever could is not to push out what nobody else could have put there. Of a link nobody but its
// owner decides, whatever its mode is.
bool is_of_others(const ObjectState& state) {
  return state.type == Type::symlink ? state.owner != 0 : written_by_others(state, 0);
}

struct Parted {
  SpooledObjects rest;
  SpooledObjects of_others;
};

Parted parted(SpooledObjects all) {
  Parted out;
  for (std::size_t i = 0; i < all.objects.size(); ++i) {
    SpooledObjects& to = is_of_others(all.objects[i].state) ? out.of_others : out.rest;
    to.objects.push_back(std::move(all.objects[i]));
    to.contents.push_back(all.contents[i]);
  }
  return out;
}

// Of the last content in the spool.
std::uint64_t end_of(const SpooledObjects& spooled) {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < spooled.objects.size(); ++i) {
    if (spooled.objects[i].state.type != Type::file) continue;
    out = std::max(out, spooled.contents[i] + spooled.objects[i].size);
  }
  return out;
}

Error too_large() {
  return system_error(
      EFBIG,
      "keep what is there now, of which [store] evidence_bytes allows no copy (move "
      "it away, and run again), at",
      "");
}

}  // namespace

// Whoever makes a run fail again and again gets no copy of the same thing each time. What only a
// damaged copy has is not known.
SpooledObjects Evidence::without_known(SpooledObjects taken) {
  SpooledObjects out;
  for (std::size_t i = 0; i < taken.objects.size(); ++i) {
    const SnapshotObject* newest = nullptr;
    const Manifest* in = nullptr;
    for (const Manifest& one : *earlier_) {
      const auto* const found = find_object(one.objects, taken.objects[i].path);
      if (found == nullptr) continue;
      newest = found;
      in = &one;
    }
    if (newest != nullptr && *newest == taken.objects[i] && is_whole(in->id)) continue;
    out.objects.push_back(std::move(taken.objects[i]));
    out.contents.push_back(taken.contents[i]);
  }
  return out;
}

// The archive is what counts. Of one of which no digest is written down `snapshot verify` says so.
void Evidence::note(const std::function<Result<void>(SnapshotDigests&)>& write) {
  if (digests_ != nullptr && !write(*digests_).ok()) digests_ = nullptr;
}

bool Evidence::is_whole(const std::string& id) {
  const auto [at, first] = whole_.try_emplace(id, false);
  if (!first) return at->second;
  const SnapshotDigests none = SnapshotDigests::none();
  KeepManifest read;
  at->second = read_whole({snapshots_, digests_ == nullptr ? none : *digests_}, id, read).ok();
  return at->second;
}

Result<void> Evidence::open_spool() {
  if (scratch_) return {};
  TRY_ASSIGN(scratch_, snapshots_.scratch_file());
  // Whoever makes a file long, and nothing else, is not to keep it from being put back.
  spool_ = {scratch_.get(), 0, Holes::any};
  return {};
}

// What is in it takes room that the journal may need.
void Evidence::forget_behind(std::uint64_t end) {
  spool_.end = end;
  (void)::ftruncate(spool_.file, static_cast<off_t>(end));
}

Result<void> Evidence::take(Observer& observer, int held, const std::string& path) {
  TRY(open_spool());
  const std::uint64_t begin = spool_.end;
  const std::uint64_t left = limits_.bytes - std::min(limits_.bytes, begin);
  auto captured = capture(system_.kernel, observer, held, left, spool_, nullptr);
  if (!captured.ok()) {
    forget_behind(begin);
    if (captured.error().number == EFBIG) return too_large();
    return std::move(captured).error();
  }
  SnapshotObject* const object = &captured->object;
  object->path = path;
  object->owner_name = system_.names->name_of(AccountKind::user, object->state.owner);
  object->group_name = system_.names->name_of(AccountKind::group, object->state.group);
  SpooledObjects one;
  one.contents.push_back(object->state.type == Type::file ? begin : 0);
  one.objects.push_back(std::move(*object));
  taken_ = laid_over(std::move(one), std::move(taken_));
  return {};
}

// What cannot be read is left alone: nobody knows what it is. Whoever holds the lock is the only
// one who adds to them, and takes away.
Result<void> Evidence::recall() {
  if (earlier_) return {};
  TRY_ASSIGN(const std::vector<Generation> generations, snapshots_.list());
  std::vector<Manifest> found;
  for (const Generation& one : generations) {
    auto manifest = snapshots_.manifest_of(SnapshotKind::evidence, one.id);
    if (manifest.ok() && *manifest) found.push_back(std::move(**manifest));
  }
  earlier_ = std::move(found);
  return {};
}

// What others could write is apart, so that it can go for the rest, and comes second, so that it
// has only what room the rest leaves, and is kept anew where what had it already went for the rest.
Result<void> Evidence::keep() {
  SpooledObjects taken = std::exchange(taken_, {});
  if (taken.objects.empty()) return {};
  Parted parts = parted(std::move(taken));
  const std::uint64_t needed = end_of(parts.of_others);
  Result<void> rest = keep_together(std::move(parts.rest), needed);
  Result<void> of_others = keep_together(std::move(parts.of_others), 0);
  forget_behind(0);
  return rest.ok() ? of_others : rest;
}

// `needed`: up to there the spool has what is to be kept next.
Result<void> Evidence::keep_together(SpooledObjects taken, std::uint64_t needed) {
  if (taken.objects.empty()) return {};
  TRY(recall());
  taken = without_known(std::move(taken));
  if (taken.objects.empty()) return {};
  SpooledContents contents(spool_.file, taken);
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  Manifest manifest;
  manifest.kind = SnapshotKind::evidence;
  TRY_ASSIGN(manifest.id, snapshots_.new_id(now));
  manifest.time = now.time_since_epoch().count();
  manifest.host = system_.hostname.value_or("");
  manifest.objects = taken.objects;
  TRY_ASSIGN(const Sha256::Digest archive, snapshots_.keep(manifest, contents));
  forget_behind(needed);
  note([&](SnapshotDigests& digests) {
    return digests.add(manifest.id, {archive, Sha256().add(manifest_text(manifest)).digest()});
  });
  Result<void> done = make_room(manifest);
  if (done.ok()) {
    whole_[manifest.id] = true;  // it was read back
    earlier_->push_back(std::move(manifest));
    return done;
  }
  (void)snapshots_.remove(manifest.id);
  note([&](SnapshotDigests& digests) { return digests.remove(manifest.id); });
  return done;
}

// It is not known any more before it may be gone: what else it had is kept again then.
Result<void> Evidence::drop(const std::string& id) {
  earlier_->erase(std::remove_if(earlier_->begin(), earlier_->end(),
                                 [&id](const Manifest& one) { return one.id == id; }),
                  earlier_->end());
  whole_.erase(id);
  TRY(snapshots_.remove(id));
  note([&](SnapshotDigests& digests) { return digests.remove(id); });
  return {};
}

Result<void> Evidence::make_room(const Manifest& newest) {
  TRY_ASSIGN(const std::vector<Generation> generations, snapshots_.list());
  std::vector<EvidenceGeneration> all;
  const auto add = [&](const Manifest& manifest) {
    const auto at = std::find_if(generations.begin(), generations.end(),
                                 [&](const Generation& one) { return one.id == manifest.id; });
    if (at == generations.end()) return;
    EvidenceGeneration& evidence =
        all.emplace_back(EvidenceGeneration{at->id, at->bytes, {}, true});
    for (const SnapshotObject& object : manifest.objects) {
      evidence.paths.push_back(object.path);
      evidence.of_others = evidence.of_others && is_of_others(object.state);
    }
  };
  for (const Manifest& one : *earlier_) add(one);
  add(newest);
  const EvidenceToDrop too_much = evidence_to_drop(all, limits_);
  if (!too_much.fits) {
    return system_error(EDQUOT, "keep evidence, which [store] evidence_bytes bounds, in",
                        newest.id);
  }
  for (const std::string& id : too_much.ids) TRY(drop(id));
  if (too_much.ids.empty()) return {};
  note([&](SnapshotDigests& digests) { return digests.add_dropped(too_much.ids.size()); });
  return {};
}

}  // namespace permward
