// SPDX-License-Identifier: Apache-2.0
//
// Files that reports are written to. Layer `os`; knows nothing of what is in them.
#pragma once

#include "base/fd.hpp"
#include "base/result.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace permward {

// A file that takes the place of the one before it only when it is whole: written under a random
// name in the same directory, mode 0600, synced, renamed, and the directory synced. Until `commit`
// nothing of it is to be seen under its name; without `commit` nothing is left of it.
//
// A FIFO, a device or a terminal is written into, since it cannot be replaced. A symlink is
// replaced, whatever it leads to. `-`, /dev/stdout, /dev/stderr and /dev/fd/N are the descriptors
// that they name.
class ReportFile {
 public:
  // `path` is relative to the working directory. Nothing is created yet, so that a run that looks
  // at the directory does not see its own report; what can be known to fail fails now.
  // Errors: not_found, denied, io (a directory lies there); insecure_path where a FIFO lies there
  // that is neither root's nor the caller's.
  [[nodiscard]] static Result<ReportFile> open(const std::string& path);

  ReportFile(ReportFile&& other) noexcept;
  ReportFile& operator=(ReportFile&&) = delete;
  ~ReportFile();

  // Whether it will stand where `other` will: one name in one directory, however they are written.
  // Not of what is written into as it is.
  [[nodiscard]] bool takes_place_of(const ReportFile& other) const;

  // Buffered. A failure is kept for `commit`, and what follows it is dropped.
  void write(std::string_view bytes);

  // Forgets what was written, so that another report can take its place. False where some of it is
  // already in what cannot be replaced; then nothing more is to be written.
  [[nodiscard]] bool begin_again();

  // Writes what is left and puts the file in its place. Call once, and nothing afterwards. On an
  // error the file before it is as it was, and the temporary one is gone.
  [[nodiscard]] Result<void> commit();

 private:
  ReportFile(std::string path, Fd directory, std::string name);

  void start();
  void flush();
  void fail(int number, const char* doing);
  void discard();
  Result<void> put_in_place();

  std::string path_;       // as it was named, for errors
  Fd directory_;           // none: written into as it is
  std::string name_;       // in `directory_`
  std::string temporary_;  // in `directory_`; empty while there is none
  Fd file_;
  bool begun_ = false;  // something is in `file_`
  std::string buffer_;
  std::unique_ptr<Error> error_;
};

}  // namespace permward
