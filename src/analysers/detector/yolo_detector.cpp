#include "analysers/detector/networks.hpp"
#include "ops/tensor/tensor.hpp"

namespace facegraph::analysers {

namespace {

class YoloDetector final : public LetterboxDetector {
 public:
  YoloDetector(const Context& context, const models::ModelFile& file, const DetectorOptions& options)
      : LetterboxDetector(context, file, options, ops::value_table({0, 0, 0}, {1, 1, 1})) {
    session().expect_output(0, {1, YoloRows::kPlanes, -1});
  }

 private:
  void decode(const ops::LetterboxRatio& ratio, Detections& found) override {
    const runtime::Tensor& output = session().output(0);
    const YoloRows rows{output.as<float>().data(), static_cast<int>(output.shape[2])};
    append_candidates(found, rows, score(), ratio);
  }
};

}  // namespace

std::unique_ptr<DetectorNetwork> make_yolo_detector(const Context& context, const models::ModelFile& file,
                                                    const DetectorOptions& options) {
  return std::make_unique<YoloDetector>(context, file, options);
}

}  // namespace facegraph::analysers
