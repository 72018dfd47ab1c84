// SPDX-License-Identifier: Apache-2.0
// What the tests of apply share: policies, applies that are counted, and what an object is.
#pragma once

#include "engine/hold.hpp"
#include "fs/changer_support.hpp"
#include "model/object_state.hpp"
#include "support/applied.hpp"
#include "support/journals.hpp"
#include "support/recording_changer.hpp"
#include "support/temp_tree.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace permward::test {

using Lines = std::vector<std::string>;

inline constexpr std::uint32_t carol = 7002;

std::string rule(const std::string& id, const std::string& path, const std::string& rest);

// Hands everything on to the kernel, and counts it.
struct Counted {
  Kernel kernel;
  KernelChanger by_calls{kernel};
  RecordingChanger changer{by_calls};

  Applied apply(const std::string& policy);
  [[nodiscard]] Lines actions() const;
  // A second apply finds all in policy, and makes no call.
  void require_settled(const std::string& policy);
};

// A run that is written down.
struct Written {
  explicit Written(const std::string& state) : journal(journal_in(state)) {
    const auto system = host_system();
    require(system.ok(), "find the system");
    RunStart start = start_of("apply");
    start.root = *root_inode(*system);
    run = Journal::begin(std::move(start));
    with.journal = &journal;
    with.run = &run;
  }
  std::vector<RecordedChange> changes() {
    if (run.id().empty()) return {};
    auto out = journal.changes(run.id());
    require(out.ok(), "read the journal");
    return std::move(*out);
  }

  Journal journal;
  OpenRun run;
  ApplyWith with;
};

// Everything that a change would leave a trace in: its time of change too.
std::string trace_of(const std::string& path);

std::string ids_and_mode(const std::string& path);  // "0:7001 640"

// What an object is at one instant, as the kernel looks at it.
struct Instant {
  std::uint32_t owner = 0;
  std::uint32_t group = 0;
  unsigned mode = 0;
  std::vector<AclEntry> acl;  // whole; made of the mode where there is none

  // Of an entry that is named or the owning group's, after the mask.
  [[nodiscard]] unsigned in_effect(AclTag tag, std::uint32_t id = 0) const;
};

Instant instant_of(int held);

// The object of the policy's one rule after each action. All of it must be corrected.
std::vector<Instant> instants_of(const std::string& policy);

bool any_starts_with(const Lines& lines, const std::string& start);

// A directory of mallory's.
void his_directory(TempTree& tree, const std::string& name);

}  // namespace permward::test
