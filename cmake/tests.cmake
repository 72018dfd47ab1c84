# SPDX-License-Identifier: Apache-2.0
# How tests are made. Names of test cases are plain sentences: no `;`, `[`, `]`, `"`, `*` or `\`,
# which CMake or Catch2 would read as something else (such a case fails as "no tests ran").
#
# Exit status 77 is a skip. The reason stands on stdout in a line that begins with `skipped: `; what
# a test samples unless `PERMWARD_TEST_ALL` is 1 stands in one that begins with `sampled: `.

find_package(Catch2 REQUIRED)
include(Catch)

# permward_test_kind(label target...): the target `<label>_tests` builds what tests of that label need.
function(permward_test_kind label)
  if(NOT TARGET ${label}_tests)
    add_custom_target(${label}_tests)
  endif()
  add_dependencies(${label}_tests ${ARGN})
endfunction()

# permward_catch_tests(TARGET name KIND label SOURCES file... [LINKS target...] [MAIN target]
#                      [TIMEOUT seconds])
# A Catch2 program, each of whose test cases is a test of ctest's: `<target>/<test case>`.
function(permward_catch_tests)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "TARGET;KIND;MAIN;TIMEOUT" "SOURCES;LINKS")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "permward_catch_tests: unknown arguments: ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT arg_SOURCES)
    return()
  endif()
  if(NOT arg_MAIN)
    set(arg_MAIN permward_test_main)
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 900)
  endif()
  add_executable(${arg_TARGET} ${arg_SOURCES})
  target_link_libraries(${arg_TARGET} PRIVATE ${arg_LINKS} ${arg_MAIN} permward_warnings)
  target_precompile_headers(${arg_TARGET} REUSE_FROM permward_test_headers)
  permward_test_kind(${arg_KIND} ${arg_TARGET})
  catch_discover_tests(${arg_TARGET}
    TEST_PREFIX "${arg_TARGET}/"
    PROPERTIES LABELS "${arg_KIND}" SKIP_RETURN_CODE 77 TIMEOUT ${arg_TIMEOUT})
endfunction()

# permward_unit_tests(layer SOURCES file... [LINKS target...])
# `unit_<layer>`: values in, values out. Links the layer; LINKS adds what only the tests need.
function(permward_unit_tests layer)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINKS")
  permward_catch_tests(TARGET unit_${layer} KIND unit TIMEOUT 120
    SOURCES ${arg_SOURCES} LINKS permward_${layer} ${arg_LINKS} ${arg_UNPARSED_ARGUMENTS})
endfunction()

# permward_property_tests(SOURCES file... LINKS target...)
# `property`: rapidcheck, through support/property.hpp.
function(permward_property_tests)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "" "SOURCES;LINKS")
  find_package(rapidcheck REQUIRED)
  permward_catch_tests(TARGET property KIND property
    SOURCES ${arg_SOURCES} LINKS ${arg_LINKS} rapidcheck ${arg_UNPARSED_ARGUMENTS})
endfunction()

# permward_fs_tests(name SOURCES file... LINKS target...)
# `fs_<name>`: real file systems. Each test case runs as root in a mount namespace of its own, and is
# skipped where that is not to be had.
function(permward_fs_tests name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINKS")
  permward_catch_tests(TARGET fs_${name} KIND fs MAIN permward_fs_test_main
    SOURCES ${arg_SOURCES} LINKS ${arg_LINKS} ${arg_UNPARSED_ARGUMENTS})
endfunction()

# permward_fuzz_target(name SOURCES file... LINKS target...)
# `fuzz_<name>`, whose LLVMFuzzerTestOneInput runs under libFuzzer where PERMWARD_FUZZ is on. In every
# other build it is replayed as a test over the seeds in corpus/<name>.
function(permward_fuzz_target name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINKS")
  set(target "fuzz_${name}")
  add_executable(${target} ${arg_SOURCES})
  target_link_libraries(${target} PRIVATE ${arg_LINKS} ${arg_UNPARSED_ARGUMENTS} permward_warnings)
  if(PERMWARD_FUZZ)
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
    return()
  endif()
  target_link_libraries(${target} PRIVATE permward_fuzz_replay)
  permward_test_kind(fuzz ${target})
  add_test(NAME "${target}/corpus"
    COMMAND ${target} "${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name}")
  set_tests_properties("${target}/corpus" PROPERTIES
    LABELS fuzz SKIP_RETURN_CODE 77 TIMEOUT 300)
endfunction()

# permward_script_test(name script [argument...]): a shell script that is a test.
function(permward_script_test name script)
  add_test(NAME "${name}" COMMAND "${CMAKE_CURRENT_SOURCE_DIR}/${script}" ${ARGN})
  set_tests_properties("${name}" PROPERTIES LABELS project SKIP_RETURN_CODE 77 TIMEOUT 300)
endfunction()
