# Stands for an Eigen of before 3.4.
add_library(Eigen3::Eigen INTERFACE IMPORTED)
set(Eigen3_VERSION 3.3.7)
