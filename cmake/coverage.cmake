# `cmake --build --preset coverage --target coverage` after the tests have run: which lines of include/ they reached.
target_compile_options(hposearch_development INTERFACE --coverage)
target_link_options(hposearch_development INTERFACE --coverage)

find_program(HPOSEARCH_GCOVR gcovr)
if(HPOSEARCH_GCOVR)
  file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/coverage")
  add_custom_target(
    coverage
    COMMAND "${HPOSEARCH_GCOVR}" --root "${PROJECT_SOURCE_DIR}" --filter "${PROJECT_SOURCE_DIR}/include/"
            --html-details "${PROJECT_BINARY_DIR}/coverage/index.html" --print-summary
            "${PROJECT_BINARY_DIR}"
    COMMENT "${PROJECT_BINARY_DIR}/coverage/index.html"
    VERBATIM)
else()
  message(STATUS "hposearch: no coverage report without gcovr (Debian, Ubuntu: apt install gcovr)")
endif()
