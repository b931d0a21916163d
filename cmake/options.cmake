option(FACEGRAPH_BUILD_TESTS "Build the tests" ON)
option(FACEGRAPH_BUILD_BENCHES "Build the benchmarks" ON)
option(FACEGRAPH_BUILD_FUZZERS "Build the libFuzzer targets (clang only)" OFF)
option(FACEGRAPH_CUDA "Build the CUDA part and fetch the CUDA execution provider" OFF)
option(FACEGRAPH_ORT_ARCHIVE "Take ONNX Runtime from its official release archive" OFF)
set(FACEGRAPH_SANITIZE "" CACHE STRING "Sanitizers: empty, address or thread")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
  set(CMAKE_CUDA_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

if(FACEGRAPH_CUDA)
  set(CMAKE_CUDA_ARCHITECTURES 90 CACHE STRING "GPU architectures to build for")
  enable_language(CUDA)
  if(NOT CMAKE_CUDA20_STANDARD_COMPILE_OPTION)  # Debian 12's CMake does not know that nvcc has C++20
    set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)
  endif()
endif()
