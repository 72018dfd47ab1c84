// SPDX-License-Identifier: Apache-2.0
// Compares permward with programs that do the least that the same work takes. All are processes of
// their own, or parts of this one, and take turns, so that a machine that gets slower gets slower
// for all. Prints medians and their ratio; asserts nothing of time.
#include "bench/cases.hpp"
#include "bench/floor.hpp"
#include "bench/options.hpp"
#include "bench/stopped.hpp"
#include "bench/tree.hpp"

#include <charconv>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/utsname.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

using namespace permward::bench;

constexpr std::string_view usage_text =
    "usage: bench --permward PROGRAM [OPTIONS]\n"
    "  --files N     files in the tree (default 100000)\n"
    "  --rounds N    rounds of each case (default 7)\n"
    "  --jobs N      the most threads (default: the CPUs); check is run with 1 and with N\n"
    "  --only PART   check, journal or apply (default: all; the last two for root)\n"
    "  --dir DIR     where the tree is made (default: $TMPDIR, else /var/tmp)\n"
    "  --json FILE   the figures, for programs\n";

struct Part {
  std::string_view name;
  void (*compare)(const Options&, const Tree&, const Show&);
  bool changes_owners;
};
constexpr Part parts[] = {{"check", compare_checks, false},
                          {"journal", compare_journal, true},
                          {"apply", compare_applies, true}};

struct Usage : std::runtime_error {
  using std::runtime_error::runtime_error;
};

template <typename Number>
Number number(std::string_view option, std::string_view text) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value == 0) {
    throw Usage(std::string(option) + " wants a number above 0, not " + std::string(text));
  }
  return value;
}

std::string part(std::string_view text) {
  for (const Part& one : parts) {
    if (one.name == text) return std::string(text);
  }
  throw Usage("--only wants check, journal or apply, not " + std::string(text));
}

Options parse(int argc, char** argv) {
  Options options;
  const char* tmpdir = std::getenv("TMPDIR");
  options.directory = tmpdir != nullptr && *tmpdir != '\0' ? tmpdir : "/var/tmp";
  for (int i = 1; i < argc; i += 2) {
    const std::string_view option = argv[i];
    if (i + 1 == argc) throw Usage(std::string(option) + " wants a value");
    const std::string_view value = argv[i + 1];
    if (option == "--permward") {
      options.permward = value;
    } else if (option == "--json") {
      options.json = value;
    } else if (option == "--dir") {
      options.directory = value;
    } else if (option == "--only") {
      options.only = part(value);
    } else if (option == "--files") {
      options.files = number<std::size_t>(option, value);
    } else if (option == "--rounds") {
      options.rounds = number<std::size_t>(option, value);
    } else if (option == "--jobs") {
      options.jobs = number<unsigned>(option, value);
    } else {
      throw Usage("unknown option " + std::string(option));
    }
  }
  if (options.permward.empty()) throw Usage("--permward is missing");
  return options;
}

void write_json(const Options& options, const Tree& tree, const std::vector<Comparison>& all) {
  utsname system{};
  uname(&system);
  std::ofstream out(options.json);
  out << "{\n  \"files\": " << tree.files() << ",\n  \"directories\": " << tree.directories()
      << ",\n  \"rounds\": " << options.rounds
      << ",\n  \"cpus\": " << std::thread::hardware_concurrency() << ",\n  \"kernel\": \""
      << system.release << "\",\n  \"root\": " << (geteuid() == 0 ? "true" : "false")
      << ",\n  \"comparisons\": [";
  for (const Comparison& one : all) {
    out << (&one == &all.front() ? "\n    " : ",\n    ");
    permward::bench::write_json(out, one);
  }
  out << "\n  ]\n}\n";
  if (!out.flush()) throw std::runtime_error("cannot write " + options.json);
}

int compare(const Options& options) {
  catch_signals();
  const Tree tree(options.directory, options.files);
  std::cout << tree.files() << " files in " << tree.directories() << " directories below "
            << options.directory << "; medians of " << options.rounds
            << " rounds (lowest-highest), and how many times the first of each table\n";
  if (geteuid() != 0) {
    std::cout << "not as root: check opens every object, for others own the tree\n";
  }
  std::vector<Comparison> all;
  for (const Part& one : parts) {
    if (!options.only.empty() && options.only != one.name) continue;
    if (one.changes_owners && geteuid() != 0) {
      std::cout << "\n" << one.name << ": left out, it takes root\n";
      continue;
    }
    one.compare(options, tree, [&all](const Comparison& done) {
      print(std::cout, done);
      all.push_back(done);
    });
  }
  if (!options.json.empty()) write_json(options, tree, all);
  return 0;
}

// `bench floor TREE THREADS status|acl` and `bench correct TREE`: how this program calls itself.
int floor_only(int argc, char** argv) {
  if (argc == 3) {
    std::cout << correct(argv[2], as_made) << '\n';
    return 0;
  }
  const Reads reads = std::string_view(argv[4]) == "acl" ? Reads::status_and_acl : Reads::status;
  std::cout << walk(argv[2], number<unsigned>("THREADS", argv[3]), reads) << '\n';
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::string_view first = argc > 1 ? argv[1] : "";
    if ((argc == 5 && first == "floor") || (argc == 3 && first == "correct")) {
      return floor_only(argc, argv);
    }
    return compare(parse(argc, argv));
  } catch (const Usage& mistake) {
    std::cerr << "bench: " << mistake.what() << '\n' << usage_text;
    return 64;
  } catch (const std::exception& error) {
    std::cerr << "bench: " << error.what() << '\n';
    return 1;
  }
}
