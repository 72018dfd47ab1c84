// SPDX-License-Identifier: Apache-2.0
#include "cli/signals.hpp"

#include <new>
#include <sys/mman.h>
#include <unistd.h>

namespace permward {
namespace {

// Shared with the process that looks, which is told by nothing else.
std::atomic<bool>* stop = nullptr;
std::atomic<int> received{0};
std::string_view last_words;
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int>::is_always_lock_free,
              "what a signal handler touches");

void on_signal(int number) {
  received.store(number);
  stop->store(true);
}

// Once it returns the process ends by the same signal.
void say_it(int number) {
  [[maybe_unused]] const ssize_t written =
      ::write(STDERR_FILENO, last_words.data(), last_words.size());
  (void)::raise(number);
}

void watch(int number, void (*handler)(int)) {
  struct sigaction before {};
  if (::sigaction(number, nullptr, &before) != 0 || before.sa_handler == SIG_IGN) return;
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);
  ::sigemptyset(&action.sa_mask);
  (void)::sigaction(number, &action, nullptr);
}

std::atomic<bool>* shared_flag() {
  void* const page = ::mmap(nullptr, sizeof(std::atomic<bool>), PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) throw std::bad_alloc();
  return new (page) std::atomic<bool>(false);
}
}  // namespace

const std::atomic<bool>& stop_on_signals() {
  if (stop == nullptr) stop = shared_flag();
  for (const int number : stopping_signals) watch(number, on_signal);
  return *stop;
}

void say_on_signals(std::string_view sentence) {
  last_words = sentence;
  for (const int number : stopping_signals) watch(number, say_it);
}

void die_of_signal() {
  const int number = received.load();
  if (number == 0) return;
  (void)std::signal(number, SIG_DFL);
  (void)std::raise(number);
}

}  // namespace permward
