// SPDX-License-Identifier: Apache-2.0
#include "cli/debug_log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

namespace permward {

void start_debug_log(DebugLog wanted) {
  auto logger = std::make_shared<spdlog::logger>("permward",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern("permward: debug: %v", spdlog::pattern_time_type::utc);
  logger->set_level(wanted == DebugLog::on ? spdlog::level::debug : spdlog::level::off);
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace permward
