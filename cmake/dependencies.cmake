# What hposearch needs, with messages that say what to install. Used by the project and by the installed package.
# Where hposearch is a part of another project, that project must see what hposearch::hposearch links to: the variable
# HPOSEARCH_TARGET_SCOPE is then GLOBAL. An installed package leaves the choice to whoever calls find_package.

# hposearch_need(<result> <package> TARGET <target> DEBIAN <debian package> [MINIMUM <version>])
#
# Finds a package that provides a target, unless the target is there already. <result> is set to what is wrong, or to
# nothing. The version is compared here and not by find_package, whose config files refuse newer major versions and do
# not say what they found.
function(hposearch_need result package)
  cmake_parse_arguments(PARSE_ARGV 2 need "" "TARGET;DEBIAN;MINIMUM" "")
  set(${result} "" PARENT_SCOPE)
  if(TARGET ${need_TARGET})
    return()
  endif()

  set(wanted "${package}")
  if(need_MINIMUM)
    string(APPEND wanted " ${need_MINIMUM} or newer")
  endif()
  set(help "Debian, Ubuntu: apt install ${need_DEBIAN}. Elsewhere: set ${package}_DIR or CMAKE_PREFIX_PATH.")

  find_package(${package} QUIET)
  if(NOT ${package}_FOUND OR NOT TARGET ${need_TARGET})
    set(${result} "needs ${wanted}, which was not found. ${help}" PARENT_SCOPE)
    return()
  endif()
  if(need_MINIMUM AND ${package}_VERSION AND ${package}_VERSION VERSION_LESS need_MINIMUM)
    set(${result} "needs ${wanted}, but found ${${package}_VERSION} in ${${package}_DIR}. ${help}" PARENT_SCOPE)
    return()
  endif()

  if(HPOSEARCH_TARGET_SCOPE STREQUAL "GLOBAL")
    set_target_properties(${need_TARGET} PROPERTIES IMPORTED_GLOBAL TRUE)
  endif()
endfunction()

# Sets `result` to what is missing, or to nothing.
function(hposearch_find_dependencies result)
  hposearch_need(missing Eigen3 TARGET Eigen3::Eigen MINIMUM 3.4 DEBIAN libeigen3-dev)
  if(NOT missing)
    hposearch_need(missing fmt TARGET fmt::fmt MINIMUM 8.0 DEBIAN libfmt-dev)
  endif()
  if(NOT missing)
    hposearch_need(missing Threads TARGET Threads::Threads DEBIAN libc6-dev)
  endif()
  set(${result} "${missing}" PARENT_SCOPE)
endfunction()
