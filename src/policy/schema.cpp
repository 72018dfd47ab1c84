// SPDX-License-Identifier: Apache-2.0
#include "policy/schema.hpp"

#include <string>

namespace permward {

bool knows_schema(Reading& reading, const Entry& entry) {
  const Value schema = entry.value();
  if (!reading.expect(schema, Value::Kind::integer, entry.key())) return true;
  if (schema.integer() == known_schema) return true;
  reading.fail(Code::schema_unknown, schema.pos(),
               "schema " + std::to_string(schema.integer()) + " is not known",
               "this version of permward reads 'schema = 1'");
  return false;
}

}  // namespace permward
