// SPDX-License-Identifier: Apache-2.0
//
// One thread of a sweep: takes directories from the tree, looks at what is in them, hands
// subdirectories back. Layer `engine`.
//
// A directory that is entered is observed through the descriptor that lists it. An entry is first
// read by name, which may only acquit, and only where one call is enough or nobody but root may
// rename in the directory: two calls by name may see two objects. Everything else is held by a
// descriptor, observed anew and compared as one object.
#pragma once

#include "base/fd.hpp"
#include "base/result.hpp"
#include "decide/steps.hpp"
#include "engine/check.hpp"
#include "engine/examine.hpp"
#include "engine/judge.hpp"
#include "engine/sweep.hpp"
#include "engine/tree.hpp"
#include "engine/unseen.hpp"
#include "os/directory.hpp"
#include "os/kernel.hpp"
#include "os/observe.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace permward {

class Worker {
 public:
  // All must outlive it. `steps_bytes`: the budget of this thread's `Steps`.
  Worker(const Machine& machine, const Kernel& kernel, const Mounts& mounts, NameService& names,
         Tree& tree, const CheckOptions& options, std::size_t steps_bytes);

  // In a thread that has a working directory of its own where the kernel needs one
  // (`Kernel::xattr_of`). `root` is used by whoever takes the root.
  void run(Fd& root);

  // After `run`; what was found goes over.
  void report_to(SweepOutcome& out);

 private:
  // The directory whose entries are looked at.
  struct Here {
    Dir* dir = nullptr;
    int fd = -1;
    Steps::Place place;
    bool root_alone = false;  // nobody else may rename in it
    Judge::Itself itself = Judge::Itself::no_object;
    Whereabouts moved = 0;  // of `Observer::by_name`, for `fd`
  };

  // An entry that was listed, and whose name was another's, or nobody's, when it was looked at.
  struct Moved {
    std::uint64_t inode = 0;
    std::optional<Type> type;
    std::string listed_as;
    std::string name;                // the last one known
    std::uint64_t seen_instead = 0;  // the inode; 0: none
    unsigned stayed = 0;             // how often it had `name` all the same
  };

  bool goes_on();
  void visit(Dir& dir);
  // False, and nothing is done, where `expected` and it is another one than its parent listed.
  bool visit_open(Dir& dir, Fd fd, bool listable, bool expected = false);
  bool open_and_visit(Dir& dir, int parent, bool expected);
  bool follow_directory(Dir& dir, int parent);
  void visit_held(Dir& dir, Fd held);
  bool put_off(const Here& here, const char* name, Steps::Place place, bool in_scope, Fd& held);
  void visit_file(const Dir& file);
  void not_opened(Dir& dir, int parent, const Error& error);
  void visit_named(Here& here);
  void list(Here& here);
  void note_moved(const DirectoryEntry& entry);
  void look_at_moved(Here& here);
  bool look_again(Here& here, Moved& moved, const InodeNames& names);
  bool goes_elsewhere(Moved& moved, const InodeNames& names, Dir& listed_in);
  void cannot_list(const Here& here, int number);

  // `inode`: as it is listed; 0: a rule names it.
  // False, and nothing is done, where the name is another's by now, or nobody's.
  bool look(Here& here, const char* name, Steps::Place place, std::optional<Type> type,
            std::uint64_t inode);
  void descend(const Here& here, const char* name, Steps::Place place, bool in_scope,
               std::uint64_t inode);
  // Where `here` is given, a file that takes long may be put off.
  Fd examine(int directory, const char* name, Steps::Place place, bool in_scope,
             const MakePath& path, std::uint64_t inode, const Dir& listed_in, bool& another,
             const Here* here = nullptr);
  void judge_held(int held, Steps::Place place, bool in_scope, const MakePath& path,
                  Observed& observed);
  [[nodiscard]] bool is_another(const Result<void>& seen, const Observed& observed,
                                std::uint64_t inode, const Dir& listed_in);
  [[nodiscard]] Steps::Place step_to(const Here& here, const DirectoryEntry& entry, bool& stopped);
  bool hand_over(int held, Steps::Place place, Type type, const MakePath& path);
  void note_met(const Observed& observed);
  Judge::Itself compare(Steps::Place place, const Observed& observed, const MakePath& path);
  [[nodiscard]] bool leads_down(Steps::Place place, bool in_scope) const;
  void note_not_entered(const Here& here, const Node& node);

  const Machine& machine_;
  const Kernel& kernel_;
  Tree& tree_;
  const CheckOptions& options_;
  Steps steps_;
  Observer observer_;
  Reader reader_;
  Judge judge_;
  Unseen unseen_;
  Standing standing_;
  std::unique_ptr<std::byte[]> listing_;
  std::vector<Dir*> children_;  // of the directory in hand, to be opened
  std::vector<NotEntered> not_entered_;
  std::uint64_t reported_ = 0;
  std::vector<Moved> moved_;      // of the directory in hand
  std::uint64_t seen_inode_ = 0;  // of what was there instead of what was listed; 0: nothing
  std::vector<bool> met_;         // one an object of the baseline
  bool interrupted_ = false;
};

}  // namespace permward
