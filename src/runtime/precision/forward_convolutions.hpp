// Transposed convolutions written as forward ones. On a GPU cuDNN's kernels for the former add up in the order in which
// threads arrive: two runs of one model differ, so that nobody could tell whether a replay gives what the plain run
// gives; its kernels that do not are several times slower. A forward convolution has neither trouble.
#pragma once

#include <filesystem>

namespace facegraph::runtime {

// Of which convolutions: those whose weights are stored in the file, or those whose weights are computed, too.
enum class Weights { kStored, kAll };

// Reads the ONNX file `from` and writes it to `to`, which is replaced, with every ConvTranspose of one group and no
// dilation as a Conv over kernels of ceil(k / stride) with stride^2 times the channels, a DepthToSpace and a Slice: the
// same products, added in another order. Weights that are computed (modulated convolutions) are brought into that order
// by nodes; their node has to say the kernel's size. False, and nothing written, where there is no
// such node. Throws Error(kFailed) with the reason for a file that is no ONNX model below 2 GB.
bool write_forward_convolutions(const std::filesystem::path& from, const std::filesystem::path& to, Weights weights);

}  // namespace facegraph::runtime
