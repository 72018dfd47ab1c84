// SPDX-License-Identifier: Apache-2.0
//
// A new file or link that is to take a name, complete before anybody else can reach it. Layer `os`.
//
// Where nothing has the name it is made without one (O_TMPFILE), and gets it by linkat(2), which
// never replaces anything: on file systems on which it is whole then whenever the power is cut.
// Else it is made in a staging directory of the caller's own, 0700, beside the name, so on its file
// system, and is renamed, or takes the place by an exchange of names: in a directory that others
// may write to a name of its own could be exchanged before. What had the name is then in the
// staging directory, and removed once the disk knows of the new one.
//
// Its steps, in this order: `file` and `fill`, or `link`; for several of them at once `begin_sync`
// of each; `sync`; `take_place`; `sync_directory`; `settle`.
#pragma once

#include "base/fd.hpp"
#include "base/result.hpp"
#include "base/sha256.hpp"
#include "model/observation.hpp"
#include "os/kernel.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace permward {

// Bytes in a file of the caller's own.
struct Extent {
  int file = -1;
  std::uint64_t begin = 0;
  std::uint64_t size = 0;
};

// Whether what is made where nothing has the name gets it by linkat(2) in that directory, which may
// be append-only then: not on every file system. Any descriptor of it.
[[nodiscard]] bool makes_nameless(int directory);

// What has the name, and is no directory, as it was when a copy of it was kept.
struct ToReplace {
  int held = -1;  // any descriptor of it; below 0: nothing has the name
  FileTime modified;
  std::uint64_t size = 0;
};

class Candidate {
 public:
  enum class Place : unsigned char {
    free,
    free_and_staged,  // all the same: somebody is to look at it before it is there
    taken,
  };

  // `directory`, any descriptor of it, is where the name is or is to be; `scratch` a name in it
  // that nobody else uses, for the staging directory; `place`: whether something has the name. An
  // empty file of the caller's, 0600 and what the directory hands down; or a link. `kernel` must
  // outlive it. Errors: `changed` where the name `scratch` is taken, `denied`, `io`.
  [[nodiscard]] static Result<Candidate> file(const Kernel& kernel, int directory,
                                              std::string scratch, Place place);
  [[nodiscard]] static Result<Candidate> link(const Kernel& kernel, int directory,
                                              std::string scratch, const std::string& target);

  // As `discard`; of what is placed, as `settle`.
  ~Candidate();
  Candidate(Candidate&&) noexcept = default;
  Candidate& operator=(Candidate&&) = delete;

  [[nodiscard]] int get() const { return held_.get(); }
  // Of what `take_place` made of it.
  [[nodiscard]] Fd take() { return std::move(held_); }

  // All of its content; nobody has it open for writing afterwards, or it could not be executed.
  // Errors: `changed` where the bytes are not those of `digest`; those of pread(2) and write(2).
  Result<void> fill(const Extent& from, const Sha256::Digest& digest);
  // Of a file: the disk is given its content, and nobody waits (sync_file_range(2)). What fails is
  // told by `sync`.
  void begin_sync();
  // Of a file: its content and metadata are on the disk.
  Result<void> sync();

  // It has the name once this returns. Errors: `changed`: something else has it, or `old` was
  // written to meanwhile, and both are as before; `denied`, `io`.
  Result<void> take_place(const char* name, const ToReplace& old);
  [[nodiscard]] bool placed() const { return placed_; }

  // All names in the directory are on the disk, of whatever is placed there.
  [[nodiscard]] Result<void> sync_directory() const;

  // Of what is placed: the disk knows that it is not in the staging directory any more, and this is
  // removed with what was replaced; also after an error, that of fsync(2).
  Result<void> settle();

  // Of what is not placed: its staging directory is removed, and it takes no room any more, nor
  // descriptors.
  void discard();

  // Its name as long as it is staged, relative to `directory`; empty where it is not.
  [[nodiscard]] std::string staged_path() const;
  // Whether that name is still its own: whoever looked at it may have put another there.
  [[nodiscard]] bool has_staged_name() const;

  // Whether the name `scratch` may still be there: its directory could not be removed, or
  // `left_others` is in it.
  [[nodiscard]] bool left_scratch() const { return left_; }
  // What somebody else had put in the place, or written, meanwhile, and could not be put back: its
  // name, relative to `directory`. Empty: nothing.
  [[nodiscard]] const std::string& left_others() const { return left_others_; }

 private:
  Candidate(const Kernel& kernel, Fd directory, std::string scratch)
      : kernel_(&kernel), directory_(std::move(directory)), scratch_(std::move(scratch)) {}

  static Result<Candidate> in(const Kernel& kernel, int directory, std::string scratch);
  Result<void> stage();
  Result<void> give_name(const char* name);
  void clear_stage();
  void keep_stage();

  const Kernel* kernel_;
  Fd directory_;
  std::string scratch_;
  Fd stage_;  // the staging directory; none: there was no need of one
  Fd held_;
  const char* staged_ = nullptr;  // the name that it has there
  bool left_ = false;
  std::string left_others_;
  bool placed_ = false;
};

// Whether the name in `directory` is of what is made beside an object, and nobody else can have put
// anything into: a staging directory, or a link.
[[nodiscard]] bool may_be_scratch(int directory, const char* name);

// Whether there is another copy of what is held: of what was replaced, or was to be put there.
using HasCopy = std::function<bool(int held)>;

// Removes a staging directory of that name, and what is in it, that a killed process has left.
// False: there is nothing, or no staging directory. Errors: `changed`: it has what somebody else
// had put in the place, without another copy, which is left there; `denied`, `io`.
[[nodiscard]] Result<bool> remove_staging(const Kernel& kernel, int directory, const char* scratch,
                                          const HasCopy& has_copy);

}  // namespace permward
