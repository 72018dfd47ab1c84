// SPDX-License-Identifier: Apache-2.0
#include "engine/suspects.hpp"

#include "decide/steps.hpp"
#include "engine/resolve.hpp"
#include "model/shared_path.hpp"

#include <algorithm>
#include <functional>
#include <optional>

namespace permward {
namespace {

bool to_correct(const Policy& policy, const Finding& finding) {
  return to_enforce(policy, finding) && corrigible(finding.aspect);
}

// That a directory which is there could not be listed: it is not listed again.
bool is_of_entries(const Finding& finding) {
  return finding.aspect == Aspect::path &&
         (finding.status == Status::error || finding.status == Status::refused);
}

// Paths, and where each of them stands among the suspects.
struct Group {
  std::vector<SharedPath> paths;
  std::vector<std::size_t> places;  // one a path, once they are added

  template <class Before>
  void add_to(std::vector<Suspect>& suspects, Before before);
  [[nodiscard]] std::optional<std::size_t> place_of(const SharedPath& path) const;
};

template <class Before>
void Group::add_to(std::vector<Suspect>& suspects, Before before) {
  std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  std::vector<std::pair<Suspect, std::size_t>> named;
  for (std::size_t i = 0; i < paths.size(); ++i) named.emplace_back(names_of(paths[i].text()), i);
  std::sort(named.begin(), named.end(), before);
  places.resize(paths.size());
  for (auto& [names, path] : named) {
    places[path] = suspects.size();
    suspects.push_back(std::move(names));
  }
}

std::optional<std::size_t> Group::place_of(const SharedPath& path) const {
  const auto at = std::lower_bound(paths.begin(), paths.end(), path);
  if (at == paths.end() || !(*at == path)) return std::nullopt;
  return places[static_cast<std::size_t>(at - paths.begin())];
}

}  // namespace

// Whether some action can bring that into policy.
bool corrigible(Aspect aspect) {
  switch (aspect) {
    case Aspect::owner:
    case Aspect::group:
    case Aspect::mode:
    case Aspect::acl:
    case Aspect::default_acl:
    case Aspect::attributes:
    case Aspect::capabilities:
    case Aspect::target:
      return true;
    default:
      return false;
  }
}

bool to_enforce(const Policy& policy, const Finding& finding) {
  return finding.status == Status::violation && policy.rules[finding.rule].enforce;
}

// A required object that is gone, and may be made.
bool to_create(const Policy& policy, const Finding& finding) {
  return finding.aspect == Aspect::presence && finding.type == Type::absent &&
         to_enforce(policy, finding) && policy.rules[finding.rule].create_missing;
}

void refuse_unsafe(Finding& finding) {
  if (finding.status == Status::error && finding.unsafe) finding.status = Status::refused;
}

Suspects suspects_among(const Policy& policy, const std::vector<Finding>& findings) {
  Group missing;
  Group objects;
  for (const Finding& finding : findings) {
    if (to_create(policy, finding)) missing.paths.push_back(finding.object());
    if (to_correct(policy, finding)) objects.paths.push_back(finding.object());
  }
  Suspects out;
  missing.add_to(out.objects, std::less<>());
  objects.add_to(out.objects, std::greater<>());
  for (std::size_t i = 0; i < findings.size(); ++i) {
    if (is_of_entries(findings[i])) continue;
    auto object = missing.place_of(findings[i].object());
    if (!object) object = objects.place_of(findings[i].object());
    if (object) out.told.push_back({*object, i});
  }
  std::sort(out.told.begin(), out.told.end());
  return out;
}

// What was found of that one is what it was: it is looked at again.
void ToldFindings::outdate(std::size_t suspect) {
  for (; looked_at_ < told_.size() && told_[looked_at_].object <= suspect; ++looked_at_) {
    outdated_.push_back(told_[looked_at_].finding);
  }
}

// A tree may be out of policy as a whole: what is found anew takes no further room.
void ToldFindings::tell(Finding finding) {
  if (outdated_.empty()) return findings_.push_back(std::move(finding));
  findings_[outdated_.back()] = std::move(finding);
  outdated_.pop_back();
}

void ToldFindings::drop_outdated() {
  std::sort(outdated_.begin(), outdated_.end(), std::greater<>());
  for (const std::size_t index : outdated_) {
    if (index + 1 != findings_.size()) findings_[index] = std::move(findings_.back());
    findings_.pop_back();
  }
  outdated_.clear();
}

}  // namespace permward
