// SPDX-License-Identifier: Apache-2.0
#include "cli/report_channel.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <unistd.h>
#include <vector>

namespace permward {
namespace {

constexpr char bytes_kind = 'b';
constexpr char commit_kind = 'c';
constexpr char end_kind = 'e';

struct Frame {
  char kind = 0;
  std::uint32_t place = 0;  // of `e`: the status
  std::uint32_t size = 0;   // of the bytes that follow
};
constexpr std::size_t frame_bytes = 1 + 2 * sizeof(std::uint32_t);
using Header = std::array<char, frame_bytes>;

Header header_of(const Frame& frame) {
  Header out{};
  out[0] = frame.kind;
  std::memcpy(out.data() + 1, &frame.place, sizeof frame.place);
  std::memcpy(out.data() + 1 + sizeof frame.place, &frame.size, sizeof frame.size);
  return out;
}

Frame frame_of(const Header& header) {
  Frame out;
  out.kind = header[0];
  std::memcpy(&out.place, header.data() + 1, sizeof out.place);
  std::memcpy(&out.size, header.data() + 1 + sizeof out.place, sizeof out.size);
  return out;
}

// False at the end of the pipe. Errors: those of read(2).
Result<bool> read_whole(int pipe, char* to, std::size_t size) {
  for (std::size_t at = 0; at < size;) {
    const ssize_t got = ::read(pipe, to + at, size - at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error(errno, "read from", "the process that looks");
    if (got == 0) return false;
    at += static_cast<std::size_t>(got);
  }
  return true;
}

void write_whole(int pipe, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(pipe, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) ::_exit(static_cast<int>(ExitStatus::incomplete));
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
}

}  // namespace

void ReportSender::send(char kind, std::uint32_t place, std::string_view bytes) {
  const Header header = header_of({kind, place, static_cast<std::uint32_t>(bytes.size())});
  write_whole(pipe_.get(), {header.data(), header.size()});
  write_whole(pipe_.get(), bytes);
}

void ReportSender::write(std::uint32_t place, std::string_view bytes) {
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, most_frame_bytes);
    send(bytes_kind, place, piece);
    bytes.remove_prefix(piece.size());
  }
}

void ReportSender::commit(std::uint32_t place) { send(commit_kind, place, ""); }

void ReportSender::end(ExitStatus status) {
  send(end_kind, static_cast<std::uint32_t>(status), "");
}

Result<std::optional<ExitStatus>> receive_reports(int pipe, std::uint32_t places,
                                                  const ReportReceiver& receiver) {
  const std::optional<ExitStatus> nothing;
  std::vector<char> bytes(most_frame_bytes);
  for (;;) {
    Header header{};
    TRY_ASSIGN(const bool more, read_whole(pipe, header.data(), header.size()));
    if (!more) return nothing;
    const Frame frame = frame_of(header);
    if (frame.kind == end_kind) return exit_status_of(frame.place);
    if (frame.place >= places || frame.size > bytes.size()) return nothing;
    TRY_ASSIGN(const bool whole, read_whole(pipe, bytes.data(), frame.size));
    if (!whole) return nothing;
    if (frame.kind == bytes_kind) {
      receiver.write(frame.place, {bytes.data(), frame.size});
    } else if (frame.kind == commit_kind) {
      receiver.commit(frame.place);
    } else {
      return nothing;
    }
  }
}

}  // namespace permward
