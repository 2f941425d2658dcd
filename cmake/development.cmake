# Settings of hposearch's own programs: its tests, examples and benchmarks. Users never see these.

add_library(hposearch_development INTERFACE)
target_link_libraries(hposearch_development INTERFACE hposearch::hposearch)
set(HPOSEARCH_WARNINGS -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
if(HPOSEARCH_WARNINGS_AS_ERRORS)
  list(APPEND HPOSEARCH_WARNINGS -Werror)
endif()
target_compile_options(hposearch_development INTERFACE ${HPOSEARCH_WARNINGS})

# Every component that this machine can build.
set(HPOSEARCH_FOUND_COMPONENTS "")
hposearch_list_components(components)
foreach(component IN LISTS components)
  hposearch_load_component(${component} missing)
  if(missing)
    message(STATUS "hposearch: ${missing}")
  else()
    list(APPEND HPOSEARCH_FOUND_COMPONENTS ${component})
    target_link_libraries(hposearch_development INTERFACE hposearch::${component})
  endif()
endforeach()

if(PROJECT_IS_TOP_LEVEL AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(HPOSEARCH_CCACHE ccache)
  if(HPOSEARCH_CCACHE)
    # Precompiled headers are cached as long as nobody asks ccache to look at their time stamps.
    set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env CCACHE_SLOPPINESS=pch_defines,time_macros
                                    "${HPOSEARCH_CCACHE}")
  endif()
endif()

option(HPOSEARCH_COVERAGE "Measure which lines the tests reach" OFF)
if(HPOSEARCH_COVERAGE)
  include(cmake/coverage.cmake)
endif()
