// SPDX-License-Identifier: Apache-2.0
//
// Reports on their way from the process that looks to the one that writes them: frames through a
// pipe. Layer `cli`. Whoever receives believes nothing of what it is sent but that it is bytes of
// reports.
#pragma once

#include "base/fd.hpp"
#include "base/result.hpp"
#include "cli/exit_status.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace permward {

inline constexpr std::size_t most_frame_bytes = std::size_t{64} << 10;

class ReportSender {
 public:
  explicit ReportSender(Fd pipe) : pipe_(std::move(pipe)) {}

  // Bytes for one of the places of `Outputs`. Where nobody reads any more the process ends: what it
  // has found is for nobody.
  void write(std::uint32_t place, std::string_view bytes);
  // The report for that place is whole.
  void commit(std::uint32_t place);
  // Nothing follows. `status` is what the run came to.
  void end(ExitStatus status);

 private:
  void send(char kind, std::uint32_t place, std::string_view bytes);

  Fd pipe_;
};

// What comes of receiving: called in the order of the frames.
struct ReportReceiver {
  std::function<void(std::uint32_t place, std::string_view bytes)> write;
  std::function<void(std::uint32_t place)> commit;
};

// Takes frames to the end of the pipe. The status that was sent; none where the sender was gone
// before that, or sent what is no frame. `places`: how many there are. Errors: those of read(2).
[[nodiscard]] Result<std::optional<ExitStatus>> receive_reports(int pipe, std::uint32_t places,
                                                                const ReportReceiver& receiver);

}  // namespace permward
