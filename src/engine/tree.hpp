// SPDX-License-Identifier: Apache-2.0
//
// The directories that a sweep has met and not finished: a tree of nodes, a stack of those still to
// be opened, and a bounded number of descriptors. Layer `engine`; knows nothing of rules but the
// cursor that a directory carries.
#pragma once

#include "base/fd.hpp"
#include "base/result.hpp"
#include "decide/steps.hpp"
#include "model/observation.hpp"
#include "os/directory.hpp"
#include "os/observe.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

namespace permward {

struct Dir {
  Dir* up = nullptr;
  std::string name;
  std::uint32_t depth = 0;  // names in its path
  Cursor cursor;
  std::uint64_t inode = 0;  // as its parent lists it; 0: it is looked for by its name alone
  bool in_scope = true;
  Crossing crossing = Crossing::refused;  // allowed: a known mount point that is to be entered

  // Set by who opens it.
  Identity identity;
  Fd kept;  // while children wait to be opened, as far as the budget goes; of a file the file
  bool is_file = false;  // which `put_off` has put off

  std::atomic<std::uint32_t> references{
      0};  // itself until it is finished, its children, who stands in it
  std::atomic<std::uint32_t> unopened{0};  // children that wait
  // Entries that have another inode than they are listed with, and the same name: subvolumes, and
  // all of some overlays.
  std::atomic<std::uint32_t> other_inodes{0};
};

[[nodiscard]] std::string path_of(const Dir& dir);

// The one directory beyond the budget that a thread has open.
struct Standing {
  Dir* dir = nullptr;
  Fd fd;
};

class Tree {
 public:
  // `most_kept`: descriptors that waiting directories may keep between them.
  Tree(const Kernel& kernel, unsigned most_kept) : kernel_(kernel), most_kept_(most_kept) {}

  // A node, from the pool. Of the root `up` is null.
  [[nodiscard]] Dir* make(Dir* up);

  // Any thread. Hands directories over to whoever takes them; the last is taken first.
  void push(std::span<Dir* const> dirs);
  // Any thread. A file, held by `fd`, that takes long: it is handed to whoever has no directory to
  // take. False, and nothing is done, where too many descriptors are kept.
  [[nodiscard]] bool put_off(Dir* file, Fd& fd);
  // Any thread. Waits for a directory, or a file that was put off; null when there will be none any
  // more. Whoever takes one calls `done`.
  [[nodiscard]] Dir* take();
  void done(Dir* dir);
  // Makes every `take` return null. What was not taken stays unvisited.
  void stop();

  // A descriptor of `child.up`, which is lent until the next call for `standing`: the kept one, or
  // one found again from where the thread stands or from the nearest that is kept, each step
  // verified by identity. Errors: `changed` where the way there is no longer what it was; those of
  // opening.
  Result<int> parent_descriptor(const Dir& child, Standing& standing, Observer& observer);
  // What `make` made and nobody was handed.
  void give_back(Dir* dir) { unref(dir); }
  // `child` has been opened, or never will be.
  void opened(const Dir& child);
  // `dir` has `children` that wait; its descriptor is kept, or becomes the one the thread stands
  // in.
  void keep(Dir& dir, Fd fd, std::uint32_t children, Standing& standing);
  void leave(Standing& standing);

 private:
  void unref(Dir* dir);
  [[nodiscard]] bool something_waits() const { return !stack_.empty() || !files_.empty(); }
  Result<void> find_again(Dir& dir, Standing& standing, Observer& observer);
  Result<Fd> way_to(Dir& dir, Standing& old, Observer& observer);
  [[nodiscard]] Dir* nearest_kept(Dir& dir, Fd& copy);
  void stand(Standing& standing, Dir& dir, Fd fd);

  const Kernel& kernel_;
  const unsigned most_kept_;
  std::mutex mutex_;  // of all below, and of every Dir::kept that is given up
  std::condition_variable waiting_;
  std::vector<Dir*> stack_;
  std::vector<Dir*> files_;
  std::vector<std::unique_ptr<Dir>> all_;
  std::vector<Dir*> free_;
  unsigned kept_ = 0;
  unsigned busy_ = 0;
  bool stopped_ = false;
};

}  // namespace permward
