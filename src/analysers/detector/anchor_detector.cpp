#include "analysers/detector/networks.hpp"
#include "ops/tensor/tensor.hpp"

namespace facegraph::analysers {

namespace {

constexpr std::array<int, 3> kStrides{8, 16, 32};

class AnchorDetector final : public LetterboxDetector {
 public:
  AnchorDetector(const Context& context, const models::ModelFile& file, const DetectorOptions& options)
      : LetterboxDetector(context, file, options, ops::value_table_offset(127.5F, 128.0F)) {
    for (std::size_t i = 0; i < kStrides.size(); ++i) {
      const std::int64_t rows = ops::anchor_rows(kStrides[i], AnchorRows::kPerCell, size());
      session().expect_output(i, {rows, 1});
      session().expect_output(i + 3, {rows, 4});
      session().expect_output(i + 6, {rows, 10});
    }
  }

 private:
  void decode(const ops::LetterboxRatio& ratio, Detections& found) override {
    for (std::size_t i = 0; i < kStrides.size(); ++i) {
      const auto scores = session().output(i).as<float>();
      const AnchorRows rows{scores.data(),
                            session().output(i + 3).as<float>().data(),
                            session().output(i + 6).as<float>().data(),
                            static_cast<int>(scores.size()),
                            kStrides[i],
                            size()};
      append_candidates(found, rows, score(), ratio);
    }
  }
};

}  // namespace

std::unique_ptr<DetectorNetwork> make_anchor_detector(const Context& context, const models::ModelFile& file,
                                                      const DetectorOptions& options) {
  return std::make_unique<AnchorDetector>(context, file, options);
}

}  // namespace facegraph::analysers
