// SPDX-License-Identifier: Apache-2.0
#include "store/lock.hpp"

#include "base/text.hpp"
#include "os/read_file.hpp"
#include "store/layout.hpp"
#include "store/own_file.hpp"

#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <sys/file.h>
#include <system_error>
#include <unistd.h>

namespace permward {
namespace {

// The text in the file: `<pid>\n<command>\n`.
constexpr std::size_t most_text = 32 + Lock::most_command;

std::string_view first_line(std::string_view text) { return text.substr(0, text.find('\n')); }

std::string holder_text(std::string_view command) {
  const std::string_view kept = first_line(command).substr(0, Lock::most_command);
  return std::to_string(::getpid()).append("\n").append(kept).append("\n");
}

// Who holds the lock, for a sentence. The file may say anything: it is empty while its holder has
// only begun, and what was killed or cut short leaves what it had.
std::string holder_of(std::string_view text) {
  const std::string_view digits = first_line(text);
  unsigned pid = 0;
  const auto [end, error] = std::from_chars(digits.begin(), digits.end(), pid);
  if (error != std::errc{} || end != digits.end() || pid == 0 || digits.size() == text.size()) {
    return "another process";
  }
  const std::string_view command = first_line(text.substr(digits.size() + 1));
  std::string out = "process " + std::to_string(pid);
  if (!command.empty()) out += " (" + printable(command.substr(0, Lock::most_command)) + ")";
  return out;
}

Error held_by_another(int file, const std::string& path) {
  const Result<std::string> text = read_up_to(file, most_text, path);
  const std::string holder = holder_of(text ? std::string_view(*text) : std::string_view());
  return system_error(EWOULDBLOCK, "take the lock, which " + holder + " holds,", path);
}

// A courtesy to others: where it fails, on a full disk, the lock is held all the same.
void write_holder(int file, const std::string& text) {
  if (::ftruncate(file, 0) != 0) return;
  (void)!::pwrite(file, text.data(), text.size(), 0);
}

}  // namespace

Lock::~Lock() {
  // Who comes next may see the file before it has written its own name.
  if (file_) (void)!::ftruncate(file_.get(), 0);
}

Result<Lock> Lock::take(const StateDir& directory, std::string_view command) {
  const std::string path = directory.path_of(layout::lock);
  TRY(require_own_file(directory, layout::lock, StateDir::Missing::is_created));
  Fd file(::openat(directory.get(), layout::lock, O_RDWR | O_NOFOLLOW | O_CLOEXEC));
  if (!file) return system_error(errno, "open", path);
  int taken = 0;
  do {
    taken = ::flock(file.get(), LOCK_EX | LOCK_NB);
  } while (taken != 0 && errno == EINTR);
  if (taken != 0 && errno == EWOULDBLOCK) return held_by_another(file.get(), path);
  if (taken != 0) return system_error(errno, "lock", path);
  write_holder(file.get(), holder_text(command));
  return Lock(std::move(file));
}

}  // namespace permward
