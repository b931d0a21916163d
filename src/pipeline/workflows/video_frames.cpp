#include "pipeline/workflows/video_frames.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "ops/geometry/warp.hpp"
#include "runtime/session/not_finite.hpp"

namespace facegraph::pipeline {

namespace {

std::string name_of(std::span<const TargetFrame> frames) {
  const std::int64_t first = frames.front().number;
  return frames.size() == 1 ? fmt::format("frame {}", first)
                            : fmt::format("frames {} to {}", first, frames.back().number);
}

std::string name_of(const TargetFrame& frame) {
  return fmt::format("frame {}", frame.number);
}

core::Image resized(core::ConstImageView frame, core::Size size) {
  core::Image out(size, frame.channels);
  ops::resize(out, frame);
  return out;
}

// An error of the work on frames says which those are.
template <typename Work>
auto naming(std::span<const TargetFrame> frames, const Work& work) {
  try {
    return work();
  } catch (const core::Error& error) {
    throw core::Error(error.code(), fmt::format("{}: {}", name_of(frames), error.what()));
  }
}

bool passes_unchanged(const TargetFrame& frame) {
  return frame.unchanged;
}

}  // namespace

void VideoFrames::find_faces(Lane& lane, std::span<TargetFrame> frames) {
  naming(frames, [&] { look(lane, frames); });
}

std::vector<device::Picture> VideoFrames::look(Lane& lane, std::span<TargetFrame> frames) {
  std::vector<device::Picture> on_gpu(frames.size());
  std::vector<std::size_t> wanted;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    if (frames[i].number == video_.reference.number) {
      frames[i].faces = video_.reference.faces;
    } else {
      wanted.push_back(i);
    }
  }
  const auto analyse = [&](std::span<const std::size_t> indices) {
    std::vector<media::SourceFrame*> sources;
    for (const std::size_t i : indices) {
      frames[i].faces.emplace();
      sources.push_back(&frames[i]);
    }
    sources.resize(std::max(sources.size(), lane.frames_together()), sources.back());
    std::vector<Lane::Analysed> found = analysing_.of([&] { return lane.analyse(sources); });
    for (std::size_t n = 0; n < indices.size(); ++n) {
      frames[indices[n]].faces = std::move(found[n].faces);
      on_gpu[indices[n]] = std::move(found[n].on_gpu);
    }
  };
  if (wanted.size() > 1) {
    try {
      analyse(wanted);
      return on_gpu;
    } catch (const runtime::NotFinite&) {  // of one of them; which shows below
    }
  }
  for (const std::size_t& i : wanted) {
    frames[i].unchanged = !unchanged_.guard(name_of(frames[i]), [&] { analyse(std::span(&i, 1)); });
  }
  return on_gpu;
}

std::future<std::vector<Processed>> VideoFrames::process(Lane& lane, std::vector<TargetFrame> frames) {
  auto group = std::make_shared<Group>(Group{.frames = std::move(frames)});
  naming(group->frames, [&] {
    std::vector<device::Picture> on_gpu(group->frames.size());
    if (!group->frames.front().faces) {
      on_gpu = look(lane, group->frames);
    }
    prepare(lane, *group, std::move(on_gpu));
    processing_.of([&] { begin(lane, *group); });
  });
  const bool is_done = !group->ending;
  auto result = std::async(std::launch::deferred, [this, &lane, group = std::move(group)] {
    return naming(group->frames, [&] { return processing_.of([&] { return finish(lane, *group); }); });
  });
  if (is_done) {
    result.wait();
  }
  return result;
}

void VideoFrames::prepare(Lane& lane, Group& group, std::vector<device::Picture> on_gpu) const {
  group.voices.reserve(group.frames.size());  // edits point to them
  for (std::size_t i = 0; i < group.frames.size(); ++i) {
    TargetFrame& frame = group.frames[i];
    group.voices.push_back(video_.given.voice.at(frame.time - video_.origin.value_or(0)));
    const auto& voice = group.voices.back();
    Lane::Target target{*frame.faces, frame.size(), {}, voice ? &*voice : nullptr, video_.i420};
    const bool edits = edits_target(frame);
    if (lane.needs_target(edits)) {
      target.frame = frame.on_host();
    }
    group.edits.push_back(
        {std::move(target), temp_frame(lane, frame), edits ? std::move(on_gpu[i]) : device::Picture()});
  }
  while (group.edits.size() < lane.frames_together()) {
    const Lane::Edit& last = group.edits.back();
    group.edits.push_back({last.target, copy_of(last.temp), {}});
  }
}

void VideoFrames::begin(Lane& lane, Group& group) {
  if (std::any_of(group.frames.begin(), group.frames.end(), passes_unchanged)) {
    edit_each_alone(lane, group);
    return;
  }
  guard(lane, group, [&] {
    for (std::size_t i = 0; i < group.edits.size(); ++i) {
      Lane::Edit& edit = group.edits[i];
      if (edit.temp.frame.empty() && edit.on_gpu.empty()) {
        edit.on_gpu = lane.bring(group.frames[std::min(i, group.frames.size() - 1)]);
      }
    }
    group.ending = lane.begin(group.edits);
  });
}

template <typename Work>
void VideoFrames::guard(Lane& lane, Group& group, const Work& work) {
  if (group.frames.size() == 1) {
    unchanged_.guard(name_of(group.frames), work);
    return;
  }
  try {
    work();
  } catch (const runtime::NotFinite&) {
    edit_each_alone(lane, group);
  }
}

void VideoFrames::edit_each_alone(Lane& lane, Group& group) {
  for (std::size_t i = 0; i < group.frames.size(); ++i) {
    TargetFrame& frame = group.frames[i];
    Lane::Edit& edit = group.edits[i];
    if (!frame.unchanged) {
      unchanged_.guard(name_of(frame), [&] {
        if (edit.temp.frame.empty() && edit.on_gpu.empty()) {
          edit.on_gpu = lane.bring(frame);
        }
        lane.process(edit);
      });
    }
  }
}

std::vector<Processed> VideoFrames::finish(Lane& lane, Group& group) {
  if (std::optional<Lane::Ending> ending = std::exchange(group.ending, std::nullopt)) {
    guard(lane, group, [&] { lane.end(*std::move(ending), group.edits); });
  }
  std::vector<Processed> results;
  for (std::size_t i = 0; i < group.frames.size(); ++i) {
    processors::TempFrame& temp = group.edits[i].temp;
    TargetFrame& frame = group.frames[i];
    if (temp.frame.empty()) {  // it passes unchanged, and lies on a GPU only
      temp.frame = std::move(frame.on_host());
    }
    results.push_back(finished(std::move(temp), frame));
  }
  return results;
}

Processed VideoFrames::finished(processors::TempFrame temp, const TargetFrame& frame) const {
  if (video_.files) {
    video_.files->write(frame.number, join_alpha(std::move(temp)));
    return {{}, frame.number, frame.time};
  }
  return {video_.alpha ? join_alpha(std::move(temp)) : std::move(temp.frame).take_image(), frame.number, frame.time};
}

// What the processors edit. It takes the target's picture when nobody needs that any more; empty where that is on a GPU
// only.
processors::TempFrame VideoFrames::temp_frame(const Lane& lane, TargetFrame& frame) const {
  if (video_.files) {
    return split_alpha(video_.files->read(frame.number));
  }
  const bool edits = edits_target(frame);
  const bool keep = !edits || lane.needs_target(edits);
  return {keep ? resized(frame.on_host(), video_.size) : std::move(frame.image), {}};
}

}  // namespace facegraph::pipeline
