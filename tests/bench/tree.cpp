// SPDX-License-Identifier: Apache-2.0
#include "bench/tree.hpp"

#include "base/fd.hpp"
#include "bench/stopped.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <iterator>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace permward::bench {
namespace {

constexpr std::size_t files_a_directory = 20;
constexpr std::size_t fan_out = 16;

int require(int result, const std::string& doing) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), doing);
  return result;
}

std::string file_name(std::size_t number) { return "file-" + std::to_string(number) + ".conf"; }

void remove_tree(const std::string& path) {
  std::error_code ignored;
  std::filesystem::remove_all(path, ignored);
}

}  // namespace

Tree::Tree(const std::string& parent, std::size_t files) {
  base_ = std::filesystem::canonical(parent).string() + "/permward-bench-XXXXXX";
  if (mkdtemp(base_.data()) == nullptr) require(-1, "mkdtemp " + base_);
  umask(022);
  try {
    require(mkdir(root().c_str(), 0755), "mkdir " + root());
    const int top = require(open(root().c_str(), O_DIRECTORY | O_CLOEXEC), "open " + root());
    fill(top, root(), files);
  } catch (...) {
    remove_tree(base_);
    throw;
  }
}

Tree::~Tree() { remove_tree(base_); }

void Tree::sync() const {
  const int top = require(open(root().c_str(), O_DIRECTORY | O_CLOEXEC), "open " + root());
  const int done = syncfs(top);
  close(top);
  require(done, "syncfs " + root());
}

std::string Tree::file(std::size_t number) const {
  const auto after =
      std::upper_bound(places_.begin(), places_.end(), number,
                       [](std::size_t wanted, const Place& place) { return wanted < place.first; });
  const Place& place = *std::prev(after);
  return place.directory + '/' + file_name(number - place.first);
}

// Takes the descriptor. What does not fit here is shared out among subdirectories.
void Tree::fill(int directory, const std::string& path, std::size_t files) {
  const Fd held(directory);
  check_stopped();
  places_.push_back({path, files_});
  const std::size_t here = std::min(files, files_a_directory);
  for (std::size_t i = 0; i < here; ++i) {
    const std::string name = file_name(i);
    close(require(openat(directory, name.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644),
                  "create " + name));
  }
  files_ += here;

  std::size_t left = files - here;
  const std::size_t wanted = (left + files_a_directory - 1) / files_a_directory;
  const std::size_t subdirectories = std::min(wanted, fan_out);
  for (std::size_t i = 0; i < subdirectories; ++i) {
    const std::string name = "directory-" + std::to_string(i);
    require(mkdirat(directory, name.c_str(), 0755), "mkdir " + name);
    const std::size_t share = left / (subdirectories - i);
    left -= share;
    fill(require(openat(directory, name.c_str(), O_DIRECTORY | O_CLOEXEC), "open " + name),
         path + '/' + name, share);
  }
}

}  // namespace permward::bench
