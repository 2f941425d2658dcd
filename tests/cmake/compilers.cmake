# The compilers that headers and compile errors are checked with: the build's own, and clang++ or g++ beside it where
# there is one. For each <name> in HPOSEARCH_TEST_COMPILERS, HPOSEARCH_TEST_COMPILER_<name> is its path.

set(HPOSEARCH_TEST_COMPILERS "")
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  set(own g++)
  set(other clang++)
else()
  set(own clang++)
  set(other g++)
endif()
list(APPEND HPOSEARCH_TEST_COMPILERS ${own})
set(HPOSEARCH_TEST_COMPILER_${own} "${CMAKE_CXX_COMPILER}")

find_program(HPOSEARCH_OTHER_COMPILER NAMES ${other} ${other}-19 ${other}-18 ${other}-17 ${other}-16 ${other}-15 ${other}-14)
if(HPOSEARCH_OTHER_COMPILER)
  list(APPEND HPOSEARCH_TEST_COMPILERS ${other})
  set(HPOSEARCH_TEST_COMPILER_${other} "${HPOSEARCH_OTHER_COMPILER}")
else()
  message(STATUS "hposearch: headers are not checked with ${other}, which was not found")
endif()

# Options for any of them: the language, the warnings, and where everything is that hposearch_development links to.
# Folders that a compiler searches anyway must not be named: -isystem /usr/include breaks #include_next.
set(HPOSEARCH_TEST_COMPILE_OPTIONS -std=c++20 ${HPOSEARCH_WARNINGS} "-I${PROJECT_SOURCE_DIR}/include"
                                   "-I${PROJECT_SOURCE_DIR}/tests")
set(libraries Eigen3::Eigen fmt::fmt)
foreach(component IN LISTS HPOSEARCH_FOUND_COMPONENTS)
  get_target_property(linked hposearch::${component} INTERFACE_LINK_LIBRARIES)
  list(APPEND libraries ${linked})
endforeach()
list(REMOVE_ITEM libraries hposearch::hposearch)
foreach(library IN LISTS libraries)
  get_target_property(folders ${library} INTERFACE_INCLUDE_DIRECTORIES)
  foreach(folder IN LISTS folders)
    if(folder AND NOT folder IN_LIST CMAKE_CXX_IMPLICIT_INCLUDE_DIRECTORIES)
      list(APPEND HPOSEARCH_TEST_COMPILE_OPTIONS -isystem "${folder}")
    endif()
  endforeach()
endforeach()
