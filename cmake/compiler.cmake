# A C++20 compiler is not always one with C++20's concepts and a standard library with its threads: trying beats a list
# of versions.

# Sets `result` to what is wrong with the compiler, or to nothing.
function(hposearch_check_compiler result)
  if(NOT DEFINED HPOSEARCH_COMPILER_SUPPORTED AND "cxx_std_20" IN_LIST CMAKE_CXX_COMPILE_FEATURES)
    try_compile(
      HPOSEARCH_COMPILER_SUPPORTED "${PROJECT_BINARY_DIR}/compiler_check"
      "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/compiler_check.cpp"
      CXX_STANDARD 20
      CXX_STANDARD_REQUIRED ON
      CXX_EXTENSIONS OFF)
  endif()
  set(${result} "" PARENT_SCOPE)
  if(NOT HPOSEARCH_COMPILER_SUPPORTED)
    set(${result}
        "needs C++20 with concepts, <stop_token> and floating-point <charconv> (g++ 11, clang++ 14 with libstdc++ 11, or \
newer); ${CMAKE_CXX_COMPILER} is ${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}. Choose another with \
-DCMAKE_CXX_COMPILER=..., in a fresh build folder."
        PARENT_SCOPE)
  endif()
endfunction()
