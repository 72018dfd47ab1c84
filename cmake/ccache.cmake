# SPDX-License-Identifier: Apache-2.0
# Compiles through ccache where there is one and nobody chose a launcher.
if(NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(PERMWARD_CCACHE ccache)
  mark_as_advanced(PERMWARD_CCACHE)
  if(PERMWARD_CCACHE)
    # Precompiled headers need the sloppiness (ccache(1), "Precompiled headers"); relative paths let
    # one clone use what another has compiled.
    set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros "CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}"
      "${PERMWARD_CCACHE}")
  endif()
endif()
