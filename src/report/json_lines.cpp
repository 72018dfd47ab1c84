// SPDX-License-Identifier: Apache-2.0
#include "report/json_lines.hpp"

namespace permward {

void write_members(const Json& object, Sink& sink) {
  sink.write("{\n");
  for (const auto& member : object.items()) {
    sink.write(dump(Json(member.key())) + ": " + dump(member.value()) + ",\n");
  }
}

void write_event(std::string_view event, const Json& members, Sink& sink) {
  const std::string line = dump(members);
  sink.write("{\"event\":" + dump(event) + ',' + line.substr(1) + '\n');
}

}  // namespace permward
