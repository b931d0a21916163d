#include "analysers/detector/networks.hpp"
#include "ops/tensor/tensor.hpp"

namespace facegraph::analysers {

namespace {

class YoloDetector final : public LetterboxDetector {
 public:
  YoloDetector(const Context& context, const models::ModelFile& file, const DetectorOptions& options)
      : LetterboxDetector(context, file, options, ops::value_table({0, 0, 0}, {1, 1, 1}),
                          [](const runtime::Session& session, std::int64_t batch) {
                            session.expect_output(0, {batch, YoloRows::kPlanes, -1});
                          }),
        rows_(static_cast<int>(session().output(0).shape[2])) {}

 private:
  int rows() const override { return rows_; }

  void decode(Candidates& found, const NetworkResult& result, const ops::LetterboxRatio& ratio,
              const FramePlace& place) const override {
    found.append(YoloSets{{{result.values(0), rows_}}}, score(), ratio, place);
  }

  int rows_;
};

}  // namespace

std::unique_ptr<DetectorNetwork> make_yolo_detector(const Context& context, const models::ModelFile& file,
                                                    const DetectorOptions& options) {
  return std::make_unique<YoloDetector>(context, file, options);
}

}  // namespace facegraph::analysers
