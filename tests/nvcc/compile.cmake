# cmake -D NVCC=<nvcc or nothing> -D HOST_COMPILER=<compiler or nothing> -D SOURCE=<.cu> -D INCLUDE=<folder>
#   -D EIGEN=<folder> (-D OBJECT=<file> | -D PROGRAM=<file> [-D LIBRARIES=<name>,...]) [-D EXPECT_ERROR=<regex>]
#   [-D FRONT_END=ON] -P compile.cmake
#
# FRONT_END leaves out the host compiler, in half the time: nvcc itself has read all of the code by then.
# Any warning is an error. Eigen 3.4 alone has many when nvcc looks at it as device code, so it is told not to be.
cmake_minimum_required(VERSION 3.22)

if(NOT NVCC)
  message(STATUS "skipped: no nvcc")
  return()
endif()
set(options -std=c++20 -DEIGEN_NO_CUDA -Werror all-warnings -I "${INCLUDE}" -isystem "${EIGEN}")
if(HOST_COMPILER)
  list(APPEND options -ccbin "${HOST_COMPILER}")
endif()
if(PROGRAM)
  string(REGEX REPLACE "([a-z]+),?" "-l\\1;" libraries "${LIBRARIES}")
  list(APPEND options -o "${PROGRAM}" ${libraries})
elseif(FRONT_END)
  list(APPEND options -cuda -o "${OBJECT}.ii")
else()
  list(APPEND options -c -o "${OBJECT}")
endif()
execute_process(COMMAND "${NVCC}" ${options} "${SOURCE}" RESULT_VARIABLE status OUTPUT_VARIABLE output
                ERROR_VARIABLE output)
if(EXPECT_ERROR)
  if(status EQUAL 0 OR NOT output MATCHES "${EXPECT_ERROR}")
    message(FATAL_ERROR "nvcc compiles ${SOURCE}, or its error is not '${EXPECT_ERROR}':\n${output}")
  endif()
elseif(NOT status EQUAL 0)
  message(FATAL_ERROR "nvcc cannot compile ${SOURCE}:\n${output}")
endif()
