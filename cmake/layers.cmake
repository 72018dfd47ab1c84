# SPDX-License-Identifier: Apache-2.0

# permward_layer(NAME name [SOURCES file...] [LINKS layer...] [PRIVATE library...]
#                [DEFINITIONS def...] [OPTIMIZED file...])
#
# Makes `permward_<name>`, the static library of src/<name>. LINKS are layers whose headers its own
# headers include; PRIVATE are libraries of others, which only its .cpp files may see; DEFINITIONS
# hold for its own sources; OPTIMIZED are sources that are optimised in every build. A layer
# without a source is an interface library, so that a layer can begin with a header. tests/layering.sh checks both lists against docs/architecture.md.
function(permward_layer)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME" "SOURCES;LINKS;PRIVATE;DEFINITIONS;OPTIMIZED")
  if(NOT arg_NAME OR arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "permward_layer: unknown arguments or no NAME: ${ARGN}")
  endif()
  set(target "permward_${arg_NAME}")
  list(TRANSFORM arg_LINKS PREPEND permward_)

  if(arg_SOURCES)
    add_library(${target} STATIC ${arg_SOURCES})
    target_link_libraries(${target} PUBLIC ${arg_LINKS} PRIVATE ${arg_PRIVATE} permward_warnings)
    target_compile_definitions(${target} PRIVATE ${arg_DEFINITIONS})
    target_include_directories(${target} PUBLIC "${PROJECT_SOURCE_DIR}/src")
    set_target_properties(${target} PROPERTIES
      UNITY_BUILD "${PERMWARD_UNITY}" UNITY_BUILD_BATCH_SIZE 12)
    # Sources that are too slow to be tested without: they are optimised in every build.
    if(arg_OPTIMIZED)
      set_source_files_properties(${arg_OPTIMIZED} PROPERTIES COMPILE_OPTIONS -O2)
    endif()
  else()
    add_library(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE ${arg_LINKS})
    target_include_directories(${target} INTERFACE "${PROJECT_SOURCE_DIR}/src")
  endif()
endfunction()

# The program itself: src/main.cpp over the library of the command line.
function(permward_program)
  if(NOT EXISTS "${PROJECT_SOURCE_DIR}/src/main.cpp")
    return()
  endif()
  add_executable(permward "${PROJECT_SOURCE_DIR}/src/main.cpp")
  target_link_libraries(permward PRIVATE permward_cli permward_warnings)
  set_target_properties(permward PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/src")
  install(TARGETS permward)
endfunction()
