// SPDX-License-Identifier: Apache-2.0
#include "bench/floor.hpp"

#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstddef>
#include <cstring>
#include <dirent.h>
#include <exception>
#include <fcntl.h>
#include <mutex>
#include <sched.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <vector>

namespace permward::bench {
namespace {

constexpr const char* access_acl = "system.posix_acl_access";

[[noreturn]] void fail(const char* doing) {
  throw std::system_error(errno, std::generic_category(), doing);
}

// getxattrat(2), from Linux 6.13: in no header of Debian 12.
constexpr long getxattrat_number = 464;
struct XattrArguments {
  std::uint64_t value;
  std::uint32_t size;
  std::uint32_t flags;
};

ssize_t getxattrat(int directory, const char* name, void* value, std::uint32_t size) {
  XattrArguments arguments{reinterpret_cast<std::uint64_t>(value), size, 0};
  return syscall(getxattrat_number, directory, name, AT_SYMLINK_NOFOLLOW, access_acl, &arguments,
                 sizeof arguments);
}

bool have_getxattrat() {
  char value = 0;
  return getxattrat(AT_FDCWD, "/", &value, 0) >= 0 || errno != ENOSYS;
}

// Open directories that nobody has listed yet, the last first.
class Queue {
 public:
  void push(int directory) {
    {
      const std::lock_guard lock(mutex_);
      directories_.push_back(directory);
      ++unfinished_;
    }
    changed_.notify_one();
  }

  // False when all is done, or somebody failed.
  bool pop(int& directory) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !directories_.empty() || unfinished_ == 0 || failure_; });
    if (directories_.empty() || failure_) return false;
    directory = directories_.back();
    directories_.pop_back();
    return true;
  }

  void finished() {
    const std::lock_guard lock(mutex_);
    if (--unfinished_ == 0) changed_.notify_all();
  }

  void failed(std::exception_ptr failure) {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::move(failure);
    changed_.notify_all();
  }

  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<int> directories_;
  std::size_t unfinished_ = 0;
  std::exception_ptr failure_;
};

// One thread: its buffers, and what it has counted.
class Worker {
 public:
  Worker(Queue& queue, Reads reads, const Wanted* wanted = nullptr)
      : queue_(queue), acl_(reads == Reads::status_and_acl), wanted_(wanted) {
    at_ = !acl_ || have_getxattrat();
    // Older kernels read the ACL by name in the thread's own working directory.
    if (!at_ && unshare(CLONE_FS) != 0) fail("unshare");
  }

  std::uint64_t run() {
    for (int directory = -1; queue_.pop(directory); queue_.finished()) {
      if (!at_ && fchdir(directory) != 0) fail("fchdir");
      list(directory);
      close(directory);
    }
    return objects_;
  }

  [[nodiscard]] std::uint64_t corrected() const { return corrected_; }

 private:
  void list(int directory) {
    while (true) {
      const long size = syscall(SYS_getdents64, directory, buffer_.data(), buffer_.size());
      if (size < 0) fail("getdents64");
      if (size == 0) return;
      for (long offset = 0; offset < size;) {
        // The kernel aligns its records within the buffer, which is aligned itself.
        const char* record = buffer_.data() + offset;
        unsigned short length = 0;
        std::memcpy(&length, record + offsetof(dirent64, d_reclen), sizeof length);
        const char* name = record + offsetof(dirent64, d_name);
        const auto type = static_cast<unsigned char>(record[offsetof(dirent64, d_type)]);
        if (std::strcmp(name, ".") != 0 && std::strcmp(name, "..") != 0) {
          look(directory, name, type);
        }
        offset += length;
      }
    }
  }

  void look(int directory, const char* name, unsigned char type) {
    struct statx status {};
    if (statx(directory, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT,
              STATX_TYPE | STATX_MODE | STATX_UID | STATX_GID | STATX_NLINK, &status) != 0) {
      fail("statx");
    }
    ++objects_;
    if (acl_) {
      const ssize_t size = at_ ? getxattrat(directory, name, value_.data(),
                                            static_cast<std::uint32_t>(value_.size()))
                               : lgetxattr(name, access_acl, value_.data(), value_.size());
      if (size < 0 && errno != ENODATA && errno != ENOTSUP) fail("getxattr");
    }
    if (wanted_ != nullptr && S_ISREG(status.stx_mode)) correct_file(directory, name, status);
    if (type == DT_DIR || (type == DT_UNKNOWN && S_ISDIR(status.stx_mode))) {
      const int child = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
      if (child < 0) fail("open");
      queue_.push(child);
    }
  }

  void correct_file(int directory, const char* name, const struct statx& status) {
    const bool owned = status.stx_uid == wanted_->owner && status.stx_gid == wanted_->group;
    if (owned && (status.stx_mode & 07777) == wanted_->mode) return;
    if (fchownat(directory, name, wanted_->owner, wanted_->group, AT_SYMLINK_NOFOLLOW) != 0) {
      fail("chown");
    }
    if (fchmodat(directory, name, wanted_->mode, 0) != 0) fail("chmod");
    ++corrected_;
  }

  Queue& queue_;
  bool acl_;
  const Wanted* wanted_;
  bool at_ = false;
  std::uint64_t objects_ = 0;
  std::uint64_t corrected_ = 0;
  alignas(dirent64) std::array<char, 32768> buffer_{};
  std::array<char, 256> value_{};
};

void begin(Queue& queue, const std::string& top) {
  const int directory = open(top.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) fail("open");
  queue.push(directory);
}

}  // namespace

std::uint64_t walk(const std::string& top, unsigned threads, Reads reads) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);

  Queue queue;
  begin(queue, top);

  std::vector<std::uint64_t> counts(threads, 0);
  std::vector<std::thread> workers;
  for (std::uint64_t& count : counts) {
    workers.emplace_back([&queue, reads, &count] {
      try {
        count = Worker(queue, reads).run();
      } catch (...) {
        queue.failed(std::current_exception());
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  queue.rethrow();
  std::uint64_t objects = 1;
  for (const std::uint64_t count : counts) objects += count;
  return objects;
}

std::uint64_t correct(const std::string& top, const Wanted& wanted) {
  Queue queue;
  begin(queue, top);
  Worker worker(queue, Reads::status, &wanted);
  worker.run();
  return worker.corrected();
}

}  // namespace permward::bench
