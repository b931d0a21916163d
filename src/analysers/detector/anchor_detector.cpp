#include "analysers/detector/networks.hpp"
#include "ops/tensor/tensor.hpp"

namespace facegraph::analysers {

namespace {

class AnchorDetector final : public LetterboxDetector {
 public:
  AnchorDetector(const Context& context, const models::ModelFile& file, const DetectorOptions& options)
      : LetterboxDetector(context, file, options, ops::value_table_offset(127.5F, 128.0F),
                          [size = options.size](const runtime::Session& session, std::int64_t batch) {
                            for (std::size_t i = 0; i < kStrides.size(); ++i) {
                              const std::int64_t rows =
                                  batch * ops::anchor_rows(kStrides.at(i), AnchorRows::kPerCell, size);
                              session.expect_output(i, {rows, 1});
                              session.expect_output(i + 3, {rows, 4});
                              session.expect_output(i + 6, {rows, 10});
                            }
                          }) {}

 private:
  int rows() const override { return rows_of_all(AnchorRows::kPerCell); }

  void decode(Candidates& found, const NetworkResult& result, const ops::LetterboxRatio& ratio,
              const FramePlace& place) const override {
    AnchorSets sets;
    for (std::size_t i = 0; i < kStrides.size(); ++i) {
      sets.at(i) = {result.values(i),     result.values(i + 3),
                    result.values(i + 6), rows_of(kStrides.at(i), AnchorRows::kPerCell),
                    kStrides.at(i),       size()};
    }
    found.append(sets, score(), ratio, place);
  }
};

}  // namespace

std::unique_ptr<DetectorNetwork> make_anchor_detector(const Context& context, const models::ModelFile& file,
                                                      const DetectorOptions& options) {
  return std::make_unique<AnchorDetector>(context, file, options);
}

}  // namespace facegraph::analysers
