// SPDX-License-Identifier: Apache-2.0
//
// How JSON values become the lines of a document, or of JSON lines. Layer `report`, and private to
// it, for it shows nlohmann-json.
#pragma once

#include "report/json_values.hpp"
#include "report/sink.hpp"

#include <string_view>

namespace permward {

// The brace that begins a document, and the members of `object`, each on a line and with a comma
// after it, so that one more can follow.
void write_members(const Json& object, Sink& sink);

// One line of JSON lines. `members` is an object that is not empty; the event comes first in it.
void write_event(std::string_view event, const Json& members, Sink& sink);

}  // namespace permward
