// What every registered processor keeps on a GPU, which is made of host memory here.
#include <limits>

#include <gtest/gtest.h>

#include "golden_case.hpp"
#include "ops/gpu/test_support.hpp"
#include "processors/busy_test_support.hpp"
#include "runtime/graph/host_units_test_support.hpp"
#include "runtime/pool/inference_pool.hpp"
#include "runtime/session/not_finite.hpp"
#include "support/npz.hpp"
#include "support/onnx_spoiler.hpp"

namespace facegraph::test {
namespace {

using processors::TempFrame;

constexpr core::Size kFrame{400, 300};  // several tiles

// A processor that is opened where the pool's models run.
class Opened {
 public:
  Opened(const processors::Processor& processor, runtime::InferencePool& pool, const models::Store& store)
      : pool_(pool) {
    analysers::Context context{pool, store};
    if (processor.works_on_site()) {
      context.site = site_ = pool.site(0);
    }
    target_ = site_.take_in(processors::pattern(kFrame.width, kFrame.height));
    frames_ = processor.open(context, processors::one_source());
  }

  // A frame with a face and a mask, where the processor works.
  TempFrame frame() const {
    core::Image mask(kFrame, 1);
    for (int y = 0; y < kFrame.height; ++y) {
      std::fill_n(mask.row<std::uint8_t>(y), kFrame.width, static_cast<std::uint8_t>(y));
    }
    device::Picture frame = site_.picture(kFrame, 3);
    site_.copy(frame, target_);
    return {std::move(frame), site_.copy_in(mask.view())};
  }
  void process(TempFrame& temp) const { frames_->process_frame({{processors::face_at(150, 100, 100)}, target_}, temp); }
  TempFrame result() const {
    TempFrame temp = frame();
    process(temp);
    pool_.check_finite(0);
    return {site_.take_out(std::move(temp.frame)), site_.take_out(std::move(temp.mask))};
  }

 private:
  runtime::InferencePool& pool_;
  device::Site site_;
  device::Picture target_;
  std::unique_ptr<processors::FrameProcessor> frames_;
};

class GpuContract : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    FACEGRAPH_SHARED_OR_SKIP(shared);
    make_model_folder(workspace_.model_folder(), shared, {});
    workspace_.use_models(workspace_.model_folder());
    processor_ = processors::busy_processor(GetParam());
    store_.emplace(models::Store::standard());
  }
  Opened on_gpu() { return {*processor_, gpu_pool_, *store_}; }
  Opened on_host() { return {*processor_, host_pool_, *store_}; }

  // Whether a frame was found to hold no numbers, and whether the model ran, which gives none.
  std::pair<bool, bool> found_and_ran(const models::ModelFile& file) {
    const std::filesystem::path link = store_->path(file);
    const std::filesystem::path original = std::filesystem::read_symlink(link);
    std::filesystem::remove(link);
    spoil_model(original, link, std::numeric_limits<float>::quiet_NaN());
    runtime::InferencePool pool(kOnGpu, backend());
    bool found = false;
    try {
      Opened(*processor_, pool, *store_).result();
    } catch (const runtime::NotFinite&) {
      found = true;
    }
    std::filesystem::remove(link);
    std::filesystem::create_symlink(original, link);
    const auto uses = pool.use();
    return {found, std::any_of(uses.begin(), uses.end(),
                               [&](const runtime::ModelUse& use) { return use.name == file.name && use.runs > 0; })};
  }

  runtime::GpuBackend backend() { return runtime::host_backend(gpu_, workspace_.out() / "graphs.json"); }

  inline static const runtime::ExecutionOptions kOnGpu{.providers = {"cuda"}};
  Workspace workspace_;
  device::FakeGpu gpu_;
  std::optional<models::Store> store_;
  std::unique_ptr<processors::Processor> processor_;

 private:
  runtime::InferencePool host_pool_{runtime::ExecutionOptions{}};
  runtime::InferencePool gpu_pool_{kOnGpu, backend()};
};

TEST_P(GpuContract, ResultsAreTheHosts) {
  const TempFrame expected = on_host().result();
  const TempFrame found = on_gpu().result();
  ops::expect_equal(found.frame, expected.frame, 1);  // DDColor's lightness is read from a grid there
  ops::expect_equal(found.mask, expected.mask);
}

TEST_P(GpuContract, AfterTheFirstFrameNothingIsAllocated) {
  const Opened opened = on_gpu();
  opened.result();
  const std::int64_t allocations = gpu_.counters.allocations;
  for (int frame = 2; frame <= 5; ++frame) {
    opened.result();
    ASSERT_EQ(gpu_.counters.allocations, allocations) << "frame " << frame;
  }
}

TEST_P(GpuContract, WhatIsNoNumberIsFoundBeforeTheFrameLeaves) {
  bool any_ran = false;
  for (const models::ModelFile& file : processor_->model_files()) {
    if (!std::filesystem::is_symlink(store_->path(file))) {
      continue;  // in a folder of the reference data's own
    }
    const auto [found, ran] = found_and_ran(file);
    EXPECT_EQ(found, ran) << file.name;
    any_ran |= ran;
  }
  EXPECT_TRUE(any_ran);
}

INSTANTIATE_TEST_SUITE_P(Processors, GpuContract, testing::ValuesIn(processors::processor_options().front().choices),
                         [](const auto& test) { return test.param; });

// What is queued of a whole frame is queued back to back, and nothing of it visits the host.
class WholeFrames : public GpuContract {};

TEST_P(WholeFrames, AreNeitherCopiedNorWaitedFor) {
  const Opened opened = on_gpu();
  opened.result();
  TempFrame temp = opened.frame();
  const std::int64_t copies = gpu_.counters.copies;
  const std::int64_t waits = gpu_.counters.waits;
  opened.process(temp);
  EXPECT_EQ(gpu_.counters.copies, copies);
  EXPECT_EQ(gpu_.counters.waits, waits);
}

INSTANTIATE_TEST_SUITE_P(Processors, WholeFrames,
                         testing::Values("background_remover", "frame_colorizer", "frame_enhancer"),
                         [](const auto& test) { return test.param; });

// Of a face the host waits only where it has to know how points lie before it can say where they go.
class Faces : public GpuContract {
 protected:
  std::int64_t readings() const {
    const std::map<std::string, std::int64_t> of{
        {"expression_restorer", 1},  // two faces' motion
        {"face_editor", 3},          // motion, eyes, lips
    };
    const auto found = of.find(GetParam());
    return found == of.end() ? 0 : found->second;
  }
};

TEST_P(Faces, AreWaitedForOnlyWhereTheHostDecides) {
  const Opened opened = on_gpu();
  opened.result();
  TempFrame temp = opened.frame();
  const std::int64_t waits = gpu_.counters.waits;
  opened.process(temp);
  EXPECT_EQ(gpu_.counters.waits - waits, readings());
}

INSTANTIATE_TEST_SUITE_P(Processors, Faces,
                         testing::Values("face_swapper", "face_enhancer", "age_modifier", "deep_swapper", "lip_syncer",
                                         "expression_restorer", "face_editor"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace facegraph::test
