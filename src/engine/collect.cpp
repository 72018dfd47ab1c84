// SPDX-License-Identifier: Apache-2.0
#include "engine/collect.hpp"

#include "base/text.hpp"
#include "engine/apart.hpp"
#include "engine/hold.hpp"
#include "engine/judge.hpp"
#include "engine/survey.hpp"
#include "os/content.hpp"
#include "os/observe.hpp"
#include "os/safe_open.hpp"
#include "os/system.hpp"
#include "store/manifest_text.hpp"

#include <algorithm>
#include <cerrno>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <variant>

namespace permward {
namespace {

using Names = std::vector<std::string>;

constexpr std::size_t most_objects_text = most_manifest_text - (std::size_t{1} << 20);

// Those of the selected rules that pin something.
std::vector<bool> pinning_rules(const Policy& policy, const std::vector<bool>& selected) {
  std::vector<bool> out;
  for (std::size_t i = 0; i < policy.rules.size(); ++i) {
    out.push_back((selected.empty() || selected[i]) && pins(policy.rules[i]));
  }
  return out;
}

class Collector final : public PinnedVisitor {
 public:
  Collector(const System& system, const CheckOptions& options, std::uint64_t most, Spool& spool)
      : system_(system), stop_(options.stop), most_(most), spool_(spool), stamper_(system.kernel) {}

  void visit(int held, const std::string& path, Observer& observer) override;
  // What was visited, but for other names of what may lie elsewhere; and all directories above it
  // that were not visited themselves.
  void complete(const Ground& ground);
  [[nodiscard]] const std::optional<Error>& broken() const { return broken_; }
  void report_to(Collected& out);

 private:
  struct Taken {
    SnapshotObject object;
    std::uint32_t links = 1;
    std::uint64_t content = 0;
    std::optional<FileStamp> stamp;
  };

  void refuse(const std::string& path, std::string why);
  [[nodiscard]] bool has_room(const SnapshotObject& object, std::string& why);
  [[nodiscard]] std::uint64_t place_of_content(const SnapshotObject& object, std::uint64_t begin);
  void refuse_links_of_others(const Ground& ground);
  void add_ancestors(const Ground& ground);
  void add_ancestor(const Ground& ground, Observer& observer, const std::string& path);

  const System& system_;
  const std::atomic<bool>* stop_;
  std::uint64_t most_;
  Spool& spool_;
  Stamper stamper_;
  std::vector<Taken> taken_;
  std::map<Sha256::Digest, std::uint64_t> contents_;  // where each begins
  std::size_t manifest_bytes_ = 0;
  std::vector<NotTaken> not_taken_;
  std::optional<Error> broken_;  // the spool is: nothing that follows would be whole
};

void Collector::refuse(const std::string& path, std::string why) {
  not_taken_.push_back({path, std::move(why)});
}

void Collector::visit(int held, const std::string& path, Observer& observer) {
  if (broken_) return;
  const std::uint64_t begin = spool_.end;
  const std::uint64_t most = std::min(most_, most_spooled - std::min(most_spooled, begin));
  auto captured = capture(system_.kernel, observer, held, most, spool_, stop_,
                          spool_.file < 0 ? nullptr : &stamper_);
  if (!captured.ok()) {
    const Error& error = captured.error();
    spool_.end = begin;
    const bool full = error.number == EFBIG && most < most_;
    if (error.doing == writing_copy) {
      broken_ = error;
    } else {
      refuse(path, full ? "there is no room for it beside the others" : why_not_taken(error));
    }
    return;
  }
  SnapshotObject* const object = &captured->object;
  object->path = path;
  object->owner_name = system_.names->name_of(AccountKind::user, object->state.owner);
  object->group_name = system_.names->name_of(AccountKind::group, object->state.group);
  if (std::string why; !has_room(*object, why)) {
    spool_.end = begin;
    return refuse(path, std::move(why));
  }
  const std::uint64_t content = place_of_content(*object, begin);
  taken_.push_back({std::move(*object), captured->links, content, captured->stamp});
}

// Of the manifest: a tree of another user's is not to keep the rest from being taken.
bool Collector::has_room(const SnapshotObject& object, std::string& why) {
  if (!fits_manifest(object, why)) return false;
  const std::size_t size = manifest_line_size(object);
  const bool fits = size <= most_manifest_line && size <= most_objects_text - manifest_bytes_;
  if (fits) {
    manifest_bytes_ += size;
  } else {
    why = "there is no room for it in one snapshot beside the others";
  }
  return fits;
}

// The same content is kept once: links to one file are many names of it.
std::uint64_t Collector::place_of_content(const SnapshotObject& object, std::uint64_t begin) {
  if (object.state.type != Type::file) return 0;
  if (spool_.file < 0) {
    spool_.end = begin;
    return 0;
  }
  const auto [at, first] = contents_.try_emplace(object.digest, begin);
  if (!first) spool_.end = begin;
  return at->second;
}

void Collector::complete(const Ground& ground) {
  refuse_links_of_others(ground);
  add_ancestors(ground);
}

// Whoever may make names in a directory can have made one of a file that lies elsewhere, and is
// not to have that accepted, or read, as his.
void Collector::refuse_links_of_others(const Ground& ground) {
  const auto is_one = [&](const Taken& one) {
    const bool directory = one.object.state.type == Type::directory;
    if (directory || one.links < 2) return false;
    const Result<WayPtr> way = directory_of(ground.safe_open, names_of(one.object.path));
    if (way.ok() && may_add((*way)->control).empty()) return false;
    refuse(one.object.path, way.ok() ? "it has " + std::to_string(one.links) +
                                           " names, and others may make names where it lies"
                                     : message_of(way.error()));
    return true;
  };
  taken_.erase(std::remove_if(taken_.begin(), taken_.end(), is_one), taken_.end());
}

void Collector::add_ancestors(const Ground& ground) {
  std::set<std::string> missing;
  for (const Taken& one : taken_) {
    const std::string& path = one.object.path;
    for (std::size_t slash = path.rfind('/'); slash != 0; slash = path.rfind('/', slash - 1)) {
      if (!missing.insert(path.substr(0, slash)).second) break;
    }
  }
  for (const Taken& one : taken_) missing.erase(one.object.path);
  Observer observer(ground.system.kernel, ground.mounts, nullptr);
  for (const std::string& path : missing) add_ancestor(ground, observer, path);
}

void Collector::add_ancestor(const Ground& ground, Observer& observer, const std::string& path) {
  const Result<WayPtr> way = ground.safe_open.directory(names_of(path));
  if (!way.ok()) {
    refuse(path, message_of(way.error()));
  } else if ((*way)->present && path_of((*way)->names) == path) {
    visit((*way)->fd.get(), path, observer);
  }
}

void Collector::report_to(Collected& out) {
  std::sort(taken_.begin(), taken_.end(),
            [](const Taken& a, const Taken& b) { return a.object.path < b.object.path; });
  for (Taken& one : taken_) {
    auto& objects = out.taken.objects;
    if (!objects.empty() && objects.back().path == one.object.path) continue;
    if (one.stamp) out.stamped.push_back({one.object.path, *one.stamp, one.object.digest});
    objects.push_back(std::move(one.object));
    out.taken.contents.push_back(one.content);
  }
  out.not_taken = std::move(not_taken_);
}

// What could not be looked at, is missing or of another type could not be taken.
void take_unseen(std::vector<Finding>& findings, std::vector<NotTaken>& not_taken) {
  for (const Finding& finding : findings) {
    const bool missing = finding.aspect == Aspect::presence && finding.expected == "present";
    const bool other = finding.aspect == Aspect::type;
    const bool unfit = finding.aspect == Aspect::content && finding.status == Status::error;
    if (finding.aspect == Aspect::path || unfit) {
      not_taken.push_back({finding.object().text(), finding.message});
    } else if (missing || other) {
      not_taken.push_back(
          {finding.object().text(), missing ? "it is required, and not there"
                                            : "it is a " + std::string(name(finding.type))});
    }
  }
  findings.clear();
}

Result<Collected> collect_apart(const Policy& policy, const System& system, CheckOptions options,
                                std::uint64_t most_content, Spool& spool) {
  options.selected = pinning_rules(policy, options.selected);
  options.passes = false;
  options.jobs = 1;
  options.baseline = nullptr;
  Collector collector(system, options, most_content, spool);
  options.pinned = &collector;
  Collected out;
  TRY_ASSIGN(out.looked, survey(policy, system, options,
                                [&](const Ground& ground, CheckOutcome& /*found*/,
                                    std::vector<Finding>& /*gone*/) {
                                  collector.complete(ground);
                                  for (const Names& names : ground.scope) {
                                    out.scope.push_back(path_of(names));
                                  }
                                }));
  if (collector.broken()) return *collector.broken();
  collector.report_to(out);
  take_unseen(out.looked.findings, out.not_taken);
  std::sort(out.not_taken.begin(), out.not_taken.end(),
            [](const auto& a, const auto& b) { return a.path < b.path; });
  return out;
}

}  // namespace

Result<Collected> collect(const Policy& policy, const System& system, const CheckOptions& options,
                          std::uint64_t most_content, Spool& spool) {
  return in_a_thread_apart<Collected>(
      [&] { return collect_apart(policy, system, options, most_content, spool); });
}

std::vector<NotTaken> hidden_by_mounts(const std::vector<NotEntered>& mounts,
                                       const std::vector<SnapshotObject>& accepted,
                                       const std::vector<SnapshotObject>& taken) {
  std::vector<NotTaken> out;
  for (const NotEntered& mount : mounts) {
    const auto hidden = [&](const SnapshotObject& object) {
      return object.state.type != Type::directory && lies_at_or_below(object.path, mount.path) &&
             find_object(taken, object.path) == nullptr;
    };
    if (std::any_of(accepted.begin(), accepted.end(), hidden)) {
      out.push_back({mount.path, "a mount lies over what was accepted, and is not entered"});
    }
  }
  return out;
}

std::string why_not_taken(const Error& error) {
  if (error.number == EFBIG) return "it is larger than [store] max_file_size";
  if (error.kind == ErrorKind::not_found) return "it vanished while it was looked at";
  return message_of(error);
}

bool pins_anything(const Policy& policy) {
  return std::any_of(policy.rules.begin(), policy.rules.end(),
                     [](const Rule& rule) { return !rule.disabled && pins(rule); });
}

}  // namespace permward
