# Warnings are errors for our own code. -ffp-contract=off keeps the written order of float operations: the reference's
# blends are separate multiplications and additions, and a fused one truncates to another grey level.
add_library(facegraph_flags INTERFACE)
target_compile_options(facegraph_flags INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual -Wnull-dereference -Werror -ffp-contract=off>)
target_include_directories(facegraph_flags INTERFACE ${PROJECT_SOURCE_DIR}/src)
