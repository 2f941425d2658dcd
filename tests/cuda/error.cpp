#include <support/catch.hpp>
#include <support/thrown.hpp>

#include <hposearch/cuda/error.hpp>

using namespace hposearch;

TEST_CASE("errors of CUDA are exceptions of a type that fits, with a message that is recognised") {
  const auto message = [](cudaError_t status) {
    return support::thrown<Error>([status] { return cuda::check(status, "cudaMalloc"), 0; });
  };
  CHECK(message(cudaSuccess) == "nothing");
  CHECK_THROWS_AS(cuda::check(cudaErrorMemoryAllocation), OutOfDeviceMemory);
  CHECK_THROWS_AS(cuda::check(cudaErrorNoDevice), DeviceLost);
  CHECK(message(cudaErrorInvalidValue) == "cudaMalloc: invalid argument (cudaErrorInvalidValue)");
  CHECK(recognise_fault(message(cudaErrorInvalidValue)) == DeviceFault::none);
  CHECK(recognise_fault(message(cudaErrorMemoryAllocation)) == DeviceFault::out_of_memory);
  CHECK(recognise_fault(message(cudaErrorNoDevice)) == DeviceFault::lost);
  CHECK(recognise_fault(message(cudaErrorInsufficientDriver)) == DeviceFault::old_driver);
  CHECK(recognise_fault(message(cudaErrorInitializationError)) == DeviceFault::forked);
  for (const cudaError_t status : {cudaErrorIllegalAddress, cudaErrorLaunchFailure, cudaErrorAssert,
                                   cudaErrorMisalignedAddress, cudaErrorIllegalInstruction, cudaErrorHardwareStackError,
                                   cudaErrorInvalidPc, cudaErrorECCUncorrectable, cudaErrorLaunchTimeout})
    CHECK(recognise_fault(message(status)) == DeviceFault::sticky);
}
