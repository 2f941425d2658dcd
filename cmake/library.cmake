# hposearch::hposearch: the headers, Eigen, fmt and threads.
add_library(hposearch INTERFACE)
add_library(hposearch::hposearch ALIAS hposearch)
target_compile_features(hposearch INTERFACE cxx_std_20)
target_link_libraries(hposearch INTERFACE Eigen3::Eigen fmt::fmt Threads::Threads)

file(GLOB_RECURSE HPOSEARCH_HEADERS CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/include/hposearch/*.hpp")
if(CMAKE_VERSION VERSION_GREATER_EQUAL 3.23)
  target_sources(hposearch INTERFACE FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}/include"
                                     FILES ${HPOSEARCH_HEADERS})
else()
  target_include_directories(hposearch INTERFACE "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>")
endif()
