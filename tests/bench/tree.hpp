// SPDX-License-Identifier: Apache-2.0
// The tree that is measured: empty files of mode 0644 in directories of mode 0755, all of them the
// caller's, removed at the end.
#pragma once

#include <cstddef>
#include <string>

namespace permward::bench {

class Tree {
 public:
  // `files` files below a new directory in `parent`, 20 in each directory, and no more than 16
  // directories in one. Throws std::system_error, or what `check_stopped` throws.
  Tree(const std::string& parent, std::size_t files);
  ~Tree();
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;

  const std::string& base() const { return base_; }     // mode 0700: room for other files
  std::string root() const { return base_ + "/tree"; }  // where the files begin
  // Waits until what was changed is on the disk: syncfs(2).
  void sync() const;
  std::size_t files() const { return files_; }
  std::size_t directories() const { return directories_; }

 private:
  void fill(int directory, std::size_t files);

  std::string base_;
  std::size_t files_ = 0;
  std::size_t directories_ = 0;
};

}  // namespace permward::bench
