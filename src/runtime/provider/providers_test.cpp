#include "runtime/provider/providers.hpp"

#include <gtest/gtest.h>

#include "runtime/graph/cuda_unit.hpp"
#include "support/scratch.hpp"

namespace facegraph::runtime {
namespace {

using core::ErrorCode;

device::GpuInfo gpu(const std::string& name) {
  return {0, name, 7, 5, 0};
}

TEST(CudaSettings, FollowTheReference) {
  const std::vector<device::GpuInfo> gpus{gpu("NVIDIA H200")};
  const ProviderSettings settings = cuda_settings({}, 2, true, gpus);
  EXPECT_EQ(settings.at("device_id"), "2");
  EXPECT_EQ(settings.at("cudnn_conv_algo_search"), "EXHAUSTIVE");
  EXPECT_EQ(settings.at("use_tf32"), "1");
  EXPECT_EQ(settings.at("prefer_nhwc"), "0");
  EXPECT_EQ(settings.at("fuse_conv_bias"), "0");
  EXPECT_EQ(settings.at("enable_cuda_graph"), "1");
}

TEST(CudaSettings, SomeOldCardsSearchNoAlgorithms) {
  for (const char* name : {"NVIDIA GeForce GTX 1630", "GeForce GTX 1650 Ti", "NVIDIA GeForce GTX 1660 SUPER"}) {
    const std::vector<device::GpuInfo> gpus{gpu("NVIDIA H200"), gpu(name)};
    EXPECT_EQ(cuda_settings({}, 0, false, gpus).at("cudnn_conv_algo_search"), "DEFAULT") << name;
  }
  const std::vector<device::GpuInfo> other{gpu("NVIDIA GeForce GTX 1060")};
  EXPECT_EQ(cuda_settings({}, 0, false, other).at("cudnn_conv_algo_search"), "EXHAUSTIVE");
}

TEST(CudaSettings, FollowTheOptions) {
  ExecutionOptions options;
  options.precision = Precision::kFp32;
  options.nhwc = true;
  options.fuse_bias = true;
  const ProviderSettings settings = cuda_settings(options, 0, false, {});
  EXPECT_EQ(settings.at("use_tf32"), "0");
  EXPECT_EQ(settings.at("prefer_nhwc"), "1");
  EXPECT_EQ(settings.at("fuse_conv_bias"), "1");
  EXPECT_EQ(settings.at("enable_cuda_graph"), "0");
}

// spec: application.md 7.1
TEST(AcceleratorSettings, FollowTheReference) {
  using Settings = ProviderSettings;
  EXPECT_EQ(accelerator_settings("rocm", 1, ""), (Settings{{"device_id", "1"}}));
  EXPECT_EQ(accelerator_settings("openvino", 0, "c"), (Settings{{"device_type", "GPU"}, {"precision", "FP32"}}));
  EXPECT_EQ(accelerator_settings("openvino", 3, ""), (Settings{{"device_type", "GPU.3"}, {"precision", "FP32"}}));
  EXPECT_EQ(accelerator_settings("qnn", 0, ""), (Settings{{"device_id", "0"}, {"backend_type", "htp"}}));
  EXPECT_EQ(accelerator_settings("coreml", 0, "c"),
            (Settings{{"SpecializationStrategy", "FastPrediction"}, {"ModelCacheDirectory", "c"}}));
  EXPECT_EQ(accelerator_settings("migraphx", 0, "c"),
            (Settings{{"device_id", "0"}, {"migraphx_model_cache_dir", "c"}}));
  EXPECT_EQ(accelerator_settings("tensorrt", 0, "c"), (Settings{{"device_id", "0"},
                                                                {"trt_engine_cache_enable", "1"},
                                                                {"trt_engine_cache_path", "c"},
                                                                {"trt_timing_cache_enable", "1"},
                                                                {"trt_timing_cache_path", "c"},
                                                                {"trt_builder_optimization_level", "4"}}));
}

TEST(ProviderFailure, NamesTheLibraryAndTheRemedy) {
  test::expect_names(
      explain_provider_failure("cuda",
                               "Failed to load library libonnxruntime_providers_cuda.so with error: libcudnn.so.9: "
                               "cannot open shared object file: No such file or directory"),
      {"cuda", "libcudnn.so.9", "install cuDNN 9"});
  test::expect_names(
      explain_provider_failure("cuda", "error: libcublasLt.so.13: cannot open shared object file: No such file"),
      {"libcublasLt.so.13", "install the CUDA 13 libraries"});
  test::expect_names(
      explain_provider_failure("tensorrt", "error: libnvinfer.so.10: cannot open shared object file: No such file"),
      {"tensorrt", "libnvinfer.so.10"});
  test::expect_names(explain_provider_failure("qnn", "the words of ONNX Runtime"),
                     {"qnn", "the words of ONNX Runtime"});
}

TEST(GpuFailure, IsSortedByItsWords) {
  const std::string full = test::message_of(ErrorCode::kOutOfMemory, [] {
    fail_on_gpu("net", "GPU 1 (NVIDIA H200)",
                "BFCArena::AllocateRawInternal Failed to allocate memory for requested buffer of size 4194304");
  });
  test::expect_names(full, {"net", "GPU 1", "4194304 more bytes", "--execution-lanes"});
  test::message_of(ErrorCode::kOutOfMemory,
                   [] { fail_on_gpu("net", "GPU 1 (NVIDIA H200)", "CUDA failure 2: out of memory ; GPU=0"); });
  test::expect_names(test::message_of(ErrorCode::kDeviceLost,
                                      [] {
                                        fail_on_gpu("net", "GPU 1 (NVIDIA H200)",
                                                    "CUDA failure 700: an illegal memory access was encountered");
                                      }),
                     {"net", "GPU 1 (NVIDIA H200) is lost", "700"});
  test::expect_names(
      test::message_of(ErrorCode::kFailed, [] { fail_on_gpu("net", "GPU 1 (NVIDIA H200)", "Invalid argument"); }),
      {"Invalid argument"});
}

TEST(Replay, NeedsOnnxRuntime131) {
  for (const char* version : {"1.31.0", "1.31.1", "1.40", "2.0.0"}) {
    EXPECT_TRUE(replays_safely(version)) << version;
  }
  for (const char* version : {"1.30.9", "1.4.0", "0.99", ""}) {
    EXPECT_FALSE(replays_safely(version)) << version;
  }
}

TEST(Providers, TheDefaultIsOneThatRunsHere) {
  ExecutionOptions options;
  options.providers = {default_provider()};
  EXPECT_NO_THROW(check_providers(options));
}

TEST(Providers, AMissingOneSaysHowToGetIt) {
  ExecutionOptions options;
  options.providers = {"openvino"};
  test::expect_names(test::message_of(ErrorCode::kUsage, [&] { check_providers(options); }),
                     {"openvino", runtime_version(), "ONNXRUNTIME_ROOT"});
}

}  // namespace
}  // namespace facegraph::runtime
