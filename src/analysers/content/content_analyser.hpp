// The content gate: three models of the official set, a frame is flagged when at least two of them say so. It is
// compiled in always and has no switch. spec: analysis.md section 12.
#pragma once

#include <cstdint>
#include <vector>

#include "analysers/context.hpp"
#include "core/types/image.hpp"
#include "models/catalogue/model_set.hpp"
#include "ops/site/site.hpp"

namespace facegraph::analysers {

// None in the embedded set: its targets are not examined.
std::vector<models::ModelFile> content_models(models::ModelSet set);

class ContentAnalyser {
 public:
  explicit ContentAnalyser(const Context& context);
  // frame: u8 BGR, on the host. True: flagged. Throws runtime::NotFinite where a model gives NaN or infinity.
  bool analyse(core::ConstImageView frame);
  // The same of one that lies on the context's site.
  bool analyse_on_site(core::ConstImageView frame);

 private:
  struct Gate {
    core::Size size;
    ops::SiteTable table;
    runtime::Session session;
    device::Values<float> (*scores)(const device::Site& site, const runtime::Tensor& output);
    bool (*positive)(const float* scores);
  };
  Context context_;
  std::vector<Gate> gates_;
};

// A video is flagged when more than 10 % of the examined frames are: those whose number is a multiple of the sampling
// step, the whole part of the frame rate.
std::int64_t sampling_step(double frame_rate);
bool is_video_flagged(std::int64_t flagged, std::int64_t examined);

}  // namespace facegraph::analysers
