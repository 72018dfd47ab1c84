#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# tests/layering_test.sh: that layering.sh can fail. Each case puts one mistake into a small tree that
# is right, and wants it named.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

fresh() {
  rm -rf "$work/src"
  local layer
  for layer in base model policy decide os engine report cli; do
    mkdir -p "$work/src/$layer"
    printf '#pragma once\n#include <vector>\n' >"$work/src/$layer/thing.hpp"
    printf 'permward_layer(\n  NAME %s\n  SOURCES thing.cpp)\n' "$layer" \
      >"$work/src/$layer/CMakeLists.txt"
  done
  printf '#include "base/thing.hpp"\n\n#include <openssl/evp.h>\n' >"$work/src/base/thing.cpp"
  printf '#include "os/thing.hpp"\n#include "model/thing.hpp"\n#include <fcntl.h>\n' \
    >"$work/src/os/thing.cpp"
  printf '#include "cli/thing.hpp"\n' >"$work/src/main.cpp"
}

right() {
  local output
  if ! output=$("$here/layering.sh" "$work/src"); then
    printf 'FAILED: %s\n%s\n' "$1" "$output"
    failed=1
  fi
}

wrong() {  # what is wrong, the text that the output must have
  local output
  if output=$("$here/layering.sh" "$work/src"); then
    printf 'FAILED: passed although %s\n' "$1"
    failed=1
  elif [[ $output != *"$2"* ]]; then
    printf 'FAILED: %s: wanted "%s", got:\n%s\n' "$1" "$2" "$output"
    failed=1
  fi
}

includes() {  # file, line to add, text wanted
  fresh
  printf '%s\n' "$2" >>"$work/src/$1"
  wrong "$1 has $2" "$3"
}

links() {  # layer, the arguments of permward_layer, text wanted
  fresh
  printf 'permward_layer(NAME %s SOURCES thing.cpp %s)\n' "$1" "$2" \
    >"$work/src/$1/CMakeLists.txt"
  wrong "$1 has $2" "$3"
}

fresh
right "a tree without a mistake"
includes base/thing.hpp '#include "model/thing.hpp"' 'src/base/thing.hpp:3: base may not include model'
includes decide/thing.hpp '#include "os/thing.hpp"' 'decide may not include os'
includes report/thing.cpp '#include "engine/thing.hpp"' 'report may not include engine'
includes os/thing.cpp '  #  include "policy/thing.hpp"' 'os may not include policy'
includes main.cpp '#include "engine/thing.hpp"' 'main may not include engine'
includes model/thing.hpp '#include "thing.hpp"' 'is to be written with its layer'
includes model/thing.hpp '#include "../base/thing.hpp"' '.. is no layer'
includes model/thing.hpp '#include "model/gone.hpp"' 'there is no src/model/gone.hpp'
includes engine/thing.hpp '#include <toml++/toml.h>' 'toml++ is private to policy'
includes cli/thing.cpp '#include <fmt/core.h>' 'fmt is private to report'
includes policy/thing.cpp '#include <sys/acl.h>' 'libacl is private to os'
includes model/thing.cpp '#include <sys/capability.h>' 'libcap is private to policy, os'
includes engine/thing.cpp '#include <spdlog/spdlog.h>' 'spdlog is private to watch, cli'
includes os/thing.cpp '#include <boost/regex.hpp>' 'is in no table'
includes decide/thing.cpp '#include <unistd.h>' 'decide is pure'
includes model/thing.cpp '#include <fstream>' 'model is pure'
includes engine/thing.cpp '#include HEADER' 'cannot read'
links decide 'LINKS base os' 'decide may not link os'
links engine 'PRIVATE fmt::fmt' 'fmt is private to report'
links os 'PRIVATE Boost::regex' 'is in no table'
fresh
mkdir "$work/src/util" && echo '#pragma once' >"$work/src/util/thing.hpp"
echo '#include <vector>' >>"$work/src/util/thing.hpp"
wrong "there is a folder that is no layer" 'util is no layer'

exit "$failed"
