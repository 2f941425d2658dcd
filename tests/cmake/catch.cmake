# Catch2 of either generation, and its test cases as tests of ctest.

find_package(Catch2 QUIET)
if(NOT TARGET Catch2::Catch2)
  message(FATAL_ERROR "hposearch: the tests need Catch2, version 2 or 3, which was not found. "
                      "Debian, Ubuntu: apt install catch2. Without tests: -DHPOSEARCH_BUILD_TESTS=OFF.")
endif()
add_library(hposearch_catch INTERFACE)
target_link_libraries(hposearch_catch INTERFACE Catch2::Catch2)

# hposearch_discover_tests(<target> <label>...)
#
# After each build of the program, its test cases are listed for ctest. Unlike Catch2's own catch_discover_tests, this
# gives labels by tag, is the same for both generations, and takes names such as "a number in [0, 1)".
function(hposearch_discover_tests target)
  set(file "${CMAKE_CURRENT_BINARY_DIR}/${target}.tests.cmake")
  add_custom_command(
    TARGET ${target} POST_BUILD
    BYPRODUCTS "${file}"
    COMMAND "${CMAKE_COMMAND}" -D PROGRAM=$<TARGET_FILE:${target}> -D "LABELS=${ARGN}" -D VERSION=${Catch2_VERSION}
            -D FILE=${file} -P "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/discover.cmake"
    VERBATIM)
  set(include "${CMAKE_CURRENT_BINARY_DIR}/${target}.include.cmake")
  file(WRITE "${include}" "if(EXISTS \"${file}\")\n  include(\"${file}\")\n"
                          "else()\n  add_test(\"${target} was not built\" false)\n"
                          "  set_tests_properties(\"${target} was not built\" PROPERTIES LABELS \"${ARGN}\")\n"
                          "endif()\n")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${include}")
endfunction()
