// SPDX-License-Identifier: Apache-2.0
// The tree that is measured: empty files of mode 0644 in directories of mode 0755, all of them the
// caller's; the same names for the same number of files. And room for what else is needed. All of
// it is removed at the end.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

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
  std::string log() const { return base_ + "/log"; }    // for what the programs say
  // Waits until what was changed is on the disk: syncfs(2).
  void sync() const;
  std::size_t files() const { return files_; }
  std::size_t directories() const { return places_.size(); }
  // The absolute path of a file, by its number below `files()`.
  std::string file(std::size_t number) const;

 private:
  // A directory, and the number of the first of its files.
  struct Place {
    std::string directory;  // absolute
    std::size_t first = 0;
  };

  void fill(int directory, const std::string& path, std::size_t files);

  std::string base_;
  std::size_t files_ = 0;
  std::vector<Place> places_;
};

}  // namespace permward::bench
