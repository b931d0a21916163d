#include "pipeline/workflows/voice_track.hpp"

#include <gtest/gtest.h>

namespace facegraph::pipeline {
namespace {

// A sound of one second whose lowest band tells the column.
ops::MelSpectrogram counting() {
  ops::MelSpectrogram mel{81, std::vector<double>(core::kMelBands * 81)};
  for (std::size_t column = 0; column < mel.columns; ++column) {
    mel.values[column] = static_cast<double>(column);
  }
  return mel;
}

// The first column that is heard at that time, -1 for silence.
int heard(const VoiceTrack& track, double seconds) {
  const auto frame = track.at(seconds);
  return frame ? static_cast<int>(frame->front()) : -1;
}

TEST(VoiceTrack, AnswersByTime) {
  const VoiceTrack track(counting(), 25);
  EXPECT_EQ(heard(track, 0), 0);
  EXPECT_EQ(heard(track, 1 / 25.0), 3);  // 80 / 25 = 3.2 columns per frame
  EXPECT_EQ(heard(track, 2 / 25.0), 6);
  EXPECT_EQ(heard(track, 5 / 25.0), 16);
  EXPECT_EQ(heard(track, 20 / 25.0), 64);
}

// Frames of a variable rate lie between the windows: the nearest one counts, not the frame's number.
TEST(VoiceTrack, TakesTheNearestWindow) {
  const VoiceTrack track(counting(), 25);
  EXPECT_EQ(heard(track, 0.055), heard(track, 0.04));
  EXPECT_EQ(heard(track, 0.065), heard(track, 0.08));
}

TEST(VoiceTrack, IsSilentOutsideOfTheSound) {
  EXPECT_EQ(heard(VoiceTrack(counting(), 25), 0.9), -1);
  EXPECT_EQ(heard(VoiceTrack(counting(), 25), -0.04), -1);
  EXPECT_EQ(heard(VoiceTrack(ops::MelSpectrogram{}, 25), 0), -1);
  EXPECT_EQ(heard(VoiceTrack(), 0), -1);
}

}  // namespace
}  // namespace facegraph::pipeline
