// SPDX-License-Identifier: Apache-2.0
#include "os/answering_process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <exception>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace permward {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = AnsweringProcess::Clock;

constexpr const char* whom = "the process that answers";
constexpr std::uint64_t most_message_bytes = std::uint64_t{256} << 20;
constexpr int streams = 3;
constexpr milliseconds glance_at_stop{100};
constexpr seconds longest_reaping{1};
// It outlives the limit of a question by that much, if nobody ended it.
constexpr unsigned grace_seconds = 5;

// Before each message. Both ends are of one program: no order of bytes to agree on.
struct Header {
  std::uint64_t bytes = 0;
  std::uint64_t limit = 0;  // seconds to answer in; of an answer 0
};

// How long a transfer may take.
struct Patience {
  Clock::time_point end;
  const std::atomic<bool>* stop;

  [[nodiscard]] int refusal() const {
    if (stop != nullptr && stop->load(std::memory_order_relaxed)) return ECANCELED;
    return Clock::now() >= end ? ETIMEDOUT : 0;
  }
  // What poll(2) may wait before that is asked again.
  [[nodiscard]] int slice() const {
    const auto left = std::chrono::ceil<milliseconds>(end - Clock::now());
    return static_cast<int>(std::clamp(left, milliseconds{0}, glance_at_stop).count());
  }
};

// Null: for ever, and in the call itself.
using PatiencePtr = const Patience*;

// Returns 0 where there may be more to do, or an errno.
int wait_a_while(int socket, short events, PatiencePtr patience) {
  if (patience == nullptr) return EAGAIN;  // the call was to wait, and no signal comes through
  if (const int refusal = patience->refusal()) return refusal;
  pollfd asked{socket, events, 0};
  const int ready = ::poll(&asked, 1, patience->slice());
  return ready < 0 && errno != EINTR ? errno : 0;
}

int flags_of(PatiencePtr patience) { return patience == nullptr ? 0 : MSG_DONTWAIT; }

// Moves `size` bytes by `move(at, left)`, which is send(2) or recv(2). Returns an errno: EPIPE
// where the other end is gone.
template <class Move>
int transfer(int socket, short events, std::size_t size, PatiencePtr patience, Move move) {
  for (std::size_t done = 0; done < size;) {
    const ssize_t moved = move(done, size - done);
    if (moved > 0) {
      done += static_cast<std::size_t>(moved);
    } else if (moved == 0 || errno == ECONNRESET) {
      return EPIPE;
    } else if (errno == EAGAIN || errno == EINTR) {
      if (const int error = wait_a_while(socket, events, patience)) return error;
    } else {
      return errno;
    }
  }
  return 0;
}

int send_bytes(int socket, const void* bytes, std::size_t size, PatiencePtr patience) {
  const int flags = MSG_NOSIGNAL | flags_of(patience);
  return transfer(socket, POLLOUT, size, patience, [&](std::size_t at, std::size_t left) {
    return ::send(socket, static_cast<const char*>(bytes) + at, left, flags);
  });
}

int receive_bytes(int socket, void* bytes, std::size_t size, PatiencePtr patience) {
  return transfer(socket, POLLIN, size, patience, [&](std::size_t at, std::size_t left) {
    return ::recv(socket, static_cast<char*>(bytes) + at, left, flags_of(patience));
  });
}

int send_message(int socket, std::string_view text, std::uint64_t limit, PatiencePtr patience) {
  const Header header{text.size(), limit};
  if (const int error = send_bytes(socket, &header, sizeof header, patience)) return error;
  return send_bytes(socket, text.data(), text.size(), patience);
}

int receive_message(int socket, Header& header, std::string& text, PatiencePtr patience) {
  if (const int error = receive_bytes(socket, &header, sizeof header, patience)) return error;
  if (header.bytes > most_message_bytes) return EMSGSIZE;
  text.resize(header.bytes);
  return receive_bytes(socket, text.data(), text.size(), patience);
}

// --- In the process that answers ---

// Only its own alarm ends it, and what an instruction of its own does.
void leave_signals_alone() {
  sigset_t blocked;
  (void)::sigfillset(&blocked);
  for (const int number : {SIGALRM, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS}) {
    (void)::sigdelset(&blocked, number);
  }
  (void)std::signal(SIGALRM, SIG_DFL);
  (void)::sigprocmask(SIG_SETMASK, &blocked, nullptr);
}

// Whoever waits for the end of a pipe of the other process must not wait for this one.
bool keep_only(int socket) {
  const int nowhere = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  if (nowhere < 0) return false;
  for (int stream = 0; stream < streams; ++stream) {
    if (::dup2(nowhere, stream) < 0) return false;
  }
  if (socket != streams && ::dup2(socket, streams) < 0) return false;
  if (::fcntl(streams, F_SETFD, FD_CLOEXEC) != 0) return false;  // what it runs has no part in it
  ::closefrom(streams + 1);
  return true;
}

void answer_questions(int socket, const AnsweringProcess::Answer& answer) {
  Header header;
  std::string question;
  while (receive_message(socket, header, question, nullptr) == 0) {
    (void)::alarm(static_cast<unsigned>(header.limit) + grace_seconds);
    const std::string text = answer(question);
    (void)::alarm(0);
    if (send_message(socket, text, 0, nullptr) != 0) return;
  }
}

[[noreturn]] void run_child(int socket, const AnsweringProcess::Answer& answer) {
  leave_signals_alone();
  if (!keep_only(socket)) ::_exit(EXIT_FAILURE);
  try {
    answer_questions(streams, answer);
  } catch (const std::exception&) {  // of the allocator: the question stays without an answer
    ::_exit(EXIT_FAILURE);
  }
  ::_exit(EXIT_SUCCESS);
}

// --- In the one that asks ---

// It is gone at once, unless it waits for a disk or a server where no signal reaches it: then it is
// left to whoever inherits it.
void end(pid_t process) {
  (void)::kill(process, SIGKILL);
  const auto end = Clock::now() + longest_reaping;
  for (auto pause = std::chrono::microseconds{50}; Clock::now() < end; pause *= 2) {
    const pid_t reaped = ::waitpid(process, nullptr, WNOHANG);
    if (reaped == process || (reaped < 0 && errno != EINTR)) return;
    std::this_thread::sleep_for(std::min(pause, std::chrono::microseconds{10'000}));
  }
}

}  // namespace

Result<AnsweringProcess> AnsweringProcess::start(const Answer& answer) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return system_error(errno, "start", whom);
  }
  Fd here(ends[0]);
  const Fd there(ends[1]);
  const pid_t starter = ::getpid();
  const pid_t process = ::fork();
  if (process < 0) return system_error(errno, "start", whom);
  if (process == 0) run_child(there.get(), answer);
  return AnsweringProcess(std::move(here), process, starter);
}

AnsweringProcess::AnsweringProcess(AnsweringProcess&& other) noexcept
    : socket_(std::move(other.socket_)),
      process_(std::exchange(other.process_, -1)),
      starter_(other.starter_) {}

AnsweringProcess& AnsweringProcess::operator=(AnsweringProcess&& other) noexcept {
  std::swap(socket_, other.socket_);
  std::swap(process_, other.process_);
  std::swap(starter_, other.starter_);
  return *this;
}

AnsweringProcess::~AnsweringProcess() {
  if (process_ > 0 && own()) end(process_);
}

bool AnsweringProcess::own() const { return starter_ == ::getpid(); }

Result<std::string> AnsweringProcess::ask(std::string_view question, Clock::duration within,
                                          const std::atomic<bool>* stop) {
  const Patience patience{Clock::now() + within, stop};
  const auto limit = static_cast<std::uint64_t>(std::chrono::ceil<seconds>(within).count());
  Header header;
  std::string answer;
  int error = send_message(socket_.get(), question, limit, &patience);
  if (error == 0) error = receive_message(socket_.get(), header, answer, &patience);
  if (error != 0) return system_error(error, "ask", whom);
  return answer;
}

}  // namespace permward
