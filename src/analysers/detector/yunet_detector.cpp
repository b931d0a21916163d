#include <cmath>

#include "analysers/detector/networks.hpp"
#include "ops/face/face.hpp"
#include "ops/tensor/tensor.hpp"

namespace facegraph::analysers {

namespace {

constexpr std::array<int, 3> kStrides{8, 16, 32};

class YunetDetector final : public LetterboxDetector {
 public:
  YunetDetector(const Context& context, const models::ModelFile& file, const DetectorOptions& options)
      : LetterboxDetector(context, file, options, ops::value_table_offset(0.0F, 1.0F)) {
    for (std::size_t i = 0; i < kStrides.size(); ++i) {
      anchors_[i] = ops::anchors(kStrides[i], 1, size());
      const auto rows = static_cast<std::int64_t>(anchors_[i].size());
      session().expect_output(i, {1, rows, 1});
      session().expect_output(i + 3, {1, rows, 1});
      session().expect_output(i + 6, {1, rows, 4});
      session().expect_output(i + 9, {1, rows, 10});
    }
  }

 private:
  void decode(const ops::LetterboxRatio& ratio, Detections& found) override {
    for (std::size_t i = 0; i < kStrides.size(); ++i) {
      decode_stride(i, ratio, found);
    }
  }

  // spec: analysis.md 4.5; the score is the plain product (quirk Q5)
  void decode_stride(std::size_t index, const ops::LetterboxRatio& ratio, Detections& found) {
    const auto classes = session().output(index).as<float>();
    const auto objects = session().output(index + 3).as<float>();
    const auto boxes = session().output(index + 6).as<float>();
    const auto points = session().output(index + 9).as<float>();
    const auto stride = static_cast<float>(kStrides[index]);
    for (const int row :
         passing_rows(static_cast<int>(classes.size()), [&](int r) { return classes[r] * objects[r] >= score(); })) {
      const auto x = static_cast<double>(anchors_[index][row].x);
      const auto y = static_cast<double>(anchors_[index][row].y);
      const float* box = &boxes[static_cast<std::size_t>(row) * 4];
      const float* point = &points[static_cast<std::size_t>(row) * 10];
      const double cx = box[0] * stride + x;
      const double cy = box[1] * stride + y;
      const double half_width = std::exp(box[2]) * stride / 2;
      const double half_height = std::exp(box[3]) * stride / 2;
      found.boxes.push_back({(cx - half_width) * ratio.x, (cy - half_height) * ratio.y, (cx + half_width) * ratio.x,
                             (cy + half_height) * ratio.y});
      core::Landmark5 landmark;
      for (int j = 0; j < 5; ++j) {
        landmark[j] = {(point[2 * j] * stride + x) * ratio.x, (point[2 * j + 1] * stride + y) * ratio.y};
      }
      found.points.push_back(landmark);
      found.scores.push_back(classes[row] * objects[row]);
    }
  }

  std::array<std::vector<ops::Anchor>, 3> anchors_;
};

}  // namespace

std::unique_ptr<DetectorNetwork> make_yunet_detector(const Context& context, const models::ModelFile& file,
                                                     const DetectorOptions& options) {
  return std::make_unique<YunetDetector>(context, file, options);
}

}  // namespace facegraph::analysers
