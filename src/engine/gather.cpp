// SPDX-License-Identifier: Apache-2.0
#include "engine/gather.hpp"

#include "base/sha256.hpp"
#include "engine/resolve.hpp"
#include "os/content.hpp"
#include "os/mounts.hpp"
#include "os/observe.hpp"
#include "os/safe_open.hpp"
#include "store/spool_file.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <set>
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
  SpooledObjects take() { return carry_ ? std::move(carry_->taken) : SpooledObjects(); }
  Fd take_file() { return std::move(file_); }
  [[nodiscard]] std::uint64_t end() const { return spool_.end; }

 private:
  Wanted wanted_;
  std::string id_;
  Fd file_;
  Spool spool_;
  bool want_ = false;
  std::optional<CarryOver> carry_;
};

// Refuses an archive that is another generation by the name.
class OfGeneration final : public ArchiveVisitor {
 public:
  OfGeneration(const std::string& id, ArchiveVisitor& visitor) : id_(id), visitor_(visitor) {}

  Result<void> begin(const Manifest& manifest) override {
    if (manifest.id == id_) return visitor_.begin(manifest);
    return Error{ErrorKind::invalid, "use another snapshot by the name", id_, 0};
  }
  Result<void> content(const SnapshotObject& object, std::string_view bytes) override {
    return visitor_.content(object, bytes);
  }
  Result<void> complete(const SnapshotObject& object) override { return visitor_.complete(object); }

 private:
  const std::string& id_;
  ArchiveVisitor& visitor_;
};

// A path as it was asked for, where copies of it may lie, and where some do.
struct Asked {
  std::string as_asked;
  std::vector<std::string> places;
  std::string place;
  bool found = false;
};

std::vector<Asked> asked_for(const System& system, const std::vector<std::string>& paths) {
  std::vector<Asked> out;
  for (const std::string& path : paths) {
    out.push_back({path, places_of_copies(system, path), "", false});
  }
  return out;
}

// Where in an archive the path is, if it is there.
bool find_place(Asked& asked, const std::vector<SnapshotObject>& objects) {
  const std::string* const place = place_of_copies(asked.places, objects);
  if (place != nullptr) asked.place = *place;
  return place != nullptr;
}

bool at_or_below_one(const std::string& path, const std::vector<std::string>& places) {
  return std::any_of(places.begin(), places.end(),
                     [&path](const std::string& top) { return lies_at_or_below(path, top); });
}

// At or below, or a directory on the way.
bool at_or_on_the_way(const SnapshotObject& object, const std::vector<std::string>& places) {
  const bool above = object.state.type == Type::directory &&
                     std::any_of(places.begin(), places.end(), [&object](const std::string& top) {
                       return lies_at_or_below(top, object.path);
                     });
  return above || at_or_below_one(object.path, places);
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
      TRY(make_room(taken.objects[i].size));
      TRY(append_to_spool(spool_, file.get(), begin, taken.objects[i].size));
    }
    out_.objects.spooled = laid_over(std::move(out_.objects.spooled), std::move(taken));
    return {};
  }

  // Memory is for what is little in all.
  Result<void> make_room(std::uint64_t more) {
    if (fits_in_memory(spool_.end + more) || !fits_in_memory(spool_.end)) return {};
    TRY_ASSIGN(Fd larger, spool_file(spool_.end + more));
    Spool moved{larger.get(), 0};
    TRY(append_to_spool(moved, out_.file.get(), 0, spool_.end));
    out_.file = std::move(larger);
    spool_ = moved;
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

// What is looked for in one generation after the other.
class Seeker {
 public:
  Seeker() = default;
  virtual ~Seeker() = default;
  Seeker(const Seeker&) = delete;
  Seeker& operator=(const Seeker&) = delete;
  [[nodiscard]] virtual bool satisfied() const = 0;
  // Whether a generation has anything of it; `wants` says what, until the next one.
  virtual bool look_into(const Manifest& manifest) = 0;
  [[nodiscard]] virtual bool wants(const SnapshotObject& object) const = 0;
  // All that is wanted of the one that was looked into last is there.
  virtual void found() = 0;
};

// A generation that is damaged, or that no disk gives any more, has no say. Where it is this host
// that cannot take it, an older one would be taken for the newest.
Result<void> pass_over(const Error& error, Gathered& out) {
  const bool of_host = error.doing == writing_copy || error.doing == making_spool ||
                       error.number == ENOMEM || error.number == EMFILE || error.number == ENFILE;
  if (of_host) return error;
  // It was removed since they were listed.
  if (error.kind != ErrorKind::not_found) out.damaged.push_back(error);
  return {};
}

// Ends the reading of a generation that has nothing of what is looked for, once that is known.
class LookInto final : public ArchiveVisitor {
 public:
  LookInto(Seeker& seeker, ArchiveVisitor& visitor) : seeker_(seeker), visitor_(visitor) {}

  Result<void> begin(const Manifest& manifest) override {
    has_nothing_ = !seeker_.look_into(manifest);
    if (!has_nothing_) return visitor_.begin(manifest);
    return Error{ErrorKind::not_found, "find what is looked for in", manifest.id, 0};
  }
  Result<void> content(const SnapshotObject& object, std::string_view bytes) override {
    return visitor_.content(object, bytes);
  }
  Result<void> complete(const SnapshotObject& object) override { return visitor_.complete(object); }

  [[nodiscard]] bool has_nothing() const { return has_nothing_; }

 private:
  Seeker& seeker_;
  ArchiveVisitor& visitor_;
  bool has_nothing_ = false;
};

// From the newest whole generations that have it.
Result<void> seek(const Copies& copies, Seeker& seeker, Collection& collection) {
  Gathered& out = collection.out();
  TRY_ASSIGN(const std::vector<Generation> generations, copies.snapshots.list());
  for (auto it = generations.rbegin(); it != generations.rend() && !seeker.satisfied(); ++it) {
    TakeWanted wanted([&seeker](const SnapshotObject& object) { return seeker.wants(object); });
    LookInto visitor(seeker, wanted);
    const Result<void> read = read_whole(copies, it->id, visitor);
    if (visitor.has_nothing()) continue;
    if (!read.ok()) {
      TRY(pass_over(read.error(), out));
      continue;
    }
    TRY(collection.add(wanted));
    out.ids.push_back(it->id);
    seeker.found();
  }
  return {};
}

// What was accepted at and below some paths, and the directories on the way.
class SeekPaths final : public Seeker {
 public:
  explicit SeekPaths(std::vector<Asked> asked) : asked_(std::move(asked)) {}

  [[nodiscard]] bool satisfied() const override {
    return std::all_of(asked_.begin(), asked_.end(), [](const Asked& one) { return one.found; });
  }
  bool look_into(const Manifest& manifest) override {
    here_.clear();
    places_.clear();
    if (manifest.kind != SnapshotKind::accepted) return false;
    for (Asked& one : asked_) {
      if (one.found || !find_place(one, manifest.objects)) continue;
      here_.push_back(&one);
      places_.push_back(one.place);
    }
    return !here_.empty();
  }
  [[nodiscard]] bool wants(const SnapshotObject& object) const override {
    return at_or_on_the_way(object, places_);
  }
  void found() override {
    for (Asked* one : here_) one->found = true;
  }

  [[nodiscard]] const std::vector<Asked>& asked() const { return asked_; }

 private:
  std::vector<Asked> asked_;
  std::vector<Asked*> here_;  // those that the generation at hand has
  std::vector<std::string> places_;
};

// Objects of which each is known; `Same` says whether one is such an object.
class SeekObjects final : public Seeker {
 public:
  using Same = std::function<bool(const SnapshotObject& object)>;
  SeekObjects(std::set<std::string> paths, Same same)
      : missing_(std::move(paths)), same_(std::move(same)) {}

  [[nodiscard]] bool satisfied() const override { return missing_.empty(); }
  bool look_into(const Manifest& manifest) override {
    here_.clear();
    for (const SnapshotObject& object : manifest.objects) {
      if (missing_.count(object.path) != 0 && same_(object)) here_.insert(object.path);
    }
    return !here_.empty();
  }
  [[nodiscard]] bool wants(const SnapshotObject& object) const override {
    return here_.count(object.path) != 0;
  }
  void found() override {
    for (const std::string& path : here_) missing_.erase(path);
  }

  [[nodiscard]] const std::set<std::string>& missing() const { return missing_; }

 private:
  std::set<std::string> missing_;  // paths
  std::set<std::string> here_;     // those that the generation at hand has
  Same same_;
};

std::vector<std::string> places_of(const std::vector<Asked>& all) {
  std::vector<std::string> out;
  for (const Asked& one : all) {
    if (one.found) out.push_back(one.place);
  }
  return out;
}

// From one archive, which `read` reads.
Result<Gathered> gather_one(const System& system, const std::vector<std::string>& paths,
                            const std::function<Result<void>(TakeWanted& visitor)>& read) {
  std::vector<Asked> asked = asked_for(system, paths);
  std::vector<std::string> places;
  for (const Asked& one : asked) {
    places.insert(places.end(), one.places.begin(), one.places.end());
  }
  TakeWanted visitor(
      [&places](const SnapshotObject& object) { return at_or_on_the_way(object, places); });
  TRY(read(visitor));
  Collection collection;
  TRY(collection.add(visitor));
  Gathered& out = collection.out();
  out.ids.push_back(visitor.id());
  for (Asked& one : asked) {
    one.found = find_place(one, out.objects.spooled.objects);
    if (!one.found) out.unknown.push_back(one.as_asked);
  }
  return collection.finish(places_of(asked));
}

}  // namespace

std::vector<std::string> places_of_copies(const System& system, const std::string& path) {
  const Result<Mounts> mounts = read_mounts(system.kernel, system.root);
  Observer observer(system.kernel, mounts.ok() ? *mounts : Mounts{});
  SafeOpen safe_open(system.kernel, observer, system.root.get());
  std::vector<std::string> out;
  const auto names = resolve_argument(path, safe_open);
  if (names.ok()) out.push_back(path_of(*names));
  std::string as_written = path_of(names_of(path));
  if (out.empty() || out.front() != as_written) out.push_back(std::move(as_written));
  return out;
}

const std::string* place_of_copies(const std::vector<std::string>& places,
                                   const std::vector<SnapshotObject>& objects) {
  const auto has = [&objects](const std::string& place) {
    return std::any_of(objects.begin(), objects.end(), [&place](const SnapshotObject& object) {
      return lies_at_or_below(object.path, place);
    });
  };
  const auto at = std::find_if(places.begin(), places.end(), has);
  return at == places.end() ? nullptr : &*at;
}

Result<void> read_whole(const Copies& copies, const std::string& id, ArchiveVisitor& visitor) {
  OfGeneration checked(id, visitor);
  TRY_ASSIGN(const Sha256::Digest archive, copies.snapshots.read(id, checked));
  const auto recorded = copies.digests.of(id);
  if (recorded.ok() && *recorded && (*recorded)->archive != archive) {
    return Error{ErrorKind::invalid, "use what is not the archive that was written of", id, 0};
  }
  return {};
}

Result<Gathered> gather(const System& system, const Copies& copies,
                        const std::vector<std::string>& paths) {
  SeekPaths seeker(asked_for(system, paths));
  Collection collection;
  TRY(seek(copies, seeker, collection));
  for (const Asked& one : seeker.asked()) {
    if (!one.found) collection.out().unknown.push_back(one.as_asked);
  }
  return collection.finish(places_of(seeker.asked()));
}

Result<Gathered> gather_from(const System& system, const Copies& copies, const std::string& id,
                             const std::vector<std::string>& paths) {
  return gather_one(system, paths,
                    [&](TakeWanted& visitor) { return read_whole(copies, id, visitor); });
}

Result<Gathered> gather_from(const System& system, int fd, const std::string& name,
                             const std::vector<std::string>& paths) {
  return gather_one(system, paths, [&](TakeWanted& visitor) -> Result<void> {
    TRY_ASSIGN([[maybe_unused]] const Sha256::Digest read, read_archive(fd, name, visitor));
    return {};
  });
}

Result<Gathered> gather_same(const Copies& copies, const std::vector<SnapshotObject>& objects) {
  std::set<std::string> paths;
  for (const SnapshotObject& object : objects) paths.insert(object.path);
  SeekObjects seeker(std::move(paths), [&objects](const SnapshotObject& object) {
    const SnapshotObject* const at = find_object(objects, object.path);
    return at != nullptr && *at == object;
  });
  Collection collection;
  TRY(seek(copies, seeker, collection));
  collection.out().unknown.assign(seeker.missing().begin(), seeker.missing().end());
  return collection.finish({"/"});
}

Result<Gathered> gather_taken_away(const Copies& copies,
                                   const std::vector<RecordedChange>& changes) {
  // The first change of a path is the one that an undo goes back to.
  std::map<std::string, Sha256::Digest> contents;
  std::set<std::string> paths;
  for (const RecordedChange& one : changes) {
    const Change& change = one.change;
    const bool other = change.before.content && change.before.content != change.intended.content;
    if (!other) continue;
    contents.try_emplace(change.path, *change.before.content);
    paths.insert(change.path);
  }
  SeekObjects seeker(std::move(paths), [&contents](const SnapshotObject& object) {
    return object.state.type == Type::file && object.digest == contents.at(object.path);
  });
  Collection collection;
  TRY(seek(copies, seeker, collection));
  return collection.finish({});
}

void add_private_way(ToRestore& objects) {
  SpooledObjects way;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  for (const SnapshotObject& object : objects.spooled.objects) {
    for (std::size_t slash = object.path.rfind('/'); slash != 0 && slash != std::string::npos;
         slash = object.path.rfind('/', slash - 1)) {
      SnapshotObject directory;
      directory.path = object.path.substr(0, slash);
      directory.state.type = Type::directory;
      directory.state.mode = 0700;
      directory.modified = {std::chrono::floor<std::chrono::seconds>(now).count(), 0};
      way.objects.push_back(std::move(directory));
    }
  }
  const auto by_path = [](const SnapshotObject& a, const SnapshotObject& b) {
    return a.path < b.path;
  };
  std::sort(way.objects.begin(), way.objects.end(), by_path);
  way.objects.erase(std::unique(way.objects.begin(), way.objects.end()), way.objects.end());
  way.contents.assign(way.objects.size(), 0);
  std::set<std::string> asked_for;
  for (std::size_t i = 0; i < objects.on_the_way.size(); ++i) {
    if (!objects.on_the_way[i]) asked_for.insert(objects.spooled.objects[i].path);
  }
  objects.spooled = laid_over(std::move(objects.spooled), std::move(way));
  objects.on_the_way.clear();
  for (const SnapshotObject& object : objects.spooled.objects) {
    objects.on_the_way.push_back(asked_for.count(object.path) == 0);
  }
}

}  // namespace permward
