#include "core/options/option.hpp"

#include <gtest/gtest.h>

#include "core/base/error.hpp"
#include "core/options/nearest_name.hpp"

namespace facegraph::core {
namespace {

using Tokens = std::vector<std::string>;
using Strings = std::vector<std::string>;
using Integers = std::vector<long long>;

const Option kModel{.name = "face-detector-model",
                    .default_value = "yolo_face",
                    .choices = {"many", "retinaface", "scrfd", "yolo_face", "yunet"}};
const Option kScore{.name = "face-detector-score",
                    .kind = OptionKind::kFloat,
                    .default_value = 0.5,
                    .range = OptionRange{0.0, 1.0, 0.05}};
const Option kScale{.name = "output-image-scale", .kind = OptionKind::kFloat, .range = OptionRange{0.25, 8.0, 0.25}};
const Option kQuality{.name = "output-image-quality", .kind = OptionKind::kInteger, .range = OptionRange{0, 100, 1}};
const Option kMargin{.name = "face-detector-margin",
                     .kind = OptionKind::kIntegerList,
                     .range = OptionRange{0, 100, 1},
                     .sanitise = true,
                     .max_values = 4};
const Option kAngles{
    .name = "face-detector-angles", .kind = OptionKind::kIntegerList, .choices = {"0", "90", "180", "270"}};
const Option kFrame{.name = "reference-frame-number", .kind = OptionKind::kInteger};
const Option kFps{.name = "output-video-fps", .kind = OptionKind::kFloat};
const Option kFlag{.name = "halt-on-error", .kind = OptionKind::kFlag};
const Option kTypes{
    .name = "face-mask-types", .kind = OptionKind::kStringList, .choices = {"box", "occlusion", "area", "region"}};

Strings sizes_of_model(const OptionValues& values) {
  return values.string("face-detector-model") == "scrfd" ? Strings{"640x640", "160x160"} : Strings{"640x640"};
}
Strings models_of_set(const OptionValues& values) {
  const std::string& set = values.string("model-set");
  return set == "official" ? Strings{"many", "scrfd", "yolo_face"} : set == "own" ? Strings{"own_detector"} : Strings{};
}
const Option kSetModel{.name = "face-detector-model",
                       .default_value = "yolo_face",
                       .dependent_choices = models_of_set,
                       .depends_on = "model-set"};
const Option kSize{.name = "face-detector-size", .dependent_choices = sizes_of_model};

OptionValue parse(const Option& option, const Tokens& tokens) {
  return parse_option(option, tokens, {});
}

std::string usage_error(const Option& option, const Tokens& tokens, const OptionValues& values = {}) {
  try {
    parse_option(option, tokens, values);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    return error.what();
  }
  return "accepted";
}

TEST(Option, KeyHasUnderscores) {
  EXPECT_EQ(kModel.key(), "face_detector_model");
}

TEST(ParseOption, StringsAreTakenAsTheyAre) {
  const Option path{.name = "output-path"};
  EXPECT_EQ(parse(path, {"a b\xff.mp4"}), OptionValue("a b\xff.mp4"));
  EXPECT_EQ(parse(path, {""}), OptionValue(""));
}

TEST(ParseOption, ChoiceIsChecked) {
  EXPECT_EQ(parse(kModel, {"scrfd"}), OptionValue("scrfd"));
  EXPECT_EQ(usage_error(kModel, {"yolo-face"}),
            "--face-detector-model: expected one of many, retinaface, scrfd, yolo_face, yunet, found 'yolo-face'; did "
            "you mean 'yolo_face'?");
  EXPECT_EQ(usage_error(kModel, {"dlib"}),
            "--face-detector-model: expected one of many, retinaface, scrfd, yolo_face, yunet, found 'dlib'");
}

TEST(ParseOption, EveryFloatOfTheGridIsAccepted) {
  for (int i = 0; i <= 20; ++i) {
    const std::string text =
        std::to_string(i * 5 / 100) + (i * 5 % 100 < 10 ? ".0" : ".") + std::to_string(i * 5 % 100);
    EXPECT_EQ(parse(kScore, {text}), OptionValue(std::stod(text))) << text;
  }
  EXPECT_EQ(parse(kScore, {"1"}), OptionValue(1.0));
  EXPECT_EQ(parse(kScore, {"5e-2"}), OptionValue(0.05));
  EXPECT_EQ(parse(kScale, {"7.75"}), OptionValue(7.75));
}

TEST(ParseOption, FloatsOffTheGridAreRefused) {
  EXPECT_EQ(usage_error(kScore, {"0.51"}), "--face-detector-score: expected [0.0..1.0:0.05], found '0.51'");
  EXPECT_EQ(usage_error(kScale, {"0"}), "--output-image-scale: expected [0.25..8.0:0.25], found '0'");
  for (const char* text : {"-0.05", "1.05", "0.0500001", "nan", "inf", "half", "0.5x", "", "+-0.5", "0x1"}) {
    EXPECT_NE(usage_error(kScore, {text}), "accepted") << text;
  }
}

TEST(ParseOption, FloatsWithoutGridAreFiniteNumbers) {
  EXPECT_EQ(parse(kFps, {"29.97"}), OptionValue(29.97));
  EXPECT_EQ(parse(kFps, {"-1"}), OptionValue(-1.0));
  EXPECT_EQ(usage_error(kFps, {"inf"}), "--output-video-fps: expected a number, found 'inf'");
}

TEST(ParseOption, IntegersKeepToTheirRange) {
  EXPECT_EQ(parse(kQuality, {"100"}), OptionValue(100LL));
  EXPECT_EQ(parse(kFrame, {"-3"}), OptionValue(-3LL));
  EXPECT_EQ(usage_error(kQuality, {"101"}), "--output-image-quality: expected [0..100:1], found '101'");
  EXPECT_EQ(usage_error(kFrame, {"1.0"}), "--reference-frame-number: expected an integer, found '1.0'");
  EXPECT_NE(usage_error(kFrame, {"99999999999999999999"}), "accepted");
}

TEST(ParseOption, SanitisedListsNeverFail) {
  EXPECT_EQ(parse(kMargin, {"5", "999"}), OptionValue(Integers({5, 0})));
  EXPECT_EQ(parse(kMargin, {"-1", "x", "100", "99999999999999999999"}), OptionValue(Integers({0, 0, 100, 0})));
  EXPECT_EQ(usage_error(kMargin, {"1", "2", "3", "4", "5"}),
            "--face-detector-margin: expected at most 4 values, found 5");
}

TEST(ParseOption, ListsCheckEveryElementAndKeepTheOrder) {
  EXPECT_EQ(parse(kAngles, {"270", "0"}), OptionValue(Integers({270, 0})));
  EXPECT_EQ(usage_error(kAngles, {"0", "45"}), "--face-detector-angles: expected one of 0, 90, 180, 270, found '45'");
  EXPECT_EQ(parse(kTypes, {"region", "box"}), OptionValue(Strings({"region", "box"})));
  EXPECT_NE(usage_error(kTypes, {"box", "oclusion"}).find("did you mean 'occlusion'?"), std::string::npos);
}

TEST(ParseOption, CountsOfValues) {
  EXPECT_EQ(usage_error(kQuality, {}), "--output-image-quality: expected [0..100:1], found no value");
  EXPECT_EQ(usage_error(kQuality, {"1", "2"}), "--output-image-quality: expected at most 1 value, found 2");
}

TEST(ParseOption, Flags) {
  EXPECT_EQ(parse(kFlag, {}), OptionValue(true));
  EXPECT_EQ(parse(kFlag, {"Off"}), OptionValue(false));
  EXPECT_NE(usage_error(kFlag, {"maybe"}), "accepted");
}

TEST(ParseOption, DependentChoicesFollowTheOtherOption) {
  OptionValues values;
  values.set("face-detector-model", "scrfd");
  EXPECT_EQ(parse_option(kSize, Tokens{"160x160"}, values), OptionValue("160x160"));
  EXPECT_EQ(default_of(kSize, values), OptionValue("640x640"));
  values.set("face-detector-model", "yolo_face");
  EXPECT_EQ(usage_error(kSize, {"160x160"}, values), "--face-detector-size: expected one of 640x640, found '160x160'");
}

TEST(ParseOption, DependentChoicesNameTheOptionThatDecides) {
  OptionValues values;
  values.set("model-set", "own");
  EXPECT_EQ(parse_option(kSetModel, Tokens{"own_detector"}, values), OptionValue("own_detector"));
  EXPECT_EQ(usage_error(kSetModel, {"scrfd"}, values),
            "--face-detector-model: expected one of own_detector with --model-set own, found 'scrfd'");
}

TEST(ParseOption, WithoutAnyChoiceTheOptionCannotBeGiven) {
  OptionValues values;
  values.set("model-set", "none");
  EXPECT_EQ(usage_error(kSetModel, {"scrfd"}, values),
            "--face-detector-model: expected no value with --model-set none, found 'scrfd'");
  EXPECT_EQ(default_of(kSetModel, values), OptionValue());
}

TEST(DefaultOf, IsTheTablesWhereTheChoicesHaveItElseTheFirst) {
  OptionValues values;
  values.set("model-set", "official");
  EXPECT_EQ(default_of(kSetModel, values), OptionValue("yolo_face"));
  values.set("model-set", "own");
  EXPECT_EQ(default_of(kSetModel, values), OptionValue("own_detector"));
  Option types = kTypes;
  types.default_value = Strings{"box"};
  types.dependent_choices = models_of_set;
  EXPECT_EQ(default_of(types, values), OptionValue(Strings{"box"}));  // a list stays
}

TEST(DefaultOf, IsTheTablesValueOrUnset) {
  EXPECT_EQ(default_of(kScore, {}), OptionValue(0.5));
  EXPECT_EQ(default_of(kFrame, {}), OptionValue());
}

TEST(OptionValues, ReadByTypeOrFail) {
  OptionValues values;
  values.set("face-detector-score", 0.5);
  values.set("trim-frame-start", OptionValue{});
  EXPECT_TRUE(values.is_set("face-detector-score"));
  EXPECT_FALSE(values.is_set("trim-frame-start"));
  EXPECT_TRUE(values.contains("trim-frame-start"));
  EXPECT_FALSE(values.contains("no-such-option"));
  EXPECT_EQ(values.number("face-detector-score"), 0.5);
  EXPECT_THROW(values.integer("face-detector-score"), Error);
  EXPECT_THROW(values.integer("trim-frame-start"), Error);
  EXPECT_THROW(values.is_set("no-such-option"), Error);
}

TEST(ExpandSides, FollowsCss) {
  EXPECT_EQ(expand_sides("face-mask-padding", Integers{7}), Integers({7, 7, 7, 7}));
  EXPECT_EQ(expand_sides("face-mask-padding", Integers{1, 2}), Integers({1, 2, 1, 2}));
  EXPECT_EQ(expand_sides("face-mask-padding", Integers{1, 2, 3}), Integers({1, 2, 3, 2}));
  EXPECT_EQ(expand_sides("face-mask-padding", Integers{1, 2, 3, 4}), Integers({1, 2, 3, 4}));
  EXPECT_THROW(expand_sides("face-mask-padding", Integers{}), Error);
  EXPECT_THROW(expand_sides("face-mask-padding", Integers{1, 2, 3, 4, 5}), Error);
}

TEST(DescribeDomain, RangeLabels) {
  const Option whole{.name = "a", .kind = OptionKind::kInteger, .range = OptionRange{1, 5, 1}};
  const Option tenths{.name = "b", .kind = OptionKind::kFloat, .range = OptionRange{0.1, 0.5, 0.1}};
  EXPECT_EQ(describe_domain(whole, {}), "[1..5:1]");
  EXPECT_EQ(describe_domain(tenths, {}), "[0.1..0.5:0.1]");
  EXPECT_EQ(describe_domain(kTypes, {}), "box, occlusion, area, region");
}

TEST(ToText, IsWhatOneWouldWriteOnTheCommandLine) {
  EXPECT_EQ(to_text(OptionValue{}), "");
  EXPECT_EQ(to_text(1.0), "1.0");
  EXPECT_EQ(to_text(0.05), "0.05");
  EXPECT_EQ(to_text(-3LL), "-3");
  EXPECT_EQ(to_text(true), "on");
  EXPECT_EQ(to_text(Strings{"box", "area"}), "box area");
  EXPECT_EQ(to_text(Integers{0, 90}), "0 90");
}

TEST(NearestName, FindsSlipsAndNothingElse) {
  const Strings names{"inswapper_128", "hyperswap_1a_256", "simswap_256"};
  EXPECT_EQ(nearest_name("inswaper_128", names), "inswapper_128");
  EXPECT_EQ(nearest_name("INSWAPPER-128", names), "inswapper_128");
  EXPECT_EQ(nearest_name("simswpa_256", names), "simswap_256");
  EXPECT_EQ(nearest_name("photo", names), "");
  EXPECT_EQ(nearest_name("", names), "");
}

}  // namespace
}  // namespace facegraph::core
