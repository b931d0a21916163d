#include "analysers/detector/networks.hpp"
#include "ops/tensor/tensor.hpp"

namespace facegraph::analysers {

namespace {

class YunetDetector final : public LetterboxDetector {
 public:
  YunetDetector(const Context& context, const models::ModelFile& file, const DetectorOptions& options)
      : LetterboxDetector(context, file, options, ops::value_table_offset(0.0F, 1.0F),
                          [size = options.size](const runtime::Session& session, std::int64_t batch) {
                            for (std::size_t i = 0; i < kStrides.size(); ++i) {
                              const std::int64_t rows = ops::anchor_rows(kStrides.at(i), YunetRows::kPerCell, size);
                              session.expect_output(i, {batch, rows, 1});
                              session.expect_output(i + 3, {batch, rows, 1});
                              session.expect_output(i + 6, {batch, rows, 4});
                              session.expect_output(i + 9, {batch, rows, 10});
                            }
                          }) {}

 private:
  int rows() const override { return rows_of_all(YunetRows::kPerCell); }

  void decode(Candidates& found, const NetworkResult& result, const ops::LetterboxRatio& ratio,
              const FramePlace& place) const override {
    YunetSets sets;
    for (std::size_t i = 0; i < kStrides.size(); ++i) {
      sets.at(i) = {result.values(i),
                    result.values(i + 3),
                    result.values(i + 6),
                    result.values(i + 9),
                    rows_of(kStrides.at(i), YunetRows::kPerCell),
                    kStrides.at(i),
                    size()};
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
