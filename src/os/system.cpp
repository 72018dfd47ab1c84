// SPDX-License-Identifier: Apache-2.0
#include "os/system.hpp"

#include "os/host.hpp"
#include "os/timed_names.hpp"

#include <utility>

namespace permward {

Result<System> host_system(const std::atomic<bool>* stop) {
  TRY_ASSIGN(Root root, Root::host());
  auto names = std::make_unique<TimedNames>(std::make_unique<HostNames>(), NameLimits(), stop);
  return System{std::move(root), std::move(names), host_name(), {}};
}

Result<RootedSystem> rooted_system(const std::string& directory, std::uint32_t caller) {
  TRY_ASSIGN(const Root host, Root::host());
  PolicyTrust way(host.get(), caller);
  TRY_ASSIGN(Root root, Root::open(directory, way));

  PolicyTrust inside(root.get(), caller);
  auto names = std::make_unique<FileNames>(inside);
  const auto account_files = names->sources();
  auto hostname = host_name_of(inside);
  RootedSystem out{{std::move(root), std::move(names), std::nullopt, {}},
                   way.distrust(),
                   inside.distrust(),
                   account_files,
                   std::nullopt};
  if (hostname) {
    out.system.hostname = std::move(*hostname);
  } else {
    out.hostname_error = hostname.error();
  }
  return out;
}

}  // namespace permward
