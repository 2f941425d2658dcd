# Optional parts of hposearch. Each is one file components/<name>.cmake, read only when the component is asked for,
# that says which headers it consists of and what they need; a target hposearch::<name> comes of it. Used by the project
# and by the installed package.

set(hposearch_components_folder "${CMAKE_CURRENT_LIST_DIR}/components")

# hposearch_component_headers(<header or folder/>...)
# To be called by a component's file: its headers, relative to include/hposearch. The rest must not include them.
macro(hposearch_component_headers)
  set_property(GLOBAL PROPERTY HPOSEARCH_COMPONENT_HEADERS_${component_name} ${ARGN})
endmacro()

# hposearch_component_needs(<package> TARGET <target> DEBIAN <debian package> [MINIMUM <version>])
# To be called by a component's file.
macro(hposearch_component_needs package)
  if(NOT component_missing)
    hposearch_need(component_missing ${package} ${ARGN})
    cmake_parse_arguments(component "" "TARGET" "" ${ARGN})
    list(APPEND component_libraries ${component_TARGET})
  endif()
endmacro()

# hposearch_component_options(<compile option>...)
# To be called by a component's file: what the programs that link it are compiled with.
macro(hposearch_component_options)
  list(APPEND component_options ${ARGN})
endmacro()

# Lists the names of all components.
function(hposearch_list_components result)
  file(GLOB names RELATIVE "${hposearch_components_folder}" "${hposearch_components_folder}/*.cmake")
  list(TRANSFORM names REPLACE "\\.cmake$" "")
  set(${result} "${names}" PARENT_SCOPE)
endfunction()

# Makes hposearch::<name>. Sets `result` to why that cannot be, or to nothing.
function(hposearch_load_component name result)
  set(${result} "" PARENT_SCOPE)
  if(TARGET hposearch::${name})
    return()
  endif()
  if(NOT EXISTS "${hposearch_components_folder}/${name}.cmake")
    hposearch_list_components(known)
    list(JOIN known ", " known)
    set(${result} "has no component '${name}'. Its components are: ${known}." PARENT_SCOPE)
    return()
  endif()

  set(component_name ${name})
  set(component_missing "")
  set(component_libraries "")
  set(component_options "")
  include("${hposearch_components_folder}/${name}.cmake")
  if(component_missing)
    set(${result} "component '${name}' ${component_missing}" PARENT_SCOPE)
    return()
  endif()
  add_library(hposearch::${name} INTERFACE IMPORTED ${HPOSEARCH_TARGET_SCOPE})
  set_property(TARGET hposearch::${name} PROPERTY INTERFACE_LINK_LIBRARIES hposearch::hposearch ${component_libraries})
  set_property(TARGET hposearch::${name} PROPERTY INTERFACE_COMPILE_OPTIONS ${component_options})
endfunction()
