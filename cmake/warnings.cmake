# Warnings are errors for our own code. -ffp-contract=off (and -fmad=false on the GPU) keeps the written order of float
# operations: the reference's blends are separate multiplications and additions, and a fused one truncates to another grey level.
add_library(facegraph_flags INTERFACE)
target_compile_options(facegraph_flags INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual -Wnull-dereference -Werror -ffp-contract=off>
  "$<$<COMPILE_LANGUAGE:CUDA>:-Werror=all-warnings;-fmad=false;--expt-relaxed-constexpr;-Xcompiler=-Wall,-Wextra,-Wshadow,-Werror,-ffp-contract=off>")
# fmt 9 takes nvcc for a compiler without constexpr, which its C++20 part then misses.
target_compile_definitions(facegraph_flags INTERFACE $<$<COMPILE_LANGUAGE:CUDA>:FMT_USE_CONSTEXPR=1>)
target_include_directories(facegraph_flags INTERFACE ${PROJECT_SOURCE_DIR}/src)
