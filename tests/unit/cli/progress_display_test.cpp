// SPDX-License-Identifier: Apache-2.0
#include "cli/progress_display.hpp"

#include "base/fd.hpp"
#include "support/catch.hpp"

#include <fcntl.h>
#include <string>
#include <unistd.h>

using namespace permward;
using std::chrono::milliseconds;

namespace {

// stderr goes into a pipe for as long as this lives.
class CapturedStderr {
 public:
  CapturedStderr() : before_(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)) {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0);
    reader_.reset(ends[0]);
    const Fd writer(ends[1]);
    REQUIRE(::dup2(writer.get(), STDERR_FILENO) == STDERR_FILENO);
  }
  ~CapturedStderr() { ::dup2(before_.get(), STDERR_FILENO); }

  // What was written since the last call.
  std::string take() {
    std::string out(65536, '\0');
    const ssize_t count = ::read(reader_.get(), out.data(), out.size());
    out.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return out;
  }
  std::string wait_for_some() {
    for (int i = 0; i < 500; ++i) {
      if (std::string some = take(); !some.empty()) return some;
      std::this_thread::sleep_for(milliseconds(10));
    }
    return "";
  }

 private:
  Fd before_;
  Fd reader_;
};

constexpr const char* erase_line = "\r\x1b[K";

}  // namespace

TEST_CASE("a run that is over soon shows no progress") {
  CapturedStderr captured;
  Progress progress;
  { const ProgressDisplay display(progress, std::chrono::minutes(1)); }
  REQUIRE(captured.take().empty());
}

TEST_CASE("progress is drawn in place and gone at the end") {
  CapturedStderr captured;
  Progress progress;
  progress.count(42);
  progress.entering([] { return std::string("/usr/share\n"); });
  std::string first;
  std::string rest;
  {
    const ProgressDisplay display(progress, milliseconds(1));
    first = captured.wait_for_some();
  }
  rest = captured.take();
  REQUIRE(first.rfind(std::string(erase_line) + "42 objects, ", 0) == 0);
  REQUIRE(first.find("/usr/share\\x0a") != std::string::npos);
  REQUIRE(first.find('\n') == std::string::npos);
  REQUIRE(rest.size() >= 4);
  REQUIRE(rest.substr(rest.size() - 4) == erase_line);
}
