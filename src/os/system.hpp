// SPDX-License-Identifier: Apache-2.0
//
// The system that a run is about: this host, or one that lies in a directory. What its paths begin
// at, who has which name there, and what it is called. Layer `os`.
#pragma once

#include "base/result.hpp"
#include "os/file_names.hpp"
#include "os/kernel.hpp"
#include "os/name_service.hpp"
#include "os/policy_trust.hpp"
#include "os/root.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace permward {

struct System {
  Root root;
  std::unique_ptr<NameService> names;   // never null
  std::optional<std::string> hostname;  // nothing: no host name holds
  Kernel kernel{};                      // probed with the rights of who made this
};

// This host, by its name service, which is not waited for without end (`os/timed_names.hpp`), and
// not once `stop` is set. Errors: `/` cannot be opened.
[[nodiscard]] Result<System> host_system(const std::atomic<bool>* stop = nullptr);

// One in a directory, and what is to be said about it.
struct RootedSystem {
  System system;
  std::vector<Distrust> way_distrust;   // who else decides which directory it is; host's paths
  std::vector<Distrust> file_distrust;  // or what its names are; paths in the root
  std::array<FileNames::Source, 2> account_files;
  std::optional<Error> hostname_error;  // there may be a name, which could not be had
};

// `directory` is absolute, on the host. Its names are those of its own files, and nothing of it is
// run. `caller` as in `PolicyTrust`. Errors: those of `Root::open`.
[[nodiscard]] Result<RootedSystem> rooted_system(const std::string& directory,
                                                 std::uint32_t caller);

}  // namespace permward
