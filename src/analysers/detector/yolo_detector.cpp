#include "analysers/detector/networks.hpp"
#include "ops/tensor/tensor.hpp"

namespace facegraph::analysers {

namespace {

constexpr std::int64_t kRows = 20;  // cx, cy, w, h, score, 5 x (x, y, visibility)

class YoloDetector final : public LetterboxDetector {
 public:
  YoloDetector(const Context& context, const models::ModelFile& file, const DetectorOptions& options)
      : LetterboxDetector(context, file, options, ops::value_table({0, 0, 0}, {1, 1, 1})) {
    session().expect_output(0, {1, kRows, -1});
  }

 private:
  // spec: analysis.md 4.4, all in float32
  void decode(const ops::LetterboxRatio& ratio, Detections& found) override {
    const runtime::Tensor& output = session().output(0);
    const auto values = output.as<float>();
    const auto count = static_cast<int>(output.shape[2]);
    const auto at = [&](int row, int anchor) { return values[static_cast<std::size_t>(row) * count + anchor]; };
    const auto rx = static_cast<float>(ratio.x);
    const auto ry = static_cast<float>(ratio.y);
    for (const int i : passing_rows(count, [&](int anchor) { return at(4, anchor) > score(); })) {
      const float half_width = at(2, i) / 2;
      const float half_height = at(3, i) / 2;
      found.boxes.push_back({(at(0, i) - half_width) * rx, (at(1, i) - half_height) * ry, (at(0, i) + half_width) * rx,
                             (at(1, i) + half_height) * ry});
      core::Landmark5 landmark;
      for (int j = 0; j < 5; ++j) {
        landmark[j] = {at(5 + 3 * j, i) * rx, at(6 + 3 * j, i) * ry};
      }
      found.points.push_back(landmark);
      found.scores.push_back(at(4, i));
    }
  }
};

}  // namespace

std::unique_ptr<DetectorNetwork> make_yolo_detector(const Context& context, const models::ModelFile& file,
                                                    const DetectorOptions& options) {
  return std::make_unique<YoloDetector>(context, file, options);
}

}  // namespace facegraph::analysers
