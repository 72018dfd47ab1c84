// SPDX-License-Identifier: Apache-2.0
#include "engine/sweep.hpp"

#include "engine/tree.hpp"
#include "engine/worker.hpp"
#include "model/baseline.hpp"

#include <algorithm>
#include <exception>
#include <memory>
#include <mutex>
#include <sys/resource.h>
#include <system_error>
#include <thread>
#include <utility>

namespace permward {
namespace {

constexpr std::size_t budget_of_steps = std::size_t{64} << 20;  // of all threads
constexpr unsigned most_descriptors_kept = 200;
constexpr unsigned descriptors_of_a_thread = 4;
constexpr unsigned other_descriptors = 24;  // standard streams, procfs, reports, name services

unsigned descriptors_to_keep(unsigned jobs) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1;
  const rlim_t used = other_descriptors + rlim_t{descriptors_of_a_thread} * jobs;
  const rlim_t left = limit.rlim_cur > used ? limit.rlim_cur - used : 1;
  return static_cast<unsigned>(std::min<rlim_t>(left, most_descriptors_kept));
}

void sort_not_entered(std::vector<NotEntered>& mounts) {
  std::sort(mounts.begin(), mounts.end(),
            [](const NotEntered& a, const NotEntered& b) { return a.path < b.path; });
  mounts.erase(
      std::unique(mounts.begin(), mounts.end(),
                  [](const NotEntered& a, const NotEntered& b) { return a.path == b.path; }),
      mounts.end());
}

// What a thread could not go on with: rethrown where the sweep was called.
class Failure {
 public:
  void note(std::exception_ptr failure) {
    const std::lock_guard lock(mutex_);
    if (!first_) first_ = std::move(failure);
  }
  void rethrow() const {
    if (first_) std::rethrow_exception(first_);
  }

 private:
  std::mutex mutex_;
  std::exception_ptr first_;
};

// Starts a thread for each worker. Those that cannot be started are done without; one must run.
Result<void> run_all(std::vector<std::unique_ptr<Worker>>& workers, const Kernel& kernel,
                     Tree& tree, Fd& root) {
  Failure failure;
  const auto run = [&](Worker& worker) {
    try {
      // Only then may the thread move it, see `Kernel::xattr_of`. Where that is refused, one of
      // them does all the work.
      const bool apart = kernel.has_getxattrat() || separate_working_directory();
      if (apart || &worker == workers.front().get()) worker.run(root);
    } catch (...) {
      failure.note(std::current_exception());
      tree.stop();
    }
  };
  std::vector<std::thread> threads;
  std::error_code not_started;
  try {
    for (auto& worker : workers) threads.emplace_back([&run, &worker] { run(*worker); });
  } catch (const std::system_error& error) {
    not_started = error.code();
  } catch (...) {  // those that have been started are waited for, whatever happened
    failure.note(std::current_exception());
    tree.stop();
  }
  for (std::thread& thread : threads) thread.join();
  failure.rethrow();
  if (threads.empty()) return system_error(not_started.value(), "start a thread", "");
  return {};
}

}  // namespace

Result<SweepOutcome> sweep(const Machine& machine, const Kernel& kernel, const Mounts& mounts,
                           NameService& names, Fd root, const CheckOptions& options) {
  Tree tree(kernel, descriptors_to_keep(options.jobs));
  std::vector<std::unique_ptr<Worker>> workers;
  for (unsigned i = 0; i < options.jobs; ++i) {
    workers.push_back(std::make_unique<Worker>(machine, kernel, mounts, names, tree, options,
                                               budget_of_steps / options.jobs));
  }
  Dir* const top = tree.make(nullptr);
  {
    Steps steps(machine, budget_of_steps);
    top->cursor = steps.root();
  }
  top->in_scope = !machine.restricted() || machine.node(0).in_scope;
  tree.push({&top, 1});
  TRY(run_all(workers, kernel, tree, root));

  SweepOutcome out;
  out.matched_globs.assign(machine.rules().targets.size(), false);
  if (options.baseline != nullptr) out.met.assign(options.baseline->objects().size(), false);
  for (auto& worker : workers) worker->report_to(out);
  for (const Mount* mount : machine.not_begun()) {
    out.not_entered.push_back({mount->path, mount->filesystem, true});
  }
  sort_not_entered(out.not_entered);
  return out;
}

}  // namespace permward
