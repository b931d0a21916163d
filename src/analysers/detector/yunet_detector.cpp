#include "analysers/detector/networks.hpp"
#include "ops/tensor/tensor.hpp"

namespace facegraph::analysers {

namespace {

class YunetDetector final : public LetterboxDetector {
 public:
  YunetDetector(const Context& context, const models::ModelFile& file, const DetectorOptions& options)
      : LetterboxDetector(context, file, options, ops::value_table_offset(0.0F, 1.0F)) {
    for (std::size_t i = 0; i < kStrides.size(); ++i) {
      const std::int64_t rows = rows_of(kStrides.at(i), YunetRows::kPerCell);
      session().expect_output(i, {1, rows, 1});
      session().expect_output(i + 3, {1, rows, 1});
      session().expect_output(i + 6, {1, rows, 4});
      session().expect_output(i + 9, {1, rows, 10});
    }
  }

 private:
  int rows() const override { return rows_of_all(YunetRows::kPerCell); }

  void decode(Candidates& found, const ops::LetterboxRatio& ratio, const FramePlace& place) const override {
    YunetSets sets;
    for (std::size_t i = 0; i < kStrides.size(); ++i) {
      sets.at(i) = {
          values(i),      values(i + 3), values(i + 6), values(i + 9), rows_of(kStrides.at(i), YunetRows::kPerCell),
          kStrides.at(i), size()};
    }
    found.append(sets, score(), ratio, place);
  }
};

}  // namespace

std::unique_ptr<DetectorNetwork> make_yunet_detector(const Context& context, const models::ModelFile& file,
                                                     const DetectorOptions& options) {
  return std::make_unique<YunetDetector>(context, file, options);
}

}  // namespace facegraph::analysers
