// SPDX-License-Identifier: Apache-2.0
// To be preloaded (ld.so(8)): one of the calls that the program and its libraries make fails, or
// all from one on. PERMWARD_FAILING=CALL NUMBER ERRNO once|always FILE, where CALL is malloc,
// openat or read, and FILE has 4 bytes of zeros: they come to be the number of those calls, of all
// threads and processes, from umask(2) on, which is called when main() begins.
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

extern "C" {
void* __libc_malloc(std::size_t size);                     // NOLINT: the names are glibc's
void* __libc_calloc(std::size_t count, std::size_t size);  // NOLINT
void* __libc_realloc(void* memory, std::size_t size);      // NOLINT
}

namespace {

using Openat = int (*)(int, const char*, int, ...);
using Reading = ssize_t (*)(int, void*, std::size_t);
using Umask = mode_t (*)(mode_t);

std::atomic<std::uint32_t>* made = nullptr;
char asked[16];
std::uint32_t number = 0;
int error = 0;
bool always = false;
bool begun = false;
Openat real_openat = nullptr;
Reading real_read = nullptr;
Umask real_umask = nullptr;

bool fails(const char* call) {
  if (!begun || std::strcmp(call, asked) != 0) return false;
  const std::uint32_t now = made->fetch_add(1) + 1;
  const bool out = always ? now >= number : now == number;
  if (out) errno = error;
  return out;
}

__attribute__((constructor)) void prepare() {
  real_openat = reinterpret_cast<Openat>(::dlsym(RTLD_NEXT, "openat"));
  real_read = reinterpret_cast<Reading>(::dlsym(RTLD_NEXT, "read"));
  real_umask = reinterpret_cast<Umask>(::dlsym(RTLD_NEXT, "umask"));
  const char* const plan = std::getenv("PERMWARD_FAILING");
  char how[16];
  char file[256];
  if (plan == nullptr ||
      std::sscanf(plan, "%15s %u %d %15s %255s", asked, &number, &error, how, file) != 5) {
    return;
  }
  always = std::strcmp(how, "always") == 0;
  const int fd = ::open(file, O_RDWR | O_CLOEXEC);
  void* const shared = ::mmap(nullptr, 4, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  (void)::close(fd);
  if (shared != MAP_FAILED) made = static_cast<std::atomic<std::uint32_t>*>(shared);
}

}  // namespace

extern "C" {

void* malloc(std::size_t size) noexcept { return fails("malloc") ? nullptr : __libc_malloc(size); }

void* calloc(std::size_t count, std::size_t size) noexcept {
  return fails("malloc") ? nullptr : __libc_calloc(count, size);
}

void* realloc(void* memory, std::size_t size) noexcept {
  return fails("malloc") ? nullptr : __libc_realloc(memory, size);
}

mode_t umask(mode_t mask) noexcept {
  begun = made != nullptr;
  return real_umask(mask);
}

int openat(int directory, const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const unsigned mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, unsigned) : 0;
  va_end(rest);
  return fails("openat") ? -1 : real_openat(directory, path, flags, mode);
}

ssize_t read(int fd, void* to, std::size_t size) {
  return fails("read") ? -1 : real_read(fd, to, size);
}
}
