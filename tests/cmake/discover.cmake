# Writes FILE, a script for ctest with one test for each test case of PROGRAM.
# Names begin with the first of LABELS. Labels: LABELS, and the tags conformance and long where a test case has them.
cmake_minimum_required(VERSION 3.22)

if(VERSION VERSION_LESS 3)
  set(list_names --list-test-names-only)
  set(run_options "--warn NoTests")
  set(skip "")
else()
  set(list_names --list-tests --verbosity quiet)
  set(run_options "")
  set(skip "SKIP_RETURN_CODE 4")
endif()

# A semicolon and square brackets mean something in CMake's lists, so they are spelled as characters that no name has.
string(ASCII 1 semicolon)
string(ASCII 2 opening)
string(ASCII 3 closing)

# Names of the test cases with `tag`, or of all.
function(list_test_cases result tag)
  execute_process(COMMAND "${PROGRAM}" ${list_names} ${tag} OUTPUT_VARIABLE names ERROR_VARIABLE errors
                  RESULT_VARIABLE status)
  # Catch2 2 returns something else than 0 when it lists test cases.
  if(NOT status MATCHES "^[0-9]+$" OR (status GREATER 0 AND names STREQUAL ""))
    message(FATAL_ERROR "${PROGRAM} cannot list its tests (${status}):\n${errors}")
  endif()
  string(REPLACE ";" "${semicolon}" names "${names}")
  string(REPLACE "[" "${opening}" names "${names}")
  string(REPLACE "]" "${closing}" names "${names}")
  string(REGEX MATCHALL "[^\n]+" names "${names}")
  set(${result} "${names}" PARENT_SCOPE)
endfunction()

function(restore result name)
  string(REPLACE "${semicolon}" ";" name "${name}")
  string(REPLACE "${opening}" "[" name "${name}")
  string(REPLACE "${closing}" "]" name "${name}")
  set(${result} "${name}" PARENT_SCOPE)
endfunction()

set(tags conformance long)
list_test_cases(all "")
foreach(tag IN LISTS tags)
  list_test_cases(with_${tag} "[${tag}]")
endforeach()

set(script "")
list(GET LABELS 0 prefix)
foreach(name IN LISTS all)
  set(labels ${LABELS})
  foreach(tag IN LISTS tags)
    if(name IN_LIST with_${tag})
      list(APPEND labels ${tag})
    endif()
  endforeach()
  restore(title "${name}")
  string(REGEX REPLACE "^ +" "" title "${title}")
  # Commas, brackets and backslashes mean something to Catch2's selection.
  string(REGEX REPLACE "([][,\\*\"])" "\\\\\\1" selection "${title}")
  string(APPEND script "add_test([==[${prefix}: ${title}]==] [==[${PROGRAM}]==] [==[${selection}]==] ${run_options})\n"
                       "set_tests_properties([==[${prefix}: ${title}]==] PROPERTIES LABELS [==[${labels}]==] "
                       "TIMEOUT 300 ${skip} SKIP_REGULAR_EXPRESSION [==[skipped on this machine: ]==])\n")
endforeach()
file(WRITE "${FILE}" "${script}")
