#include <support/catch.hpp>

#include <hposearch/executor/gpu/fault.hpp>

using namespace hposearch;
using enum DeviceFault;

TEST_CASE("running out of a device's memory is recognised by what CUDA and libraries say") {
  for (const char* message :
       {"out of memory", "cudaMalloc: out of memory", "CUDA error: out of memory", "cudaErrorMemoryAllocation",
        "CUDA_ERROR_OUT_OF_MEMORY", "CUBLAS_STATUS_ALLOC_FAILED",
        "./train.py exited with status 1\nlast output:\ntorch.cuda.OutOfMemoryError: CUDA out of memory. Tried to "
        "allocate 20.00 GiB",
        "RESOURCE_EXHAUSTED: OOM when allocating tensor", "CUDA failure 2: out of memory"})
    CHECK(recognise_fault(message) == out_of_memory);
  CHECK(recognise_fault(OutOfDeviceMemory("anything").what()) == out_of_memory);
  CHECK(recognise_fault(OutOfDeviceMemory("device 0", 3 * gibibyte, gibibyte).what()) == out_of_memory);
}

TEST_CASE("running out of the host's memory, and other failures, say nothing of the device") {
  for (const char* message : {"out of memory: its limit is 4096 MiB", "std::bad_alloc", "", "no data",
                              "exceeded its time limit of 30 s", "killed by signal 9 (Killed)"})
    CHECK(recognise_fault(message) == none);
}

TEST_CASE("devices that are lost, errors that stay, old drivers and forks are told apart") {
  CHECK(recognise_fault("GPU is lost") == lost);
  CHECK(recognise_fault("GPU has fallen off the bus") == lost);
  CHECK(recognise_fault("no CUDA-capable device is detected") == lost);
  CHECK(recognise_fault("CUDA error: an illegal memory access was encountered") == sticky);
  CHECK(recognise_fault("device-side assert triggered") == sticky);
  CHECK(recognise_fault("unspecified launch failure") == sticky);
  CHECK(recognise_fault("CUDA driver version is insufficient for CUDA runtime version") == old_driver);
  CHECK(recognise_fault("initialization error") == forked);
  CHECK(recognise_fault("Cannot re-initialize CUDA in forked subprocess.") == forked);
  CHECK(remedy(none).empty());
  CHECK_FALSE(remedy(lost).empty());
  CHECK_FALSE(remedy(old_driver).empty());
  CHECK_FALSE(remedy(forked).empty());
}
