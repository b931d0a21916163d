// The contract of a processor: frame and facts in, frame out. spec: face-processors.md section 1.
//
// A Processor stands for one entry of --processors in one job. It is built from the options once, tells what it needs,
// and opens one FrameProcessor per lane. A FrameProcessor owns its sessions and scratch and is used by its lane's
// thread only.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analysers/context.hpp"
#include "core/options/option.hpp"
#include "core/types/audio.hpp"
#include "core/types/face.hpp"
#include "core/types/image.hpp"
#include "device/site.hpp"

namespace facegraph::processors {

// A source picture with its faces, largest first.
struct SourcePicture {
  core::Image image;
  core::Faces faces;
};

struct Sources {
  std::vector<SourcePicture> pictures;
};

// What was found on the untouched target frame; every processor of the frame sees the same facts.
struct FrameFacts {
  core::Faces selected = {};              // in the coordinates of the temp frame as this processor gets it
  core::ConstImageView target = {};       // the untouched target frame, u8 BGR, at its own resolution, where the temp
                                          // frame lies; empty unless this processor needs it (Needs::target_frame)
  const core::MelFrame* voice = nullptr;  // what the sources' sound says during this frame; null: silence
};

// The frame being edited. A processor may change its size, then of both images alike.
struct TempFrame {
  device::Picture frame;  // u8 BGR
  device::Picture mask;   // u8 alpha; empty: 255 everywhere
};

struct Needs {
  bool source_image = false;       // at least one source picture
  bool source_face = false;        // a face in them
  bool source_audio = false;       // at least one source sound: FrameFacts::voice
  bool target_faces = false;       // FrameFacts::selected
  bool target_embeddings = false;  // ... with their embeddings
  bool target_classes = false;     // ... with age, gender and race
  bool target_frame = false;       // FrameFacts::target
};

class FrameProcessor {
 public:
  struct Work {
    const FrameFacts* facts = nullptr;
    TempFrame* temp = nullptr;
  };
  virtual ~FrameProcessor() = default;
  // Frames of a video, one or several. Changes each for a face, or as a whole, when all models have run for it:
  // runtime::NotFinite leaves what was there of one frame; of several some are changed then and some not.
  virtual void process_frames(std::span<const Work> frames) = 0;
  void process_frame(const FrameFacts& facts, TempFrame& temp) {
    const Work one{&facts, &temp};
    process_frames({&one, 1});
  }
};

// One that works on frames one after the other.
class OneByOneProcessor : public FrameProcessor {
 public:
  void process_frames(std::span<const Work> frames) final {
    for (const Work& frame : frames) {
      edit(*frame.facts, *frame.temp);
    }
  }

 private:
  virtual void edit(const FrameFacts& facts, TempFrame& temp) = 0;
};

class Processor {
 public:
  virtual ~Processor() = default;

  virtual std::string_view name() const = 0;
  virtual Needs needs() const = 0;
  // Whether its frames lie on the site of the context that it is opened with; else both are the host's, and a frame on
  // a GPU is brought there for it.
  virtual bool works_on_site() const { return false; }
  // Whether it may leave pixels of a frame transparent (TempFrame::mask).
  virtual bool makes_alpha() const { return false; }
  // How often its model runs for a frame of that size, where that does not depend on what the frame shows.
  virtual std::int64_t runs_per_frame(core::Size) const { return 1; }
  // Files of its own models and of the maskers that it runs; those of the face analyser and the content gate are added
  // by who runs it.
  virtual std::vector<models::ModelFile> model_files() const = 0;
  virtual std::unique_ptr<FrameProcessor> open(const analysers::Context& context, const Sources& sources) const = 0;
};

// --processors and every registered processor's own options, in the order of processors.def.
const std::vector<core::Option>& processor_options();

// The processors that the options name, in that order. Throws Error(kRefused) for a combination that a processor cannot
// run.
std::vector<std::unique_ptr<Processor>> make_processors(const core::OptionValues& values);

}  // namespace facegraph::processors
