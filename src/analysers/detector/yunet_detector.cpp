#include "analysers/detector/networks.hpp"
#include "ops/tensor/tensor.hpp"

namespace facegraph::analysers {

namespace {

constexpr std::array<int, 3> kStrides{8, 16, 32};

class YunetDetector final : public LetterboxDetector {
 public:
  YunetDetector(const Context& context, const models::ModelFile& file, const DetectorOptions& options)
      : LetterboxDetector(context, file, options, ops::value_table_offset(0.0F, 1.0F)) {
    for (std::size_t i = 0; i < kStrides.size(); ++i) {
      const std::int64_t rows = ops::anchor_rows(kStrides[i], YunetRows::kPerCell, size());
      session().expect_output(i, {1, rows, 1});
      session().expect_output(i + 3, {1, rows, 1});
      session().expect_output(i + 6, {1, rows, 4});
      session().expect_output(i + 9, {1, rows, 10});
    }
  }

 private:
  void decode(const ops::LetterboxRatio& ratio, Detections& found) override {
    for (std::size_t i = 0; i < kStrides.size(); ++i) {
      const auto classes = session().output(i).as<float>();
      const YunetRows rows{classes.data(),
                           session().output(i + 3).as<float>().data(),
                           session().output(i + 6).as<float>().data(),
                           session().output(i + 9).as<float>().data(),
                           static_cast<int>(classes.size()),
                           kStrides[i],
                           size()};
      append_candidates(found, rows, score(), ratio);
    }
  }
};

}  // namespace

std::unique_ptr<DetectorNetwork> make_yunet_detector(const Context& context, const models::ModelFile& file,
                                                     const DetectorOptions& options) {
  return std::make_unique<YunetDetector>(context, file, options);
}

}  // namespace facegraph::analysers
