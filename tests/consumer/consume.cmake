# cmake -D PROJECT=<folder> -D BUILD=<folder> -D PROGRAM=<target> -D EXPECT_ERROR=<regex or nothing> -P consume.cmake --
#   <configure option>...
cmake_minimum_required(VERSION 3.22)

set(options "")
foreach(i RANGE ${CMAKE_ARGC})
  if(DEFINED CMAKE_ARGV${i} AND in_options)
    list(APPEND options "${CMAKE_ARGV${i}}")
  elseif("${CMAKE_ARGV${i}}" STREQUAL "--")
    set(in_options TRUE)
  endif()
endforeach()

# What an earlier run found must not help this one.
file(REMOVE_RECURSE "${BUILD}")
execute_process(COMMAND "${CMAKE_COMMAND}" -S "${PROJECT}" -B "${BUILD}" ${options}
                RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(EXPECT_ERROR)
  string(REGEX REPLACE "[ \n]+" " " output "${output}")
  if(status EQUAL 0)
    message(FATAL_ERROR "could be configured, and should not")
  elseif(NOT output MATCHES "${EXPECT_ERROR}")
    message(FATAL_ERROR "no error matches '${EXPECT_ERROR}' in:\n${output}")
  endif()
  return()
endif()
if(NOT status EQUAL 0)
  message(FATAL_ERROR "could not be configured:\n${output}")
endif()

execute_process(COMMAND "${CMAKE_COMMAND}" --build "${BUILD}" --target "${PROGRAM}" COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${BUILD}/${PROGRAM}" COMMAND_ERROR_IS_FATAL ANY)
