#include <vector>

#include "analysers/detector/networks.hpp"
#include "ops/site/inputs.hpp"
#include "ops/tensor/tensor_formula.hpp"

namespace facegraph::analysers {

LetterboxDetector::LetterboxDetector(const Context& context, const models::ModelFile& file,
                                     const DetectorOptions& options, const ops::ValueTable& table,
                                     const ExpectOutputs& expect_outputs)
    : site_(context.site),
      size_(options.size),
      score_(static_cast<float>(options.score)),
      table_(site_, table),
      sessions_(open_batched(context, {"input", {1, 3, size_.height, size_.width}},
                             [context, file, expect_outputs](const runtime::InputSpec& input) {
                               runtime::Session session = context.open_deciding("face_detector", file, {input});
                               expect_outputs(session, input.shape.front());
                               return session;
                             })) {}

// An aspect ratio so extreme that nothing is left of the picture.
bool LetterboxDetector::is_empty(const DetectorView& view) const {
  const std::size_t elements = std::size_t{3} * size_.width * size_.height;
  return ops::letterbox_plan(elements, view.picture, view.margin, size_).is_empty();
}

void LetterboxDetector::look(std::span<const DetectorView> views) {
  std::vector<const DetectorView*> seen;
  for (const DetectorView& view : views) {
    if (!is_empty(view)) {
      seen.push_back(&view);
    }
  }
  for_each_run(sessions_, seen.size(), [&](runtime::Session& session, std::size_t first) {
    const runtime::Tensor& input = session.input("input");
    std::vector<ops::LetterboxRatio> ratios(session.batch());
    for (std::size_t item = 0; item < ratios.size(); ++item) {
      const DetectorView& view = *seen[first + item];
      ops::letterbox(site_, input.item_on<float>(site_, item), ratios[item], view.picture, view.margin, size_, table_);
    }
    session.run_on(site_);
    for (std::size_t item = 0; item < ratios.size(); ++item) {
      const DetectorView& view = *seen[first + item];
      const NetworkResult result(session, item, site_);
      decode(*view.found, result, ratios[item], view.place);
      if (view.reported != nullptr) {
        decode(*view.reported, result, ratios[item], {.left = view.place.left, .top = view.place.top});
      }
    }
  });
}

int LetterboxDetector::rows_of_all(int per_cell) const {
  int sum = 0;
  for (const int stride : kStrides) {
    sum += rows_of(stride, per_cell);
  }
  return sum;
}

}  // namespace facegraph::analysers
