// SPDX-License-Identifier: Apache-2.0
//
// How JSON values become the lines of a document, or of JSON lines. Layer `report`, and private to
// it, for it shows nlohmann-json.
#pragma once

#include "report/json_values.hpp"
#include "report/sink.hpp"

#include <string>
#include <string_view>

namespace permward {

// The brace that begins a document, and the members of `object`, each on a line and with a comma
// after it, so that one more can follow.
void write_members(const Json& object, Sink& sink);

// A member that is a list, an item a line, without a comma after it. `to_json` makes of an item its
// value, when it is written: only one is held at a time.
template <class Items, class ToJson>
void write_list(std::string_view member, const Items& items, ToJson to_json, Sink& sink) {
  sink.write(dump(member) + ": [");
  std::string_view separator = "\n";
  for (const auto& item : items) {
    sink.write(std::string(separator) + dump(to_json(item)));
    separator = ",\n";
  }
  sink.write(items.empty() ? "]" : "\n]");
}

// One line of JSON lines. `members` is an object that is not empty; the event comes first in it.
void write_event(std::string_view event, const Json& members, Sink& sink);

}  // namespace permward
