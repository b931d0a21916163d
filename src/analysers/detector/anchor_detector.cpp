#include "analysers/detector/networks.hpp"
#include "ops/face/face.hpp"
#include "ops/tensor/tensor.hpp"

namespace facegraph::analysers {

namespace {

constexpr std::array<int, 3> kStrides{8, 16, 32};
constexpr int kAnchorsPerCell = 2;

class AnchorDetector final : public LetterboxDetector {
 public:
  AnchorDetector(const Context& context, const models::ModelFile& file, const DetectorOptions& options)
      : LetterboxDetector(context, file, options, ops::value_table_offset(127.5F, 128.0F)) {
    for (std::size_t i = 0; i < kStrides.size(); ++i) {
      anchors_[i] = ops::anchors(kStrides[i], kAnchorsPerCell, size());
      const auto rows = static_cast<std::int64_t>(anchors_[i].size());
      session().expect_output(i, {rows, 1});
      session().expect_output(i + 3, {rows, 4});
      session().expect_output(i + 6, {rows, 10});
    }
  }

 private:
  void decode(const ops::LetterboxRatio& ratio, Detections& found) override {
    for (std::size_t i = 0; i < kStrides.size(); ++i) {
      decode_stride(i, ratio, found);
    }
  }

  // spec: analysis.md 3.8, 4.3
  void decode_stride(std::size_t index, const ops::LetterboxRatio& ratio, Detections& found) {
    const auto scores = session().output(index).as<float>();
    const auto boxes = session().output(index + 3).as<float>();
    const auto points = session().output(index + 6).as<float>();
    const auto stride = static_cast<float>(kStrides[index]);
    for (const int row : passing_rows(static_cast<int>(scores.size()), [&](int r) { return scores[r] >= score(); })) {
      const ops::Anchor& anchor = anchors_[index][row];
      const auto x = static_cast<double>(anchor.x);
      const auto y = static_cast<double>(anchor.y);
      const float* box = &boxes[static_cast<std::size_t>(row) * 4];
      const float* point = &points[static_cast<std::size_t>(row) * 10];
      found.boxes.push_back({(x - box[0] * stride) * ratio.x, (y - box[1] * stride) * ratio.y,
                             (x + box[2] * stride) * ratio.x, (y + box[3] * stride) * ratio.y});
      core::Landmark5 landmark;
      for (int j = 0; j < 5; ++j) {
        landmark[j] = {(x + point[2 * j] * stride) * ratio.x, (y + point[2 * j + 1] * stride) * ratio.y};
      }
      found.points.push_back(landmark);
      found.scores.push_back(scores[row]);
    }
  }

  std::array<std::vector<ops::Anchor>, 3> anchors_;
};

}  // namespace

std::unique_ptr<DetectorNetwork> make_anchor_detector(const Context& context, const models::ModelFile& file,
                                                      const DetectorOptions& options) {
  return std::make_unique<AnchorDetector>(context, file, options);
}

}  // namespace facegraph::analysers
