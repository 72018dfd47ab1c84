// SPDX-License-Identifier: Apache-2.0
//
// Collects what is wrong with the files of a policy. Every diagnostic of this layer is made here,
// so that each has a row in `model/codes.hpp`. Layer `policy`; pure.
#pragma once

#include "model/codes.hpp"
#include "model/diagnostic.hpp"
#include "model/pos.hpp"
#include "policy/lines.hpp"
#include "policy/suggestions.hpp"

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <vector>

namespace permward {

// A file as diagnostics show it.
struct Source {
  std::string_view name;
  Lines lines;
};

class Mistakes {
 public:
  // What is shown of one file: so many errors, and so many warnings.
  static constexpr std::size_t limit = 100;

  explicit Mistakes(std::size_t files) : files_(files) {}

  // `pos.file` < files. The same mistake at the same place is one. Of a file with more than `limit`
  // the foremost stay.
  void add(Code code, Pos pos, std::string message, std::string help = {});

  // Whether it would be shown; else it is counted. For whoever takes trouble with a message.
  [[nodiscard]] bool wants(Code code, Pos pos);

  [[nodiscard]] Suggestions& suggestions() { return suggestions_; }

  // In the order of files, lines and columns. `sources` are those files.
  [[nodiscard]] Diagnostics diagnostics(std::span<const Source> sources) const;

 private:
  struct Mistake {
    Pos pos;
    Code code;
    std::string message;
    std::string help;
    bool operator<(const Mistake& o) const {
      return std::tie(pos, code, message) < std::tie(o.pos, o.code, o.message);
    }
  };
  struct Kept {
    std::set<Mistake> mistakes;
    std::size_t dropped = 0;
  };
  struct File {
    Kept errors;
    Kept warnings;
  };

  Kept& kept_with(Code code, Pos pos);

  std::vector<File> files_;
  Suggestions suggestions_;
};

// The diagnostic itself; without `source` it shows no line.
[[nodiscard]] Diagnostic diagnostic(Code code, std::string_view file, Pos pos, std::string message,
                                    std::string help);

}  // namespace permward
