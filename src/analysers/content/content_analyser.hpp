// The content gate: three models of the official set, a frame is flagged when at least two of them say so. It is
// compiled in always and has no switch. spec: analysis.md section 12.
#pragma once

#include <cstdint>
#include <vector>

#include "analysers/context.hpp"
#include "core/types/image.hpp"
#include "models/catalogue/model_set.hpp"
#include "ops/tensor/tensor.hpp"

namespace facegraph::analysers {

// None in the embedded set: its targets are not examined.
std::vector<models::ModelFile> content_models(models::ModelSet set);

class ContentAnalyser {
 public:
  explicit ContentAnalyser(const Context& context);
  // frame: u8 BGR. True: flagged.
  bool analyse(core::ConstImageView frame);

 private:
  struct Gate {
    core::Size size;
    ops::ValueTable table;
    runtime::Session session;
    bool (*positive)(const runtime::Tensor& output);
  };
  std::vector<Gate> gates_;
};

// A video is flagged when more than 10 % of the examined frames are: those whose number is a multiple of the sampling
// step, the whole part of the frame rate.
std::int64_t sampling_step(double frame_rate);
bool is_video_flagged(std::int64_t flagged, std::int64_t examined);

}  // namespace facegraph::analysers
