// SPDX-License-Identifier: Apache-2.0
#include "bench/hash_floor.hpp"

#include "base/fd.hpp"
#include "base/sha256.hpp"

#include <atomic>
#include <cerrno>
#include <exception>
#include <fcntl.h>
#include <fstream>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <vector>

namespace permward::bench {
namespace {

constexpr std::size_t buffer_size = 128 * 1024;

[[noreturn]] void fail(const std::string& doing) {
  throw std::system_error(errno, std::generic_category(), doing);
}

std::uint64_t hash(const std::string& path, std::vector<char>& buffer) {
  const Fd file(open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!file) fail("open " + path);
  Sha256 sum;
  std::uint64_t bytes = 0;
  while (true) {
    const ssize_t size = read(file.get(), buffer.data(), buffer.size());
    if (size < 0) fail("read " + path);
    if (size == 0) break;
    sum.add({buffer.data(), static_cast<std::size_t>(size)});
    bytes += static_cast<std::uint64_t>(size);
  }
  static_cast<void>(sum.digest());
  return bytes;
}

std::vector<std::string> lines(const std::string& list) {
  std::ifstream in(list);
  if (!in) fail("open " + list);
  std::vector<std::string> out;
  for (std::string path; std::getline(in, path);) out.push_back(path);
  return out;
}

}  // namespace

std::uint64_t hash_each(const std::string& list, unsigned threads) {
  const std::vector<std::string> paths = lines(list);
  std::atomic<std::size_t> next = 0;
  std::atomic<std::uint64_t> bytes = 0;
  std::vector<std::exception_ptr> failures(threads);
  std::vector<std::thread> workers;
  for (std::exception_ptr& failure : failures) {
    workers.emplace_back([&] {
      try {
        std::vector<char> buffer(buffer_size);
        for (std::size_t i = next++; i < paths.size(); i = next++) bytes += hash(paths[i], buffer);
      } catch (...) {
        failure = std::current_exception();
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  for (const std::exception_ptr& failure : failures) {
    if (failure) std::rethrow_exception(failure);
  }
  return bytes;
}

}  // namespace permward::bench
