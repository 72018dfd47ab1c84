// SPDX-License-Identifier: Apache-2.0
#include "bench/machine.hpp"

#include "bench/run.hpp"

#include <cstdlib>
#include <ctime>
#include <exception>
#include <fstream>
#include <sstream>
#include <sys/utsname.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace permward::bench {
namespace {

std::string today() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[sizeof "YYYY-MM-DD"] = {};
  std::strftime(text, sizeof text, "%Y-%m-%d", &parts);
  return text;
}

std::string processor() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

bool lies_below(const std::string& path, const std::string& mount_point) {
  if (!path.starts_with(mount_point)) return false;
  return mount_point == "/" || path.size() == mount_point.size() || path[mount_point.size()] == '/';
}

// The type of the last mount on the longest of the mount points above the path: proc(5), mountinfo.
std::string file_system(const std::string& path) {
  std::ifstream in("/proc/self/mountinfo");
  std::string longest;
  std::string type = "unknown";
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string mount_point;
    for (int field = 0; field < 5; ++field) words >> mount_point;
    const std::size_t dash = line.find(" - ");
    if (!lies_below(path, mount_point) || mount_point.size() < longest.size()) continue;
    if (dash == std::string::npos) continue;
    longest = mount_point;
    type = line.substr(dash + 3, line.find(' ', dash + 3) - dash - 3);
  }
  return type;
}

// The first line of what a command prints; "unknown" if it cannot.
std::string first_line(const std::string& directory, std::vector<std::string> words) {
  const std::string output = directory + "/line";
  try {
    run({.words = std::move(words), .output = output}, directory + "/log");
  } catch (const std::exception&) {
    return "unknown";
  }
  std::ifstream in(output);
  std::string line;
  return std::getline(in, line) ? line : "unknown";
}

}  // namespace

Machine describe_machine(const std::string& directory, const std::string& permward) {
  Machine out;
  out.date = today();
  out.cpus = std::thread::hardware_concurrency();
  out.processor = processor();
  utsname system{};
  uname(&system);
  out.kernel = system.release;
  out.file_system = file_system(directory);
  out.root = geteuid() == 0;
  getloadavg(&out.load, 1);
  out.permward = first_line(directory, {permward, "version"});
  return out;
}

std::string package_version(const std::string& directory, const std::string& package) {
  return first_line(directory, {"dpkg-query", "-W", "-f", "${Version}\n", package});
}

}  // namespace permward::bench
