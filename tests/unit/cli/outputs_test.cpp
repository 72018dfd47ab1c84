// SPDX-License-Identifier: Apache-2.0
#include "cli/outputs.hpp"

#include "support/catch.hpp"
#include "support/temp_tree.hpp"

#include <fstream>
#include <iterator>
#include <string>

using namespace permward;
using namespace permward::test;

namespace {

std::string text_of(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("what ends a run later is not written over a report that is in its place") {
  const TempTree tree;
  Options options;
  options.main = {Format::text, tree.path("report")};
  Outputs outputs(options);
  Validation validation;
  CHECK(outputs.write(validation, ExitStatus::in_policy) == ExitStatus::in_policy);
  const std::string first = text_of(tree.path("report"));
  CHECK(first.starts_with("Valid"));
  validation.error = Error{ErrorKind::io, "look", "", 0};
  CHECK(outputs.write(validation, ExitStatus::incomplete) == ExitStatus::incomplete);
  CHECK(text_of(tree.path("report")) == first);
}
