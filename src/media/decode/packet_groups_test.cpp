#include "media/decode/packet_groups.hpp"

#include <string_view>

#include <fmt/core.h>

#include "media/decode/h264_sps.hpp"
#include "media/test_support.hpp"

namespace facegraph::media {
namespace {

using namespace facegraph::media::test;

constexpr const char* kMoving = "-f lavfi -i testsrc2=size=162x90:rate=25:duration=4";

// Packets of each group, taken one after the other. read_first: each is read before the next one is asked for.
std::vector<int> sizes_of_groups(const std::filesystem::path& file, bool read_first = false) {
  PacketGroups packets(open_input(file), file.string());
  packets.split();
  std::vector<int> sizes;
  std::vector<std::int64_t> times;
  const PacketPtr packet = make_packet();
  const auto read = [&](PacketGroup& group) {
    EXPECT_EQ(group.number, static_cast<std::int64_t>(sizes.size()));
    int count = 0;
    for (; packets.read(group, *packet); ++count) {
      times.push_back(packet->dts);
      av_packet_unref(packet.get());
    }
    sizes.push_back(count);
  };
  for (std::shared_ptr<PacketGroup> group = packets.first(); group != nullptr;) {
    std::shared_ptr<PacketGroup> next = read_first ? nullptr : packets.next();
    read(*group);
    group = read_first ? packets.next() : std::move(next);
  }
  EXPECT_EQ(packets.count(), static_cast<std::int64_t>(sizes.size()));
  EXPECT_TRUE(std::is_sorted(times.begin(), times.end()));
  return sizes;
}

struct Coded {
  const char* name;
  const char* arguments;
  std::vector<int> groups;  // packets in each
};

class GroupsOf : public MediaTest, public testing::WithParamInterface<Coded> {};

TEST_P(GroupsOf, Stream) {
  SKIP_WITHOUT_FFMPEG();
  const auto file = path(GetParam().name);
  ffmpeg(fmt::format("{} {} {}", kMoving, GetParam().arguments, quoted(file)));
  EXPECT_EQ(sizes_of_groups(file), GetParam().groups);
  EXPECT_EQ(sizes_of_groups(file, true), GetParam().groups);
}

const std::vector<int> kClosed = {30, 30, 30, 10};
const std::vector<int> kOne = {100};
const Coded kCoded[] = {
    {"closed.mp4", "-c:v libx264 -pix_fmt yuv420p -bf 3 -g 30 -sc_threshold 0", kClosed},
    {"closed.mkv", "-c:v libx264 -pix_fmt yuv420p -bf 3 -g 30 -sc_threshold 0", kClosed},
    {"facts.mp4",
     "-c:v libx264 -pix_fmt yuv420p -g 30 -sc_threshold 0 -aspect 4:3 -colorspace bt709 -color_range tv "
     "-chroma_sample_location left -x264-params nal-hrd=vbr:vbv-maxrate=500:vbv-bufsize=500:cqm=jvt",
     kClosed},
    {"hevc.mp4", "-c:v libx265 -x265-params log-level=none:keyint=30:min-keyint=30:open-gop=0:scenecut=0 -bf 3",
     kClosed},
    {"sets.mp4", "-c:v libx264 -pix_fmt yuv420p -g 30 -sc_threshold 0 -bsf:v dump_extra=freq=keyframe", kClosed},
    {"short.mp4", "-c:v libx264 -pix_fmt yuv420p -bf 1 -g 2", {8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 4}},
    {"untold.mp4", "-c:v libx264 -pix_fmt yuv420p -g 1", kOne},  // how it is reordered
    {"open.mp4", "-c:v libx264 -pix_fmt yuv420p -x264-params open-gop=1:keyint=30:bframes=3", kOne},
    {"refresh.mp4", "-c:v libx264 -pix_fmt yuv420p -x264-params intra-refresh=1:keyint=30", kOne},
    {"open_hevc.mp4", "-c:v libx265 -x265-params log-level=none:keyint=30:open-gop=1 -bf 3", kOne},
    {"fields.mp4", "-c:v libx264 -pix_fmt yuv420p -s 160x96 -g 30 -flags +ildct+ilme -x264-params tff=1", kOne},
    {"vp9.mkv", "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 30", kOne},
    {"programme.ts", "-c:v libx264 -pix_fmt yuv420p -g 30", kOne},
    {"flash.flv", "-c:v libx264 -pix_fmt yuv420p -g 30", kOne},
    {"raw.264", "-c:v libx264 -pix_fmt yuv420p -g 30", kOne},
};

INSTANTIATE_TEST_SUITE_P(All, GroupsOf, testing::ValuesIn(kCoded), [](const auto& tested) {
  const std::filesystem::path name(tested.param.name);
  return fmt::format("{}_{}", name.stem().string(), name.extension().string().substr(1));
});

class PacketGroupsTest : public MediaTest {};

// From where parameter sets change, all is one group.
TEST_F(PacketGroupsTest, EndWhereParameterSetsChange) {
  SKIP_WITHOUT_FFMPEG();
  constexpr const char* kSettings = "-c:v libx264 -pix_fmt yuv420p -bf 0 -g 30 -sc_threshold 0";
  ffmpeg(fmt::format("{} {} {}", kMoving, kSettings, quoted(path("wide.264"))));
  ffmpeg(fmt::format("{} {} -s 80x44 {}", kMoving, kSettings, quoted(path("small.264"))));
  std::vector<std::uint8_t> both;
  for (const char* name : {"wide.264", "small.264", "wide.264"}) {
    const auto part = read_file(path(name));
    both.insert(both.end(), part.begin(), part.end());
  }
  write_file(path("both.264"), both);
  ffmpeg(fmt::format("-r 25 -i {} -c copy {}", quoted(path("both.264")), quoted(path("both.mp4"))));
  EXPECT_EQ(sizes_of_groups(path("both.mp4")), (std::vector<int>{30, 30, 30, 210}));
}

// Raw H.264 tells no times, so that reordered pictures get those of their packets.
TEST_F(PacketGroupsTest, AreOneWithTimesOfDecoding) {
  SKIP_WITHOUT_FFMPEG();
  ffmpeg(fmt::format("{} -c:v libx264 -pix_fmt yuv420p -bf 3 -g 30 {}", kMoving, quoted(path("raw.264"))));
  ffmpeg(fmt::format("-r 25 -i {} -c copy {}", quoted(path("raw.264")), quoted(path("remuxed.mp4"))));
  EXPECT_EQ(sizes_of_groups(path("remuxed.mp4")), kOne);
}

TEST_F(PacketGroupsTest, EndAtATooLargeGroup) {
  SKIP_WITHOUT_FFMPEG();
  const auto file = path("long.mp4");
  ffmpeg(
      fmt::format("-f lavfi -i color=size=64x64:rate=25:duration=60 -c:v libx264 -preset ultrafast -pix_fmt yuv420p "
                  "-g 2000 -force_key_frames 'expr:eq(n,20)+eq(n,1100)' {}",
                  quoted(file)));
  EXPECT_EQ(sizes_of_groups(file), (std::vector<int>{20, 1480}));
}

TEST_F(PacketGroupsTest, AreOneUntilSplit) {
  SKIP_WITHOUT_FFMPEG();
  const auto file = path("closed.mp4");
  ffmpeg(fmt::format("{} -c:v libx264 -pix_fmt yuv420p -g 30 -sc_threshold 0 {}", kMoving, quoted(file)));
  PacketGroups packets(open_input(file), file.string());
  const PacketPtr packet = make_packet();
  for (int i = 0; i < 40; ++i) {
    ASSERT_TRUE(packets.read(*packets.first(), *packet));
    av_packet_unref(packet.get());
  }
  packets.split();
  int rest = 0;
  for (; packets.read(*packets.first(), *packet); ++rest) {
    av_packet_unref(packet.get());
  }
  EXPECT_EQ(rest, 20);
  EXPECT_TRUE(packets.more());
}

// A NAL unit's header, then these bits.
std::vector<std::uint8_t> unit_of(std::string_view bits) {
  std::vector<std::uint8_t> unit = {0x67};
  int used = 0;
  for (const char bit : bits) {
    if (bit == ' ') {
      continue;
    }
    if (used++ % 8 == 0) {
      unit.push_back(0);
    }
    unit.back() = static_cast<std::uint8_t>(unit.back() | (bit == '1' ? 0x80 >> (used - 1) % 8 : 0));
  }
  return unit;
}

TEST(H264Sps, TellsReordering) {
  const std::string start =
      "01000010 11000000 00011110 1 1 011 010 0";  // profile, levels, id, numbers, order, one other
  const std::string size = "00101 00101";
  const std::string whole_frames = "1 1 0";
  const std::string fields = "0 0 1 0";
  const std::string display = "1 0 0 0 0 0 0 0 0";
  const std::string reordering = "1 1 1 1 1 1 1 1";
  EXPECT_TRUE(tells_reordering(unit_of(start + size + whole_frames + display + reordering)));
  EXPECT_FALSE(tells_reordering(unit_of(start + size + whole_frames + display + "0 1")));
  EXPECT_FALSE(tells_reordering(unit_of(start + size + whole_frames + "0 1")));
  EXPECT_FALSE(tells_reordering(unit_of(start + size + fields + display + reordering)));
  EXPECT_FALSE(tells_reordering(unit_of(start)));
  EXPECT_FALSE(tells_reordering({}));
}

}  // namespace
}  // namespace facegraph::media
