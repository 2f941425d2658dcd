# CUDA for trials that are threads, a device and a stream for each, and devices by the CUDA runtime.
hposearch_component_headers(cuda.hpp cuda/)
hposearch_component_needs(CUDAToolkit TARGET CUDA::cudart_static MINIMUM 11.0 DEBIAN nvidia-cuda-toolkit)
# What the runtime links to must be seen wherever it is.
if(TARGET CUDA::cudart_static_deps AND HPOSEARCH_TARGET_SCOPE STREQUAL "GLOBAL")
  set_target_properties(CUDA::cudart_static_deps PROPERTIES IMPORTED_GLOBAL TRUE)
endif()
