# cmake -D PROGRAM=<program> -D TEST=<its test> -P run.cmake: prints "skipped: " and why where it cannot run.
cmake_minimum_required(VERSION 3.22)

if(NOT EXISTS "${PROGRAM}")
  message(STATUS "skipped: there is no nvcc to compile the test")
  return()
endif()
execute_process(COMMAND "${PROGRAM}" "${TEST}" RESULT_VARIABLE status)
if(NOT status EQUAL 0 AND NOT status EQUAL 4)
  message(FATAL_ERROR "${TEST} failed (${status})")
endif()
