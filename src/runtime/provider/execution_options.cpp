#include "runtime/provider/execution_options.hpp"

#include "core/base/log.hpp"
#include "runtime/provider/providers.hpp"

namespace facegraph::runtime {

using core::Option;
using core::OptionKind;
using core::OptionRange;
using core::OptionScope;

const char* name_of(Precision precision) {
  switch (precision) {
    case Precision::kTf32:
      return "tf32";
    case Precision::kFp32:
      return "fp32";
    case Precision::kFp16:
      return "fp16";
    case Precision::kAuto:
      return "auto";
  }
  return "?";
}

namespace {

constexpr int kMostLanes = 16;
constexpr int kMostBatchFrames = 8;

// auto, 1, 2, ...
std::vector<std::string> auto_or_up_to(int most) {
  std::vector<std::string> choices{"auto"};
  for (int number = 1; number <= most; ++number) {
    choices.push_back(std::to_string(number));
  }
  return choices;
}

}  // namespace

const std::vector<Option>& execution_options() {
  static const std::vector<Option> table{
      {.name = "execution-device-ids",
       .kind = OptionKind::kIntegerList,
       .section = "execution",
       .scope = OptionScope::kJob,
       .help = "devices to run on; the frames of a video are spread over them",
       .default_value = std::vector<long long>{0}},
      {.name = "execution-providers",
       .kind = OptionKind::kStringList,
       .section = "execution",
       .scope = OptionScope::kJob,
       .help = "what the models run on, in this order",
       .default_value = std::vector<std::string>{default_provider()},
       .choices = provider_names()},
      {.name = "execution-thread-count",
       .kind = OptionKind::kInteger,
       .section = "execution",
       .scope = OptionScope::kJob,
       .help = "frames in work at a time; on the CPU not more than it has cores",
       .default_value = 8LL,
       .range = OptionRange{1, 32, 1}},
      {.name = "no-hw-decode",
       .kind = OptionKind::kFlag,
       .section = "execution",
       .scope = OptionScope::kJob,
       .help = "decode videos on the CPU when the models run on CUDA too",
       .default_value = false},
      {.name = "execution-lanes",
       .section = "execution",
       .scope = OptionScope::kJob,
       .help = "frames in work at a time on each GPU, each with sessions of its own; auto: as many as its memory has "
               "room for, four at most, and not more than --execution-thread-count",
       .default_value = std::string("auto"),
       .choices = auto_or_up_to(kMostLanes)},
      {.name = "execution-batch-frames",
       .section = "execution",
       .scope = OptionScope::kJob,
       .help = "frames of a video that go through the models together on a GPU, at most; more than 1 is faster, keeps "
               "frames waiting for each other and may change the last bits; auto takes as many as gain",
       .default_value = std::string("1"),
       .choices = auto_or_up_to(kMostBatchFrames)},
      {.name = "precision",
       .section = "execution",
       .scope = OptionScope::kJob,
       .help =
           "arithmetic of the models; tf32 rounds factors of matrix products on CUDA, as the reference does; fp16 "
           "computes and stores half as many bits and changes the results; auto measures on CUDA which arithmetic and "
           "layout is the fastest for each model, within a small difference, and keeps the choice",
       .default_value = std::string(name_of(Precision::kTf32)),
       .choices = {name_of(Precision::kTf32), name_of(Precision::kFp32), name_of(Precision::kFp16),
                   name_of(Precision::kAuto)}},
      {.name = "cuda-nhwc",
       .kind = OptionKind::kFlag,
       .section = "execution",
       .scope = OptionScope::kJob,
       .help = "convolutions on CUDA in channels-last layout; changes the last bits; --precision auto chooses itself",
       .default_value = false},
      {.name = "cuda-fuse-bias",
       .kind = OptionKind::kFlag,
       .section = "execution",
       .scope = OptionScope::kJob,
       .help =
           "convolutions on CUDA add their bias and activation in the same kernel; changes the last bits; with "
           "--precision auto such forms are measured, too, and each start compiles their kernels, which takes seconds",
       .default_value = false},
      {.name = "model-cache-size",
       .kind = OptionKind::kInteger,
       .section = "execution",
       .scope = OptionScope::kJob,
       .help = "MiB of .caches/optimised, where models lie as ONNX Runtime optimised them, so that the next start is "
               "faster; 0 keeps none",
       .default_value = 0LL,
       .range = OptionRange{0, 1048576, 1}},
      {.name = "cuda-graph",
       .section = "execution",
       .scope = OptionScope::kJob,
       .help = "replay captured models: auto where it pays, on makes a refused capture an error, off runs plainly",
       .default_value = std::string("auto"),
       .choices = {"auto", "on", "off"}},
      {.name = "cuda-graph-memory",
       .kind = OptionKind::kInteger,
       .section = "execution",
       .scope = OptionScope::kJob,
       .help = "MiB that captured models may hold while nobody uses them; unset: a quarter of the free memory",
       .range = OptionRange{0, 1048576, 1}},
      {.name = "cuda-graph-uses",
       .kind = OptionKind::kInteger,
       .section = "execution",
       .scope = OptionScope::kJob,
       .help = "runs after which auto captures a model whose number of runs is not known before",
       .default_value = 3LL,
       .range = OptionRange{1, 1000, 1}},
      {.name = "warmup-iterations",
       .kind = OptionKind::kInteger,
       .section = "execution",
       .scope = OptionScope::kJob,
       .help = "plain runs of a model before it is captured",
       .default_value = 3LL,
       .range = OptionRange{1, 100, 1}},
      {.name = "warmup-data",
       .section = "execution",
       .scope = OptionScope::kJob,
       .help = "what models are fed while they warm up",
       .default_value = std::string("zeros"),
       .choices = {"zeros", "noise"}},
  };
  return table;
}

namespace {

Precision precision_of(const std::string& name) {
  return name == name_of(Precision::kFp32)   ? Precision::kFp32
         : name == name_of(Precision::kFp16) ? Precision::kFp16
         : name == name_of(Precision::kAuto) ? Precision::kAuto
                                             : Precision::kTf32;
}

}  // namespace

ExecutionOptions execution_options_from(const core::OptionValues& values) {
  ExecutionOptions options;
  options.providers = values.strings("execution-providers");
  options.device_ids.clear();
  for (const long long id : values.integers("execution-device-ids")) {
    options.device_ids.push_back(static_cast<int>(id));
  }
  options.precision = precision_of(values.string("precision"));
  options.nhwc = values.flag("cuda-nhwc");
  options.fuse_bias = values.flag("cuda-fuse-bias");
  if (options.nhwc && options.fuse_bias && options.precision != Precision::kAuto) {
    core::log_warn("execution",
                   "--cuda-fuse-bias is left out with --cuda-nhwc: some such convolutions end the process");
    options.fuse_bias = false;
  }
  const std::string& batch_frames = values.string("execution-batch-frames");
  options.batch_frames = batch_frames == "auto" ? std::nullopt : std::optional(std::stoi(batch_frames));
  options.optimised_bytes = static_cast<std::uintmax_t>(values.integer("model-cache-size")) << 20U;
  const std::string& mode = values.string("cuda-graph");
  options.graph.mode = mode == "on" ? GraphMode::kOn : mode == "off" ? GraphMode::kOff : GraphMode::kAuto;
  options.graph.warm_up_iterations = static_cast<int>(values.integer("warmup-iterations"));
  options.graph.warm_up_data = values.string("warmup-data") == "noise" ? WarmUpData::kNoise : WarmUpData::kZeros;
  options.graph.uses_before_capture = static_cast<int>(values.integer("cuda-graph-uses"));
  if (values.is_set("cuda-graph-memory")) {
    options.graph.memory_budget = static_cast<std::size_t>(values.integer("cuda-graph-memory")) << 20U;
  }
  return options;
}

}  // namespace facegraph::runtime
