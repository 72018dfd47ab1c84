// SPDX-License-Identifier: Apache-2.0
#include "cli/report_channel.hpp"

#include "support/catch.hpp"

#include <array>
#include <cstdint>
#include <fcntl.h>
#include <string>
#include <thread>
#include <unistd.h>
#include <utility>

using namespace permward;

namespace {

struct Ends {
  Fd read;
  Fd write;
};

Ends make_pipe() {
  int ends[2];
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  return {Fd(ends[0]), Fd(ends[1])};
}

// What comes of bytes that somebody sends, of two places.
struct Got {
  std::array<std::string, 2> places;
  std::string commits;
  std::optional<ExitStatus> status;
};

Got got_of(int pipe) {
  Got out;
  ReportReceiver receiver;
  receiver.write = [&](std::uint32_t place, std::string_view bytes) { out.places[place] += bytes; };
  receiver.commit = [&](std::uint32_t place) { out.commits += std::to_string(place); };
  const auto status = receive_reports(pipe, 2, receiver);
  REQUIRE(status.ok());
  out.status = *status;
  return out;
}

Got got_of_bytes(const std::string& bytes) {
  Ends ends = make_pipe();
  REQUIRE(write(ends.write.get(), bytes.data(), bytes.size()) ==
          static_cast<ssize_t>(bytes.size()));
  ends.write.reset();
  return got_of(ends.read.get());
}

std::string number(std::uint32_t value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

}  // namespace

TEST_CASE("reports of any size come whole and in order") {
  Ends ends = make_pipe();
  const std::string large(3 * most_frame_bytes + 1, 'x');
  std::thread sending([&large, pipe = std::move(ends.write)]() mutable {
    ReportSender sender(std::move(pipe));
    sender.write(1, "a");
    sender.write(0, large);
    sender.write(1, "b");
    sender.commit(1);
    sender.commit(0);
    sender.end(ExitStatus::findings);
  });
  const Got got = got_of(ends.read.get());
  sending.join();
  CHECK(got.places[0] == large);
  CHECK(got.places[1] == "ab");
  CHECK(got.commits == "10");
  CHECK(got.status == ExitStatus::findings);
}

TEST_CASE("a sender that is gone, or sends what is no frame, has no status") {
  CHECK_FALSE(got_of_bytes("").status);
  CHECK_FALSE(got_of_bytes("b").status);
  CHECK_FALSE(got_of_bytes("b" + number(0) + number(5) + "abc").status);
  CHECK_FALSE(got_of_bytes("x" + number(0) + number(0)).status);
  CHECK_FALSE(got_of_bytes("b" + number(2) + number(0)).status);  // there are two places
  CHECK_FALSE(got_of_bytes("b" + number(0) + number(0xffffffff)).status);
  CHECK_FALSE(got_of_bytes("e" + number(3) + number(0)).status);  // no exit status
  CHECK(got_of_bytes("e" + number(0) + number(0)).status == ExitStatus::in_policy);
}

TEST_CASE("every exit status comes as it was sent") {
  for (const ExitStatus status :
       {ExitStatus::in_policy, ExitStatus::incomplete, ExitStatus::findings, ExitStatus::remains,
        ExitStatus::changed_and_remains, ExitStatus::usage, ExitStatus::bad_policy,
        ExitStatus::no_right}) {
    Ends ends = make_pipe();
    ReportSender(std::move(ends.write)).end(status);
    CHECK(got_of(ends.read.get()).status == status);
  }
}
