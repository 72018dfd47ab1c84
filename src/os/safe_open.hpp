// SPDX-License-Identifier: Apache-2.0
//
// From a path of the policy to the directory that it means, in a tree where others may rename,
// replace and link. Layer `os`; the only place that follows links.
//
// Every component is opened from the descriptor of the one before (O_PATH | O_NOFOLLOW) and judged
// on its own descriptor. A link is followed only if root owns it and nobody but root may remove it
// from the directory that holds it, or have put it there by a hard link; everything else is refused
// as `insecure_path`. What others control without a link is no reason to refuse here: what a path
// leads to through real directories is what it names. path_resolution(7), openat(2), CVE-2018-6954,
// CVE-2019-3690.
#pragma once

#include "base/fd.hpp"
#include "base/result.hpp"
#include "model/control.hpp"
#include "model/observation.hpp"
#include "os/kernel.hpp"
#include "os/observe.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace permward {

// So many links are followed on the way of one path: path_resolution(7).
inline constexpr int most_links = 40;

// A directory on the way, or the place where one would be.
struct Way {
  std::vector<std::string> names;  // after links; below an absent directory as they were asked
  bool present = false;
  Fd fd;               // O_PATH, of a present one
  Identity identity;   // of a present one
  ControlPtr control;  // who else controls it; of a present one
  AttributeSet bars;   // immutable, append-only: of a present one
};

using WayPtr = std::shared_ptr<Way>;

// Resolves the directories of many paths; those that begin alike are resolved once, if they are
// asked for one after the other. Not for several threads at once.
class SafeOpen {
 public:
  // `root`: a descriptor of the directory that is `/`. All must outlive it.
  SafeOpen(const Kernel& kernel, Observer& observer, int root);

  // The directory at `names` below the root. An absent component, and one that is neither directory
  // nor link, makes all below it absent, which is no error. The descriptor is there until the next
  // call. Errors: `insecure_path` (a link that is not to be trusted, or too many of them),
  // `denied`, `io`; the subject is the component's path.
  Result<WayPtr> directory(std::span<const std::string> names);

  // After `directory` could not resolve a beginning of `names`: where those before the component
  // that failed lead, and the rest as it was asked.
  [[nodiscard]] std::vector<std::string> reached(std::span<const std::string> names) const;

  // Lets go of all descriptors. What is asked for afterwards is resolved from the root.
  void rest() { levels_.clear(); }

  [[nodiscard]] const Kernel& kernel() const { return kernel_; }

  // Where the link `name`, the last component of a path, leads: followed once, links among the
  // directories of its text as everywhere. What is there may be absent, or a link again. Nothing
  // where `name` is no link. It must be root's, in a directory that only root controls. Errors as
  // above.
  Result<std::optional<std::vector<std::string>>> follow_last(const WayPtr& way,
                                                              const std::string& name);

 private:
  struct Level {
    std::string name;  // as it was asked
    WayPtr way;
  };

  Result<WayPtr> root_way();
  Result<WayPtr> step(const WayPtr& above, const std::string& name, int& links_left);
  Result<WayPtr> enter(const Way& above, const std::string& name, Fd fd);
  Result<WayPtr> follow(const WayPtr& above, const std::string& name, int link, int& links_left);
  Result<WayPtr> parent_of(const Way& way, int& links_left);
  // Everything of a link's text but its last component, from where the text begins.
  Result<WayPtr> walk(WayPtr at, std::span<const std::string> components, int& links_left);

  const Kernel& kernel_;
  Observer& observer_;
  int root_;
  std::vector<Level>
      levels_;  // the way of the last call; beyond a depth only the last keeps its descriptor
};

// The path of some names, "/" for none; and the names of a path, whatever slashes stand between.
[[nodiscard]] std::string path_of(std::span<const std::string> names);
[[nodiscard]] std::vector<std::string> names_of(std::string_view path);

}  // namespace permward
