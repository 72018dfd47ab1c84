// SPDX-License-Identifier: Apache-2.0
// T75: texts that are made to cost. Each is refused within 2 seconds of CPU, 256 MiB beyond the
// text itself, and a stack of 256 KiB; what is large and right is read. A program of its own, since
// it counts what `operator new` hands out.
#include "policy/load.hpp"
#include "policy/mistakes.hpp"
#include "policy/screen.hpp"
#include "support/catch.hpp"
#include "support/sampling.hpp"
#include "unit/policy/loading.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <malloc.h>
#include <new>
#include <pthread.h>
#include <string>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define PERMWARD_COUNTS_MEMORY 0  // the sanitizer has its own `operator new`, and its own cost
#else
#define PERMWARD_COUNTS_MEMORY 1
#endif

namespace {

std::atomic<std::size_t> allocated{0};
std::atomic<std::size_t> peak{0};

#if PERMWARD_COUNTS_MEMORY
void* counted_allocation(std::size_t size) {
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  const std::size_t now = allocated += malloc_usable_size(memory);
  if (now > peak) peak = now;
  return memory;
}

void counted_release(void* memory) noexcept {
  allocated -= malloc_usable_size(memory);
  std::free(memory);
}

#endif

}  // namespace

#if PERMWARD_COUNTS_MEMORY
void* operator new(std::size_t size) { return counted_allocation(size); }
void operator delete(void* memory) noexcept { counted_release(memory); }
void operator delete(void* memory, std::size_t) noexcept { counted_release(memory); }
#endif

namespace permward::test {
namespace {

constexpr std::size_t small_stack = 256U << 10;
constexpr std::size_t most_memory = 256U << 20;

#if defined(PERMWARD_INSTRUMENTED)
constexpr double most_seconds = 30;
#elif !defined(__OPTIMIZE__)
constexpr double most_seconds = 10;
#else
constexpr double most_seconds = 2;
#endif

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

void on_small_stack(std::function<void()> run) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  REQUIRE(pthread_attr_setstacksize(&attributes, small_stack) == 0);
  const auto enter = [](void* argument) -> void* {
    (*static_cast<std::function<void()>*>(argument))();
    return nullptr;
  };
  pthread_t thread{};
  REQUIRE(pthread_create(&thread, &attributes, enter, &run) == 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
}

struct Cost {
  Strings codes;
  std::size_t rules = 0;
  double seconds = 0;
  std::size_t bytes = 0;
};

Cost cost_of(std::string text) {
  const SourceFile file{"p.toml", std::move(text)};
  Cost cost;
  on_small_stack([&file, &cost] {
    const std::size_t before = allocated;
    peak = before;
    const double begin = cpu_seconds();
    {
      const Loaded loaded = load(std::span(&file, 1), {.lint = true});
      cost.codes = codes_of(loaded);
      cost.rules = loaded.policy.rules.size();
    }
    cost.seconds = cpu_seconds() - begin;
    cost.bytes = peak - before;
  });
  return cost;
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

// `make(0)`, `make(1)`, …
std::string numbered(std::size_t count,
                     const std::function<std::string(const std::string&)>& make) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += make(std::to_string(i));
  return out;
}

// That the text is refused, with `code` first, and cheaply.
void check_refused(std::string text, std::string_view code) {
  const Cost cost = cost_of(std::move(text));
  REQUIRE_FALSE(cost.codes.empty());
  CHECK(cost.codes.front() == code);
  CHECK(cost.codes.size() < 300);
  CHECK(cost.seconds < most_seconds);
  CHECK(cost.bytes < most_memory);
}

TEST_CASE("T75 a hundred thousand brackets or inline tables within each other") {
  check_refused("x=" + repeated("[", 100'000), "E0106");
  check_refused("x=" + repeated("{a=", 100'000), "E0106");
  check_refused("x=" + repeated("[{a=", 100'000), "E0106");
}

TEST_CASE("T75 keys of two megabytes of dots") {
  check_refused(repeated("a.", 1'000'000) + "b=1", "E0107");
  check_refused("[" + repeated("a.", 100'000) + "b]", "E0107");
  check_refused("[[" + repeated("\"a\" . ", 100'000) + "b]]", "E0107");
}

TEST_CASE("T75 a string of 200 megabytes, two million tables, empty lines") {
  check_refused("x=\"" + std::string(200'000'000, 'y') + '"', "E0101");
  check_refused(repeated("[[r]]\n", 2'000'000), "E0105");
  check_refused(std::string(most_bytes, '\n'), "E0101");
}

TEST_CASE("T75 what is no text, no TOML, or ends too early") {
  check_refused("x=\"\xff\xfe\"", "E0103");
  check_refused(std::string("\xef\xbb\xbfx=1\n\0", 8), "E0102");
  check_refused("x=1\nx=2\n", "E0104");
  check_refused("x=\"\"\"" + repeated("\\", 99'999), "E0104");
}

TEST_CASE("T75 as many levels and dots as are let through do not overflow the stack") {
  check_refused("schema = 1\nx=" + repeated("[", 16) + repeated("]", 16), "E0201");
  check_refused("schema = 1\nx=" + repeated("{a=", 16) + "1" + repeated("}", 16), "E0201");
  check_refused("schema = 1\nx=" + repeated("[{a.b.c.d=", 3) + "1" + repeated("}]", 3), "E0201");
  const std::string key = repeated("a.", 15) + "a";
  check_refused("schema = 1\n[x." + key + "]\n" + key + "=[1]\n", "E0201");
  check_refused("schema = 1\n[x." + key + "]\n" + key + "={" + key + ".a=1}\n", "E0201");
  check_refused("x=" + repeated("[", 16), "E0104");
  check_refused("x=" + repeated("{a=", 16), "E0104");
}

TEST_CASE("T75 as many keys as are let through, all of them wrong") {
  const std::size_t values = sample(200'000, most_values, "values of a hostile policy");
  check_refused(numbered(values, [](const std::string& n) { return "a" + n + "=1\n"; }), "E0109");
  check_refused("schema=1\n[[rule]]\n" +
                    numbered(values - 3, [](const std::string& n) { return "a" + n + "=1\n"; }),
                "E0204");
  check_refused("schema=1\n[[rule]]\nid='r'\npath='/a'\ntags=[" + repeated("1,", values - 10) + "]",
                "E0202");
}

TEST_CASE("T75 dotted keys and tables that toml++ would search for again and again") {
  const auto dotted = [](const std::string& n) { return "a" + n + ".b=1\n"; };
  const auto again = [](const std::string& n) { return "a" + n + ".c=1\n"; };
  check_refused(numbered(25'000, dotted) + numbered(25'000, again), "E0109");
  check_refused(numbered(100'000, [](const std::string& n) { return "[[a" + n + "]]\n"; }),
                "E0108");
  check_refused(repeated("[[rule]]\n[rule.files.mode]\n", 60'000), "E0108");
}

TEST_CASE("T75 variables that explode, and a chain of very many") {
  std::string laughs = "schema = 1\n[variables]\nv0 = 'ha'\n";
  for (int i = 1; i < 40; ++i) {
    const std::string used = "${v" + std::to_string(i - 1) + "}";
    laughs += "v" + std::to_string(i) + " = '" + repeated(used, 10) + "'\n";
  }
  check_refused(laughs, "E0306");
  check_refused("schema = 1\n[variables]\n" +
                    numbered(sample(50'000, 300'000, "unknown variables"),
                             [](const std::string& n) { return "a" + n + "='${a" + n + "0}'\n"; }),
                "E0303");
  check_refused("schema = 1\n[variables]\na='" + std::string(60'000, 'x') +
                    "'\n[[rule]]\nid='r'\npath='/a'\ntags=[" + repeated("'${a}',", 50'000) + "]",
                "E0306");
}

TEST_CASE("T75 patterns that explode, one or all together") {
  const auto rule = [](const std::string& n, const std::string& path) {
    return "[[rule]]\nid='r" + n + "'\npath='" + path + "'\n";
  };
  check_refused("schema=1\n" + rule("", "/" + repeated("{a,b}", 120)), "E0403");
  check_refused("schema=1\n" + rule("", "/" + repeated("{", 4000)), "E0402");
  check_refused("schema=1\n" + numbered(40'000,
                                        [&rule](const std::string& n) {
                                          return rule(n, "/" + repeated("{a,b}", 10) + "/" +
                                                             std::string(200, 'x'));
                                        }),
                "W0604");
  check_refused("schema=1\n" + rule("", "/a") + "recurse=true\nowner='a'\nexclude=[" +
                    repeated("'{a,b,c,d,e,f,g,h}{a,b,c,d,e,f,g,h}',", 20'000) + "]",
                "E0403");
}

TEST_CASE("T75 trust of a file that every rule would repeat") {
  check_refused(
      "schema=1\n[policy]\ntrust=[" +
          numbered(10'000, [](const std::string& n) { return n + ","; }) + "]\n" +
          numbered(50'000,
                   [](const std::string& n) { return "[[rule]]\nid='r" + n + "'\npath='/a'\n"; }),
      "E0306");
}

TEST_CASE("what is said of overrides and waivers for no rule has a budget") {
  const std::size_t count = sample(10'000, 50'000, "rules that nobody overrides");
  const std::string rules = "schema=1\n" + numbered(count, [](const std::string& n) {
                              return "[[rule]]\nid='r" + n + "'\npath='/a'\n";
                            });
  const Cost overrides = cost_of(rules + numbered(count, [](const std::string& n) {
                                   return "[[override]]\nrule='q" + n + "'\n";
                                 }));
  const Cost waivers =
      cost_of(rules + numbered(count, [](const std::string& n) {
                return "[[waiver]]\nrule='q" + n + "*'\nreason='x'\nexpires=2020-01-01\n";
              }));
  CHECK(overrides.codes.size() == Mistakes::limit + 1);
  CHECK(waivers.codes.size() <= Mistakes::limit + 1);
  CHECK_FALSE(waivers.codes.empty());
  CHECK(overrides.seconds < most_seconds);
  CHECK(waivers.seconds < most_seconds);
}

TEST_CASE("many rules load in proportion to their number") {
  const auto rules = [](std::size_t number) {
    return "schema = 1\n" + numbered(number, [](const std::string& n) {
             return "[[rule]]\nid = 'r" + n + "'\npath = '/srv/d/f" + n + "'\nowner = 'u" + n +
                    "'\ngroup = 'root'\nmode = '0644'\n";
           });
  };
  const std::size_t count = sample(20'000, 100'000, "rules of a large policy");
  const Cost tenth = cost_of(rules(count / 10));
  const Cost all = cost_of(rules(count));
  CHECK(tenth.codes.empty());
  CHECK(all.rules == count);
  CHECK(all.seconds < 30 * tenth.seconds);
}

}  // namespace
}  // namespace permward::test
