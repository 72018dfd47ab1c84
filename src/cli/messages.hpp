// SPDX-License-Identifier: Apache-2.0
//
// What people are told on stderr. Layer `cli`.
#pragma once

#include "base/result.hpp"
#include "cli/options.hpp"
#include "model/diagnostic.hpp"
#include "report/sink.hpp"

#include <exception>
#include <string_view>

namespace permward {

// A write that fails is lost: there is nobody left to tell.
class StderrSink final : public Sink {
 public:
  void write(std::string_view bytes) override;
};

// "permward: <message>", a line. What others wrote in it is escaped already.
void complain(std::string_view message);
void complain(const Error& error);
// That a run could not go on. There may be no memory to say why.
void complain_of_end(const std::exception& error) noexcept;

// In the form for people on a terminal, else a line a message.
void show(const Diagnostics& diagnostics, const Options& options);

}  // namespace permward
