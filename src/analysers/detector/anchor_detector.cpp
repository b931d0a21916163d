#include "analysers/detector/networks.hpp"
#include "ops/face/face.hpp"
#include "ops/tensor/tensor.hpp"

namespace facegraph::analysers {

namespace {

constexpr std::array<int, 3> kStrides{8, 16, 32};
constexpr int kAnchorsPerCell = 2;

class AnchorDetector final : public DetectorNetwork {
 public:
  AnchorDetector(const Context& context, const models::ModelFile& file, const DetectorOptions& options)
      : size_(options.size),
        score_(static_cast<float>(options.score)),
        table_(ops::value_table_offset(127.5F, 128.0F)) {
    session_ = context.open("face_detector", file, {{"input", {1, 3, size_.height, size_.width}}});
    for (std::size_t i = 0; i < kStrides.size(); ++i) {
      anchors_[i] = ops::anchors(kStrides[i], kAnchorsPerCell, size_);
      const auto rows = static_cast<std::int64_t>(anchors_[i].size());
      session_.expect_output(i, {rows, 1});
      session_.expect_output(i + 3, {rows, 4});
      session_.expect_output(i + 6, {rows, 10});
    }
  }

  void detect(core::ConstImageView frame, const std::array<int, 4>& margin, Detections& found) override {
    ops::LetterboxRatio ratio;
    if (!ops::letterbox(session_.input("input").as<float>(), ratio, frame, margin, size_, table_)) {
      return;
    }
    session_.run();
    for (std::size_t i = 0; i < kStrides.size(); ++i) {
      decode(i, ratio, found);
    }
  }

 private:
  // spec: analysis.md 3.8, 4.3
  void decode(std::size_t index, const ops::LetterboxRatio& ratio, Detections& found) {
    const auto scores = session_.output(index).as<float>();
    const auto boxes = session_.output(index + 3).as<float>();
    const auto points = session_.output(index + 6).as<float>();
    const auto stride = static_cast<float>(kStrides[index]);
    for (const int row : passing_rows(static_cast<int>(scores.size()), [&](int r) { return scores[r] >= score_; })) {
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

  core::Size size_;
  float score_;
  ops::ValueTable table_;
  runtime::Session session_;
  std::array<std::vector<ops::Anchor>, 3> anchors_;
};

}  // namespace

std::unique_ptr<DetectorNetwork> make_anchor_detector(const Context& context, const models::ModelFile& file,
                                                      const DetectorOptions& options) {
  return std::make_unique<AnchorDetector>(context, file, options);
}

}  // namespace facegraph::analysers
