// SPDX-License-Identifier: Apache-2.0
//
// `--verbose`: a debug log on stderr, through spdlog. Layer `cli`. What others wrote is escaped by
// whoever logs it.
#pragma once

namespace permward {

enum class DebugLog : unsigned char { off, on };

void start_debug_log(DebugLog wanted);

}  // namespace permward
