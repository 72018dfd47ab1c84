// SPDX-License-Identifier: Apache-2.0
//
// What is said of places that a walk could not look at, and of those below them that literal paths
// name. Layer `engine`.
#pragma once

#include "base/result.hpp"
#include "decide/machine.hpp"
#include "decide/steps.hpp"
#include "engine/judge.hpp"
#include "engine/make_path.hpp"
#include "model/type.hpp"

namespace permward {

// `in_scope`: whether the place is one that the run is about.
class Unseen {
 public:
  // All must outlive it.
  Unseen(const Machine& machine, Steps& steps, Judge& judge)
      : machine_(machine), steps_(steps), judge_(judge) {}

  // Nothing is there, as far as `error` says that; else it could not be verified.
  void tell(Steps::Place place, bool in_scope, const Error& error, const MakePath& path);
  // The object alone, whatever lies below.
  void tell_object(Steps::Place place, const Error& error, const MakePath& path);
  // All places below `node` that literal paths name: they are absent, or, where `error` is given,
  // could not be verified.
  void tell_below(NodeId node, bool in_scope, const Error* error, const MakePath& path);
  // What was seen at `node` is of this type, so that nothing lies below, unless it is a directory.
  void tell_no_directory(NodeId node, bool in_scope, Type type, const MakePath& path);

 private:
  void tell_absence_of(NodeId node, const Error* error, const std::string& path);

  const Machine& machine_;
  Steps& steps_;
  Judge& judge_;
};

}  // namespace permward
