#include "processors/face_debugger/face_debugger.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <utility>

#include "analysers/shared/crop.hpp"
#include "ops/draw/draw.hpp"
#include "ops/geometry/warp.hpp"
#include "ops/mask/mask.hpp"
#include "processors/shared/face_edit.hpp"
#include "processors/shared/report.hpp"

namespace facegraph::processors {

namespace {

constexpr ops::Colour kRed{0, 0, 255};
constexpr ops::Colour kLightRed{100, 100, 255};
constexpr ops::Colour kGreen{0, 255, 0};
constexpr ops::Colour kCyan{255, 255, 0};
constexpr ops::Colour kOrange{0, 165, 255};

constexpr core::Size kCropSize{512, 512};
constexpr int kMaskLevel = 100;  // of 255: where a mask's outline lies

// Half to even.
int line_width(int frame_height) {
  return static_cast<int>(std::clamp(std::nearbyint(frame_height / 270.0), 1.0, 10.0));
}

// A face that was interpolated over a gap in a track shows in a colour of its own.
ops::Colour colour_of(const core::Face& face, ops::Colour own) {
  return face.origin == core::FaceOrigin::kRefill ? kOrange : own;
}

// 0: the upper edge, 90: the right one, and so on.
void draw_edge(core::ImageView frame, const core::BoundingBox& box, int angle, int width) {
  const core::Point corners[]{{box.x1, box.y1}, {box.x2, box.y1}, {box.x2, box.y2}, {box.x1, box.y2}};
  if (angle % 90 == 0 && angle >= 0 && angle < 360) {
    const int edge = angle / 90;
    ops::draw_line(frame, corners[edge], corners[(edge + 1) % 4], kLightRed, width);
  }
}

void draw_points(core::ImageView frame, std::span<const core::Point> points, ops::Colour colour, int radius) {
  if (std::all_of(points.begin(), points.end(), [](const core::Point& point) { return point == core::Point{}; })) {
    return;
  }
  for (const core::Point& point : points) {
    ops::draw_disc(frame, point, radius, colour);
  }
}

class FrameDebugger final : public OneByOneProcessor {
 public:
  FrameDebugger(const analysers::Context& context, const FaceDebuggerOptions& options) : items_(options.items) {
    if (items_.face_mask) {
      masker_.emplace(context, options.masker);
    }
  }

  void edit(const FrameFacts& facts, TempFrame& temp) override {
    core::Image drawn = core::Image::copy_of(temp.frame);  // a mask may fail when a box is drawn already
    for (const core::Face& face : facts.selected) {
      draw_face(face, drawn);
    }
    temp.frame = std::move(drawn);
    report_frame("face_debugger", temp);
  }

 private:
  // In the reference's order, whatever that of the option. spec: face-processors.md 9.2
  void draw_face(const core::Face& face, core::ImageView frame) {
    const core::LandmarkSet& points = face.landmarks;
    // Green where the landmarker decided, cyan where other points stand in for its own.
    const ops::Colour five = colour_of(face, points.five == points.five_of_68 ? kCyan : kGreen);
    const ops::Colour sixty_eight = colour_of(face, points.sixty_eight == points.sixty_eight_of_5 ? kCyan : kGreen);
    const int width = line_width(frame.height);
    if (items_.bounding_box) {
      ops::draw_rectangle(frame, face.bounding_box, kRed, width);
      draw_edge(frame, face.bounding_box, face.angle, width + 1);
    }
    if (items_.face_mask) {
      draw_mask(face, frame, five, width);
    }
    if (items_.landmark_5) {
      draw_points(frame, points.five, colour_of(face, kRed), width);
    }
    if (items_.landmark_5_68) {
      draw_points(frame, points.five_of_68, five, width);
    }
    if (items_.landmark_68) {
      draw_points(frame, points.sixty_eight, sixty_eight, width);
    }
    if (items_.landmark_68_5) {
      draw_points(frame, points.sixty_eight_of_5, colour_of(face, kCyan), width);
    }
  }

  // The crop shows what was drawn before. spec: face-processors.md 9.3
  void draw_mask(const core::Face& face, core::ImageView frame, ops::Colour colour, int width) {
    const auto crop = analysers::crop_face(frame, face.landmarks.five_of_68, ops::WarpTemplate::kArcface128, kCropSize);
    if (!crop) {
      return;
    }
    FaceMasks masks = masks_of_crop(*masker_, crop->image);
    add_masks_of_result(masks, *masker_, face, crop->matrix, crop->image);
    const core::Image mask = ops::quantised(masks.combined(masker_->site(), kCropSize));
    core::Image placed(frame.size(), 1);
    ops::warp_affine(placed, mask, ops::invert(crop->matrix), ops::Border::kConstant);
    ops::draw_contours(frame, placed, kMaskLevel, colour, width);
  }

  DebuggerItems items_;
  std::optional<analysers::Masker> masker_;
};

class FaceDebugger final : public Processor {
 public:
  explicit FaceDebugger(FaceDebuggerOptions options) : options_(std::move(options)) {}

  std::string_view name() const override { return "face_debugger"; }

  Needs needs() const override { return {.target_faces = true}; }

  // It has none of its own.
  std::vector<models::ModelFile> model_files() const override { return analysers::masker_models(options_.masker); }

  std::unique_ptr<FrameProcessor> open(const analysers::Context& context, const Sources&) const override {
    return std::make_unique<FrameDebugger>(context, options_);
  }

 private:
  FaceDebuggerOptions options_;
};

}  // namespace

std::unique_ptr<Processor> make_face_debugger(const core::OptionValues& values) {
  return std::make_unique<FaceDebugger>(FaceDebuggerOptions::from(values));
}

}  // namespace facegraph::processors
