// SPDX-License-Identifier: Apache-2.0
#include "os/report_file.hpp"

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <fcntl.h>
#include <optional>
#include <sys/random.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace permward {
namespace {

constexpr std::size_t buffer_bytes = 64 * 1024;
constexpr int most_tries = 100;

// A name that nobody can guess; in a directory that others may write a name that they had planted
// would not be used (O_EXCL), but it would be in the way.
std::string random_name(const std::string& name) {
  std::uint64_t random = 0;
  if (::getrandom(&random, sizeof random, 0) != sizeof random) random = 0;
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(random));
  return "." + name.substr(0, 200) + "." + text;
}

// The descriptor that the path names, if it names one. Its file is never looked for by name: of a
// redirected stdout that would be a regular file, to be replaced in /dev.
std::optional<int> named_descriptor(std::string_view path) {
  if (path == "-" || path == "/dev/stdout") return STDOUT_FILENO;
  if (path == "/dev/stderr") return STDERR_FILENO;
  for (const std::string_view prefix : {"/dev/fd/", "/proc/self/fd/"}) {
    if (!path.starts_with(prefix)) continue;
    const std::string_view digits = path.substr(prefix.size());
    int number = -1;
    const auto [end, error] = std::from_chars(digits.begin(), digits.end(), number);
    if (error == std::errc{} && end == digits.end() && number >= 0) return number;
  }
  return std::nullopt;
}

bool replaceable(mode_t mode) { return S_ISREG(mode) || S_ISLNK(mode); }

// A FIFO anybody could have put there, and whoever opens it waits for who reads it; devices need
// root. In a user namespace they seem nobody's.
bool fifo_of_somebody_else(const struct stat& facts) {
  return S_ISFIFO(facts.st_mode) && facts.st_uid != 0 && facts.st_uid != ::geteuid();
}

// What is there and cannot be replaced, opened for writing; none where a new file is to be made. It
// is judged before it is opened, and by the same descriptor.
Result<Fd> open_special(int directory, const std::string& name, const std::string& path) {
  const Fd held(::openat(directory, name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!held && errno == ENOENT) return Fd();
  struct stat facts {};
  if (!held || ::fstat(held.get(), &facts) != 0) return system_error(errno, "look at", path);
  if (replaceable(facts.st_mode)) return Fd();
  if (S_ISDIR(facts.st_mode)) return system_error(EISDIR, "write", path);
  if (fifo_of_somebody_else(facts)) {
    return Error{ErrorKind::insecure_path, "write into a FIFO of somebody else,", path, 0};
  }
  const std::string link = "/proc/self/fd/" + std::to_string(held.get());
  Fd special(::open(link.c_str(), O_WRONLY | O_NOCTTY | O_CLOEXEC));
  if (!special) return system_error(errno, "open", path);
  return special;
}

}  // namespace

ReportFile::ReportFile(std::string path, Fd directory, std::string name)
    : path_(std::move(path)), directory_(std::move(directory)), name_(std::move(name)) {}

ReportFile::ReportFile(ReportFile&& other) noexcept
    : path_(std::move(other.path_)),
      directory_(std::move(other.directory_)),
      name_(std::move(other.name_)),
      temporary_(std::exchange(other.temporary_, {})),
      file_(std::move(other.file_)),
      begun_(other.begun_),
      buffer_(std::move(other.buffer_)),
      error_(std::move(other.error_)) {}

ReportFile::~ReportFile() { discard(); }

Result<ReportFile> ReportFile::open(const std::string& path) {
  if (const auto descriptor = named_descriptor(path)) {
    ReportFile out(path == "-" ? "/dev/stdout" : path, Fd(), "");
    out.file_.reset(::fcntl(*descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
    if (!out.file_) return system_error(errno, "write to", out.path_);
    return out;
  }
  const std::size_t slash = path.rfind('/');
  const std::string name = slash == path.npos ? path : path.substr(slash + 1);
  std::string parent = slash == path.npos ? "." : path.substr(0, slash);
  if (parent.empty()) parent = "/";
  if (name.empty() || name == "." || name == "..") return system_error(EISDIR, "write", path);

  Fd directory(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return system_error(errno, "open", parent);
  TRY_ASSIGN(Fd special, open_special(directory.get(), name, path));
  if (special) {
    ReportFile out(path, Fd(), name);
    out.file_ = std::move(special);
    return out;
  }
  if (::faccessat(directory.get(), ".", W_OK | X_OK, AT_EACCESS) != 0) {
    return system_error(errno, "write to", parent);
  }
  return ReportFile(path, std::move(directory), name);
}

bool ReportFile::takes_place_of(const ReportFile& other) const {
  if (!directory_ || !other.directory_ || name_ != other.name_) return false;
  struct stat mine {};
  struct stat others {};
  if (::fstat(directory_.get(), &mine) != 0) return false;
  if (::fstat(other.directory_.get(), &others) != 0) return false;
  return mine.st_dev == others.st_dev && mine.st_ino == others.st_ino;
}

void ReportFile::fail(int number, const char* doing) {
  if (!error_) error_ = std::make_unique<Error>(system_error(number, doing, path_));
}

// Creates the temporary file.
void ReportFile::start() {
  for (int tries = 0; tries < most_tries; ++tries) {
    const std::string name = random_name(name_);
    constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    file_.reset(::openat(directory_.get(), name.c_str(), flags, 0600));
    if (file_) {
      temporary_ = name;
      return;
    }
    if (errno != EEXIST) break;
  }
  fail(errno, "create a file beside");
}

void ReportFile::write(std::string_view bytes) {
  if (error_) return;
  buffer_ += bytes;
  if (buffer_.size() >= buffer_bytes) flush();
}

void ReportFile::flush() {
  if (!error_ && !file_) start();
  std::string_view left = buffer_;
  while (!error_ && !left.empty()) {
    const ssize_t count = ::write(file_.get(), left.data(), left.size());
    if (count >= 0) {
      begun_ = true;
      left.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno != EINTR) {
      fail(errno, "write");
    }
  }
  buffer_.clear();
}

Result<void> ReportFile::put_in_place() {
  if (::fsync(file_.get()) != 0) return system_error(errno, "sync", path_);
  if (::renameat(directory_.get(), temporary_.c_str(), directory_.get(), name_.c_str()) != 0) {
    return system_error(errno, "put in its place", path_);
  }
  temporary_.clear();
  // Some file systems cannot sync a directory and say EINVAL: the file is in its place all the
  // same.
  if (::fsync(directory_.get()) != 0 && errno != EINVAL) {
    return system_error(errno, "sync the directory of", path_);
  }
  return {};
}

void ReportFile::discard() {
  if (!temporary_.empty()) (void)::unlinkat(directory_.get(), temporary_.c_str(), 0);
  temporary_.clear();
}

bool ReportFile::begin_again() {
  buffer_.clear();
  if (!directory_) return !begun_;
  discard();
  file_.reset();
  begun_ = false;
  error_.reset();
  return true;
}

Result<void> ReportFile::commit() {
  flush();
  if (!error_ && directory_) {
    if (auto placed = put_in_place(); !placed) error_ = std::make_unique<Error>(placed.error());
  }
  discard();
  file_.reset();
  if (error_) return *error_;
  return {};
}

}  // namespace permward
