# SPDX-License-Identifier: Apache-2.0
# Flags that hold for every target of a build: sanitizers, coverage, hardening. They are set for
# the whole directory, since one object file without them would make the build something else.
include(CheckCXXCompilerFlag)
include(CheckPIESupported)
check_pie_supported()

# What is built says nothing of where: two clones build the same bytes. (gcovr needs whole paths.)
if(NOT PERMWARD_COVERAGE)
  add_compile_options("-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=")
endif()

if(PERMWARD_SANITIZE OR PERMWARD_COVERAGE)
  # Tests that count a cost allow for the instrumentation's own.
  add_compile_definitions(PERMWARD_INSTRUMENTED)
endif()

if(PERMWARD_SANITIZE)
  add_compile_options("-fsanitize=${PERMWARD_SANITIZE}" -fno-sanitize-recover=all
    -fno-omit-frame-pointer)
  add_link_options("-fsanitize=${PERMWARD_SANITIZE}" -fno-sanitize-recover=all)
endif()

if(PERMWARD_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "PERMWARD_FUZZ needs clang: libFuzzer is a part of it")
  endif()
  # Coverage feedback in all code; the libFuzzer main joins at the link of each target.
  add_compile_options(-fsanitize=fuzzer-no-link)
  add_link_options(-fsanitize=fuzzer-no-link)
endif()

if(PERMWARD_COVERAGE)
  # Atomic counters: workers run in threads. Without inlining a line is counted where it stands.
  add_compile_options(--coverage -fprofile-update=atomic -fno-inline)
  add_link_options(--coverage)
endif()

if(PERMWARD_HARDEN)
  add_compile_options(-fstack-protector-strong -fstack-clash-protection -U_FORTIFY_SOURCE
    -D_FORTIFY_SOURCE=3 -D_GLIBCXX_ASSERTIONS)
  check_cxx_compiler_flag(-fcf-protection PERMWARD_HAVE_CF_PROTECTION)
  if(PERMWARD_HAVE_CF_PROTECTION)  # x86 only
    add_compile_options(-fcf-protection)
  endif()
  add_link_options(-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
endif()
