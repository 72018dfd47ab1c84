// SPDX-License-Identifier: Apache-2.0
#include "engine/tree.hpp"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <fcntl.h>
#include <utility>

namespace permward {
namespace {

Dir* common_ancestor(Dir* a, Dir* b) {
  while (a != b) (a->depth >= b->depth ? a : b) = (a->depth >= b->depth ? a : b)->up;
  return a;
}

Result<void> verify(const Dir& dir, int fd, Observer& observer) {
  Observed observed;
  TRY(observer.of(fd, FacetSet{}, observed));
  if (observed.identity == dir.identity) return {};
  return Error{ErrorKind::changed, "find again", path_of(dir), 0};
}

}  // namespace

std::string path_of(const Dir& dir) {
  std::vector<const Dir*> chain;
  for (const Dir* at = &dir; at->up != nullptr; at = at->up) chain.push_back(at);
  if (chain.empty()) return "/";
  std::string path;
  for (auto it = chain.rbegin(); it != chain.rend(); ++it) path.append("/").append((*it)->name);
  return path;
}

Dir* Tree::make(Dir* up) {
  Dir* dir = nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (free_.empty()) {
      all_.push_back(std::make_unique<Dir>());
      dir = all_.back().get();
    } else {
      dir = free_.back();
      free_.pop_back();
    }
  }
  dir->up = up;
  dir->depth = up == nullptr ? 0 : up->depth + 1;
  dir->in_scope = true;
  dir->crossing = Crossing::refused;
  dir->inode = 0;
  dir->is_file = false;
  dir->other_inodes = 0;
  dir->references = 1;
  dir->unopened = 0;
  if (up != nullptr) ++up->references;
  return dir;
}

void Tree::push(std::span<Dir* const> dirs) {
  const std::lock_guard lock(mutex_);
  stack_.insert(stack_.end(), dirs.begin(), dirs.end());
  if (dirs.size() == 1) {
    waiting_.notify_one();
  } else {
    waiting_.notify_all();
  }
}

bool Tree::put_off(Dir* file, Fd& fd) {
  const std::lock_guard lock(mutex_);
  // Directories need the rest: of them there may be any number.
  if (kept_ >= most_kept_ / 2) return false;
  ++kept_;
  file->kept = std::move(fd);
  file->is_file = true;
  files_.push_back(file);
  waiting_.notify_one();
  return true;
}

Dir* Tree::take() {
  std::unique_lock lock(mutex_);
  waiting_.wait(lock, [this] { return stopped_ || something_waits() || busy_ == 0; });
  if (stopped_ || !something_waits()) return nullptr;
  std::vector<Dir*>& from = stack_.empty() ? files_ : stack_;
  Dir* const dir = from.back();
  from.pop_back();
  ++busy_;
  return dir;
}

void Tree::done(Dir* dir) {
  unref(dir);
  const std::lock_guard lock(mutex_);
  if (--busy_ == 0 && !something_waits()) waiting_.notify_all();
}

void Tree::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  waiting_.notify_all();
}

// A node goes when nothing below it is left, and its parent perhaps with it.
void Tree::unref(Dir* dir) {
  while (dir != nullptr && --dir->references == 0) {
    Dir* const up = dir->up;
    dir->cursor = {};
    const std::lock_guard lock(mutex_);
    if (dir->kept) --kept_;
    dir->kept.reset();
    free_.push_back(dir);
    dir = up;
  }
}

void Tree::opened(const Dir& child) {
  Dir* const up = child.up;
  if (up == nullptr || --up->unopened != 0) return;
  const std::lock_guard lock(mutex_);
  // The root stays: from it everything can be found again.
  if (!up->kept || up->up == nullptr) return;
  up->kept.reset();
  --kept_;
}

void Tree::keep(Dir& dir, Fd fd, std::uint32_t children, Standing& standing) {
  dir.unopened = children;
  {
    const std::lock_guard lock(mutex_);
    if (kept_ < most_kept_) {
      ++kept_;
      dir.kept = std::move(fd);
      return;
    }
  }
  stand(standing, dir, std::move(fd));
}

void Tree::stand(Standing& standing, Dir& dir, Fd fd) {
  ++dir.references;
  leave(standing);
  standing.dir = &dir;
  standing.fd = std::move(fd);
}

void Tree::leave(Standing& standing) {
  standing.fd.reset();
  if (standing.dir != nullptr) unref(standing.dir);
  standing.dir = nullptr;
}

Result<int> Tree::parent_descriptor(const Dir& child, Standing& standing, Observer& observer) {
  Dir& up = *child.up;
  // Kept until the last child is opened, of which this is one: nobody closes it meanwhile.
  if (up.kept) return up.kept.get();
  if (standing.dir != &up) TRY(find_again(up, standing, observer));
  return standing.fd.get();
}

// A copy, since the directory's last child may be opened, and the descriptor closed, at any time.
Dir* Tree::nearest_kept(Dir& dir, Fd& copy) {
  const std::lock_guard lock(mutex_);
  for (Dir* at = &dir; at != nullptr; at = at->up) {
    if (!at->kept) continue;
    copy.reset(::fcntl(at->kept.get(), F_DUPFD_CLOEXEC, 0));
    return at;
  }
  return nullptr;
}

Result<void> Tree::find_again(Dir& dir, Standing& standing, Observer& observer) {
  Standing old = std::exchange(standing, {});
  Result<Fd> found = way_to(dir, old, observer);
  // Whoever moves the directory that the thread stood in is not to hide others by it.
  if (Standing nowhere; !found.ok() && old.dir != nullptr) found = way_to(dir, nowhere, observer);
  leave(old);
  if (!found.ok()) return std::move(found).error();
  stand(standing, dir, std::move(*found));
  return {};
}

// From where the thread stood, or from the nearest directory that is kept, whichever is nearer: up
// to where the two ways meet, and down.
Result<Fd> Tree::way_to(Dir& dir, Standing& old, Observer& observer) {
  Fd at;
  Dir* from = nearest_kept(dir, at);
  Dir* meet = from;
  if (old.dir != nullptr) {
    Dir* const common = common_ancestor(old.dir, &dir);
    const std::uint32_t through = old.dir->depth - common->depth + dir.depth - common->depth;
    if (from == nullptr || through < dir.depth - from->depth) {
      at = std::move(old.fd);
      from = old.dir;
      meet = common;
    }
  }
  if (!at) return system_error(EMFILE, "find again", path_of(dir));
  for (const Dir* up = from; up != meet; up = up->up) {
    at.reset(::openat(at.get(), "..", O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!at) return system_error(errno, "find again", path_of(*up->up));
    TRY(verify(*up->up, at.get(), observer));
  }
  std::vector<const Dir*> down;
  for (const Dir* step = &dir; step != meet; step = step->up) down.push_back(step);
  for (auto it = down.rbegin(); it != down.rend(); ++it) {
    TRY_ASSIGN(at,
               open_directory_to_search(kernel_, at.get(), (*it)->name.c_str(), Crossing::allowed));
    TRY(verify(**it, at.get(), observer));
  }
  return at;
}

}  // namespace permward
