# SPDX-License-Identifier: Apache-2.0
# Compiles through ccache where there is one and nobody chose a launcher.
if(NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(PERMWARD_CCACHE ccache)
  mark_as_advanced(PERMWARD_CCACHE)
  if(PERMWARD_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${PERMWARD_CCACHE}")
  endif()
endif()
