// SPDX-License-Identifier: Apache-2.0
#include "engine/gather.hpp"

#include "base/sha256.hpp"
#include "engine/resolve.hpp"
#include "os/mounts.hpp"
#include "os/observe.hpp"
#include "os/safe_open.hpp"
#include "store/manifest_text.hpp"
#include "store/spool_file.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <utility>

namespace permward {
namespace {

using Wanted = std::function<bool(const SnapshotObject& object)>;

// Copies those objects of an archive that are wanted.
class TakeWanted final : public ArchiveVisitor {
 public:
  explicit TakeWanted(Wanted wanted) : wanted_(std::move(wanted)) {}

  Result<void> begin(const Manifest& manifest) override {
    id_ = manifest.id;
    text_ = Sha256().add(manifest_text(manifest)).digest();
    std::uint64_t bytes = 0;
    for (const SnapshotObject& object : manifest.objects) {
      if (wanted_(object)) bytes += object.size;
    }
    TRY_ASSIGN(file_, spool_file(bytes));
    spool_ = {file_.get(), 0};
    carry_.emplace([this](const std::string&) { return want_; }, spool_);
    return carry_->begin(manifest);
  }
  Result<void> content(const SnapshotObject& object, std::string_view bytes) override {
    want_ = wanted_(object);
    return carry_->content(object, bytes);
  }
  Result<void> complete(const SnapshotObject& object) override {
    want_ = wanted_(object);
    return carry_->complete(object);
  }

  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] const Sha256::Digest& manifest_digest() const { return text_; }
  SpooledObjects take() { return carry_ ? std::move(carry_->taken) : SpooledObjects(); }
  Fd take_file() { return std::move(file_); }
  [[nodiscard]] std::uint64_t end() const { return spool_.end; }

 private:
  Wanted wanted_;
  std::string id_;
  Sha256::Digest text_{};
  Fd file_;
  Spool spool_;
  bool want_ = false;
  std::optional<CarryOver> carry_;
};

// A path as it was asked for, and where it leads.
struct Asked {
  std::string as_asked;
  std::string place;
  bool found = false;
};

std::vector<Asked> asked_for(const System& system, const std::vector<std::string>& paths) {
  std::vector<Asked> out;
  const Result<Mounts> mounts = read_mounts(system.kernel, system.root);
  Observer observer(system.kernel, mounts.ok() ? *mounts : Mounts{});
  SafeOpen safe_open(system.kernel, observer, system.root.get());
  for (const std::string& path : paths) {
    const auto names = resolve_argument(path, safe_open);
    out.push_back({path, names.ok() ? path_of(*names) : path_of(names_of(path)), false});
  }
  return out;
}

// Where in an archive the path is, if it is there.
bool find_place(Asked& asked, const std::vector<SnapshotObject>& objects) {
  const auto has = [&objects](const std::string& place) {
    return std::any_of(objects.begin(), objects.end(), [&place](const SnapshotObject& object) {
      return lies_at_or_below(object.path, place);
    });
  };
  if (has(asked.place)) return true;
  const std::string as_written = path_of(names_of(asked.as_asked));
  if (!has(as_written)) return false;
  asked.place = as_written;
  return true;
}

bool at_or_below_one(const std::string& path, const std::vector<std::string>& places) {
  return std::any_of(places.begin(), places.end(),
                     [&path](const std::string& top) { return lies_at_or_below(path, top); });
}

// At or below, or a directory on the way.
Wanted at_places(const std::vector<std::string>& places) {
  return [&places](const SnapshotObject& object) {
    const bool above = object.state.type == Type::directory &&
                       std::any_of(places.begin(), places.end(), [&object](const std::string& top) {
                         return lies_at_or_below(top, object.path);
                       });
    return above || at_or_below_one(object.path, places);
  };
}

// What several archives gave, the contents of one behind those of the other.
class Collection {
 public:
  Result<void> add(TakeWanted& from) {
    SpooledObjects taken = from.take();
    Fd file = from.take_file();
    if (!out_.file) {  // the first needs no copy
      out_.file = std::move(file);
      out_.objects.spooled = std::move(taken);
      spool_ = {out_.file.get(), from.end()};
      return {};
    }
    for (std::size_t i = 0; i < taken.objects.size(); ++i) {
      if (taken.objects[i].state.type != Type::file) continue;
      const std::uint64_t begin = std::exchange(taken.contents[i], spool_.end);
      TRY(append_to_spool(spool_, file.get(), begin, taken.objects[i].size));
    }
    out_.objects.spooled = laid_over(std::move(out_.objects.spooled), std::move(taken));
    return {};
  }

  Gathered finish(const std::vector<std::string>& places) {
    out_.objects.spool = out_.file.get();
    for (const SnapshotObject& object : out_.objects.spooled.objects) {
      out_.objects.on_the_way.push_back(!at_or_below_one(object.path, places));
    }
    return std::move(out_);
  }
  Gathered& out() { return out_; }

 private:
  Gathered out_;
  Spool spool_;
};

// All of a generation, of which what is wanted is taken; and whether it is what was written.
Result<void> read_whole(const Snapshots& snapshots, const SnapshotDigests& digests,
                        const std::string& id, TakeWanted& visitor) {
  TRY_ASSIGN(const Sha256::Digest archive, snapshots.read(id, visitor));
  if (visitor.id() != id) {
    return Error{ErrorKind::invalid, "use another snapshot by the name", id, 0};
  }
  const auto recorded = digests.of(id);
  if (recorded.ok() && *recorded && (*recorded)->archive != archive) {
    return Error{ErrorKind::invalid, "use what is not the archive that was written of", id, 0};
  }
  return {};
}

std::vector<std::string> places_of(const std::vector<Asked>& all) {
  std::vector<std::string> out;
  for (const Asked& one : all) {
    if (one.found) out.push_back(one.place);
  }
  return out;
}

// Takes over what the archive has of the paths.
void note_found(std::vector<Asked>& asked, const std::vector<SnapshotObject>& objects,
                Gathered& out) {
  for (Asked& one : asked) {
    one.found = find_place(one, objects);
    if (!one.found) out.unknown.push_back(one.as_asked);
  }
}

// From one archive, which `read` reads.
Result<Gathered> gather_one(const System& system, const std::vector<std::string>& paths,
                            const std::function<Result<void>(TakeWanted& visitor)>& read) {
  std::vector<Asked> asked = asked_for(system, paths);
  std::vector<std::string> places;
  for (Asked& one : asked) {
    places.push_back(one.place);
    places.push_back(path_of(names_of(one.as_asked)));
  }
  TakeWanted visitor(at_places(places));
  TRY(read(visitor));
  Collection collection;
  TRY(collection.add(visitor));
  note_found(asked, collection.out().objects.spooled.objects, collection.out());
  collection.out().ids.push_back(visitor.id());
  return collection.finish(places_of(asked));
}

}  // namespace

Result<Gathered> gather(const System& system, const Snapshots& snapshots,
                        const SnapshotDigests& digests, const std::vector<std::string>& paths) {
  std::vector<Asked> asked = asked_for(system, paths);
  Collection collection;
  Gathered& out = collection.out();
  TRY_ASSIGN(const std::vector<Generation> generations, snapshots.list());
  for (auto it = generations.rbegin(); it != generations.rend(); ++it) {
    const auto missing = [](const Asked& one) { return !one.found; };
    if (std::none_of(asked.begin(), asked.end(), missing)) break;
    const Result<Manifest> manifest = snapshots.manifest(it->id);
    if (!manifest.ok()) out.damaged.push_back(manifest.error());
    if (!manifest.ok() || manifest->kind != SnapshotKind::accepted) continue;
    std::vector<Asked*> here;
    std::vector<std::string> places;
    for (Asked& one : asked) {
      if (one.found || !find_place(one, manifest->objects)) continue;
      here.push_back(&one);
      places.push_back(one.place);
    }
    if (here.empty()) continue;
    TakeWanted visitor(at_places(places));
    if (const Result<void> read = read_whole(snapshots, digests, it->id, visitor); !read.ok()) {
      out.damaged.push_back(read.error());
      continue;
    }
    TRY(collection.add(visitor));
    out.ids.push_back(it->id);
    for (Asked* one : here) one->found = true;
  }
  for (const Asked& one : asked) {
    if (!one.found) out.unknown.push_back(one.as_asked);
  }
  return collection.finish(places_of(asked));
}

Result<Gathered> gather_from(const System& system, const Snapshots& snapshots,
                             const SnapshotDigests& digests, const std::string& id,
                             const std::vector<std::string>& paths) {
  return gather_one(system, paths, [&](TakeWanted& visitor) {
    return read_whole(snapshots, digests, id, visitor);
  });
}

Result<Gathered> gather_from(const System& system, int fd, const std::string& name,
                             const std::vector<std::string>& paths) {
  return gather_one(system, paths, [&](TakeWanted& visitor) -> Result<void> {
    TRY_ASSIGN([[maybe_unused]] const Sha256::Digest read, read_archive(fd, name, visitor));
    return {};
  });
}

Result<Gathered> gather_same(const Copies& copies, const std::vector<SnapshotObject>& objects) {
  std::vector<bool> found(objects.size(), false);
  const auto place_of = [&objects](const SnapshotObject& object) -> std::optional<std::size_t> {
    const SnapshotObject* const at = find_object(objects, object.path);
    if (at == nullptr || !(*at == object)) return std::nullopt;
    return static_cast<std::size_t>(at - objects.data());
  };
  const Wanted wanted = [&](const SnapshotObject& object) {
    const auto at = place_of(object);
    return at && !found[*at];
  };
  Collection collection;
  Gathered& out = collection.out();
  TRY_ASSIGN(const std::vector<Generation> generations, copies.snapshots.list());
  for (auto it = generations.rbegin(); it != generations.rend(); ++it) {
    if (std::find(found.begin(), found.end(), false) == found.end()) break;
    const Result<Manifest> manifest = copies.snapshots.manifest(it->id);
    if (!manifest.ok()) out.damaged.push_back(manifest.error());
    if (!manifest.ok() ||
        std::none_of(manifest->objects.begin(), manifest->objects.end(), wanted)) {
      continue;
    }
    TakeWanted visitor(wanted);
    if (const auto read = read_whole(copies.snapshots, copies.digests, it->id, visitor);
        !read.ok()) {
      out.damaged.push_back(read.error());
      continue;
    }
    TRY(collection.add(visitor));
    out.ids.push_back(it->id);
    for (const SnapshotObject& object : manifest->objects) {
      if (const auto at = place_of(object)) found[*at] = true;
    }
  }
  for (std::size_t i = 0; i < objects.size(); ++i) {
    if (!found[i]) out.unknown.push_back(objects[i].path);
  }
  return collection.finish({"/"});
}

Result<Gathered> gather_taken_away(const Snapshots& snapshots, const SnapshotDigests& digests,
                                   const std::vector<RecordedChange>& changes) {
  // The first change of a path is the one that an undo goes back to.
  std::map<std::string, Sha256::Digest> missing;
  for (const RecordedChange& one : changes) {
    const Change& change = one.change;
    const bool other = change.before.content && change.before.content != change.intended.content;
    if (other) missing.try_emplace(change.path, *change.before.content);
  }
  Collection collection;
  Gathered& out = collection.out();
  if (missing.empty()) return collection.finish({});
  const Wanted wanted = [&missing](const SnapshotObject& object) {
    const auto at = missing.find(object.path);
    return at != missing.end() && object.state.type == Type::file && object.digest == at->second;
  };
  TRY_ASSIGN(const std::vector<Generation> generations, snapshots.list());
  for (auto it = generations.rbegin(); it != generations.rend() && !missing.empty(); ++it) {
    const Result<Manifest> manifest = snapshots.manifest(it->id);
    if (!manifest.ok()) out.damaged.push_back(manifest.error());
    if (!manifest.ok() ||
        std::none_of(manifest->objects.begin(), manifest->objects.end(), wanted)) {
      continue;
    }
    TakeWanted visitor(wanted);
    if (const Result<void> read = read_whole(snapshots, digests, it->id, visitor); !read.ok()) {
      out.damaged.push_back(read.error());
      continue;
    }
    TRY(collection.add(visitor));
    out.ids.push_back(it->id);
    for (const SnapshotObject& object : manifest->objects) {
      if (wanted(object)) missing.erase(object.path);
    }
  }
  return collection.finish({});
}

}  // namespace permward
