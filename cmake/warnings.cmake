# SPDX-License-Identifier: Apache-2.0
# `permward_warnings`: linked privately by our own targets and by nothing else. Headers of others
# come as system headers and do not warn.
add_library(permward_warnings INTERFACE)

target_compile_options(permward_warnings INTERFACE
  -Wall
  -Wextra
  -Wpedantic
  -Wcast-qual
  -Wconversion
  -Wextra-semi
  -Wformat=2
  -Wimplicit-fallthrough
  -Wnon-virtual-dtor
  -Wold-style-cast
  -Woverloaded-virtual
  -Wshadow
  -Wsign-conversion
  -Wundef
  -Wunused)

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(permward_warnings INTERFACE
    -Wduplicated-branches
    -Wduplicated-cond
    -Wlogical-op
    # Designated initialisers leave out what has a default: that is what they are for.
    -Wno-missing-field-initializers)
  # It looks through inlining, and sees ghosts in what the sanitizers put in between (gcc(1)); so does
  # -Wnull-dereference wherever the optimiser runs, and elsewhere it sees nothing.
  if(PERMWARD_SANITIZE)
    target_compile_options(permward_warnings INTERFACE -Wno-maybe-uninitialized)
  endif()
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(permward_warnings INTERFACE
    -Wnull-dereference
    -Wno-missing-field-initializers)
endif()

if(PERMWARD_WERROR)
  target_compile_options(permward_warnings INTERFACE -Werror)
endif()
