// SPDX-License-Identifier: Apache-2.0
#include "bench/content.hpp"

#include "base/sha256.hpp"
#include "bench/stopped.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace permward::bench {
namespace {

constexpr std::size_t block_size = 64 * 1024;
constexpr std::size_t files_a_directory = 100;

// splitmix64: Steele, Lea and Flood, Fast splittable pseudorandom number generators, 2014.
std::uint64_t next(std::uint64_t& state) {
  std::uint64_t value = (state += 0x9e3779b97f4a7c15);
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

void fill(std::string& block, std::uint64_t& state) {
  for (std::size_t at = 0; at < block.size(); at += sizeof state) {
    const std::uint64_t value = next(state);
    std::memcpy(block.data() + at, &value, sizeof value);
  }
}

// Returns the digest.
std::string make_file(const std::string& path, std::size_t size) {
  std::ofstream out(path, std::ios::binary);
  Sha256 sum;
  std::string block(block_size, '\0');
  std::uint64_t state = size;
  for (std::size_t left = size; left > 0; left -= block.size()) {
    check_stopped();
    block.resize(std::min(left, block_size));
    fill(block, state);
    sum.add(block);
    out.write(block.data(), static_cast<std::streamsize>(block.size()));
  }
  if (!out.flush()) throw std::runtime_error("cannot write " + path);
  return hex(sum.digest());
}

}  // namespace

Content make_content(const std::string& directory, std::size_t count, std::size_t size) {
  Content out{.directory = directory, .bytes = count * size};
  for (std::size_t i = 0; i < count; ++i) {
    const std::string subdirectory = directory + '/' + std::to_string(i / files_a_directory);
    std::filesystem::create_directories(subdirectory);
    out.files.push_back(subdirectory + '/' + std::to_string(i));
    out.sha256 = make_file(out.files.back(), size);
  }
  return out;
}

}  // namespace permward::bench
