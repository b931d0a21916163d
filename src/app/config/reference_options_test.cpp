// Our option tables against the reference's table of options. spec: application.md 2.1
#include <algorithm>
#include <set>

#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "app/config/option_values.hpp"

namespace facegraph::app {
namespace {

using core::Option;
using enum core::OptionKind;
using enum core::OptionScope;

struct Row {
  std::string name;
  core::OptionKind kind;
  std::string domain;    // as messages say it; "?": depends on the machine, looked at below
  std::string standard;  // the default; "?" likewise
  std::string section;
  bool sanitise;
  char letter;  // '-': none
  core::OptionScope scope;
};

// Options that the reference has not: none may be stored in a job step.
const std::set<std::string> kOwn{"model-set",        "precision",         "cuda-nhwc",
                                 "cuda-fuse-bias",   "cuda-graph",        "cuda-graph-memory",
                                 "cuda-graph-uses",  "warmup-iterations", "warmup-data",
                                 "benchmark-rounds", "benchmark-size",    "log-format",
                                 "report",           "offline",           "model-cache-size",
                                 "no-hw-decode",     "execution-lanes",   "execution-batch-frames"};

const std::vector<Row>& reference_rows() {
  static const std::vector<Row> rows{
      {"config-path", kString, "a text", "", "", false, '-', kJob},
      {"temp-path", kString, "a text", "?", "paths", false, '-', kJob},
      {"jobs-path", kString, "a text", ".jobs", "paths", false, '-', kJob},
      {"source-paths", kStringList, "a text", "", "paths", false, 's', kStep},
      {"target-path", kString, "a text", "", "paths", false, 't', kStep},
      {"output-path", kString, "a text", "", "paths", false, 'o', kStep},
      {"source-pattern", kString, "a text", "", "patterns", false, 's', kJob},
      {"target-pattern", kString, "a text", "", "patterns", false, 't', kJob},
      {"output-pattern", kString, "a text", "", "patterns", false, 'o', kJob},
      {"face-detector-model", kString, "many, retinaface, scrfd, yolo_face, yunet", "yolo_face", "face_detector", false,
       '-', kStep},
      {"face-detector-size", kString, "640x640", "640x640", "face_detector", false, '-', kStep},
      {"face-detector-margin", kIntegerList, "[0..100:1]", "0 0 0 0", "face_detector", true, '-', kStep},
      {"face-detector-angles", kIntegerList, "0, 90, 180, 270", "0", "face_detector", false, '-', kStep},
      {"face-detector-score", kFloat, "[0.0..1.0:0.05]", "0.5", "face_detector", false, '-', kStep},
      {"face-landmarker-model", kString, "many, 2dfan4, peppa_wutz", "2dfan4", "face_landmarker", false, '-', kStep},
      {"face-landmarker-score", kFloat, "[0.0..1.0:0.05]", "0.5", "face_landmarker", false, '-', kStep},
      {"face-selector-mode", kString, "many, one, reference", "reference", "face_selector", false, '-', kStep},
      {"face-selector-order", kString,
       "left-right, right-left, top-bottom, bottom-top, small-large, large-small, best-worst, worst-best",
       "large-small", "face_selector", false, '-', kStep},
      {"face-selector-age-start", kInteger, "[0..100:1]", "", "face_selector", false, '-', kStep},
      {"face-selector-age-end", kInteger, "[0..100:1]", "", "face_selector", false, '-', kStep},
      {"face-selector-gender", kString, "auto, female, male", "", "face_selector", false, '-', kStep},
      {"face-selector-race", kString, "auto, white, black, latino, asian, indian, arabic", "", "face_selector", false,
       '-', kStep},
      {"reference-face-position", kInteger, "an integer", "0", "face_selector", false, '-', kStep},
      {"reference-face-distance", kFloat, "[0.0..1.0:0.05]", "0.3", "face_selector", false, '-', kStep},
      {"reference-frame-number", kInteger, "an integer", "0", "face_selector", false, '-', kStep},
      {"face-tracker-score", kFloat, "[0.0..0.5:0.05]", "0.0", "face_tracker", false, '-', kStep},
      {"face-occluder-model", kString, "many, xseg_1, xseg_2, xseg_3", "xseg_1", "face_masker", false, '-', kStep},
      {"face-parser-model", kString, "bisenet_resnet_18, bisenet_resnet_34", "bisenet_resnet_34", "face_masker", false,
       '-', kStep},
      {"face-mask-types", kStringList, "box, occlusion, area, region", "box", "face_masker", false, '-', kStep},
      {"face-mask-areas", kStringList, "upper-face, lower-face, mouth", "upper-face lower-face mouth", "face_masker",
       false, '-', kStep},
      {"face-mask-regions", kStringList,
       "skin, left-eyebrow, right-eyebrow, left-eye, right-eye, glasses, nose, mouth, upper-lip, lower-lip",
       "skin left-eyebrow right-eyebrow left-eye right-eye glasses nose mouth upper-lip lower-lip", "face_masker",
       false, '-', kStep},
      {"face-mask-blur", kFloat, "[0.0..1.0:0.05]", "0.3", "face_masker", false, '-', kStep},
      {"face-mask-padding", kIntegerList, "[0..100:1]", "0 0 0 0", "face_masker", true, '-', kStep},
      {"voice-extractor-model", kString, "kim_vocal_1, kim_vocal_2, uvr_mdxnet", "kim_vocal_2", "voice_extractor",
       false, '-', kStep},
      {"trim-frame-start", kInteger, "an integer", "", "frame_extraction", false, '-', kStep},
      {"trim-frame-end", kInteger, "an integer", "", "frame_extraction", false, '-', kStep},
      {"temp-frame-format", kString, "bmp, jpeg, png, tiff", "png", "frame_extraction", false, '-', kStep},
      {"temp-pixel-format", kString, "bgr24, bgra", "bgr24", "frame_extraction", false, '-', kStep},
      {"target-frame-amount", kInteger, "[0..10:1]", "2", "frame_distribution", false, '-', kStep},
      {"output-image-quality", kInteger, "[0..100:1]", "80", "output_creation", false, '-', kStep},
      {"output-image-scale", kFloat, "[0.25..8.0:0.25]", "1.0", "output_creation", false, '-', kStep},
      {"output-audio-encoder", kString, "flac, aac, libmp3lame, libopus, libvorbis, pcm_s16le, pcm_s32le", "",
       "output_creation", false, '-', kStep},
      {"output-audio-quality", kInteger, "[0..100:1]", "80", "output_creation", false, '-', kStep},
      {"output-audio-volume", kInteger, "[0..100:1]", "100", "output_creation", false, '-', kStep},
      {"output-video-encoder", kString,
       "libx264, libx264rgb, libx265, libvpx-vp9, h264_nvenc, hevc_nvenc, h264_amf, hevc_amf, h264_qsv, hevc_qsv, "
       "h264_videotoolbox, hevc_videotoolbox, rawvideo",
       "?", "output_creation", false, '-', kStep},
      {"output-video-preset", kString, "ultrafast, superfast, veryfast, faster, fast, medium, slow, slower, veryslow",
       "veryfast", "output_creation", false, '-', kStep},
      {"output-video-quality", kInteger, "[0..100:1]", "80", "output_creation", false, '-', kStep},
      {"output-video-scale", kFloat, "[0.25..8.0:0.25]", "1.0", "output_creation", false, '-', kStep},
      {"output-video-fps", kFloat, "a number", "", "output_creation", false, '-', kStep},
      {"workflow-mode", kString, "auto, image-to-image, image-to-video", "auto", "workflow", false, '-', kStep},
      {"workflow-strategy", kString, "disk, memory", "memory", "workflow", false, '-', kStep},
      {"processors", kStringList,
       "age_modifier, background_remover, deep_swapper, expression_restorer, face_debugger, face_editor, "
       "face_enhancer, face_swapper, frame_colorizer, frame_enhancer, lip_syncer",
       "face_swapper", "processors", false, '-', kStep},
      {"age-modifier-model", kString, "fran, styleganex_age", "fran", "processors", false, '-', kStep},
      {"age-modifier-direction", kInteger, "[-100..100:1]", "0", "processors", false, '-', kStep},
      {"background-remover-model", kString,
       "ben_2, birefnet_general, birefnet_portrait, corridor_key_1024, corridor_key_2048, isnet_general, modnet, "
       "ormbg, rmbg_1.4, rmbg_2.0, silueta, u2net_cloth, u2net_general, u2net_human, u2netp",
       "modnet", "processors", false, '-', kStep},
      {"background-remover-fill-color", kIntegerList, "[0..255:1]", "0 0 0 0", "processors", true, '-', kStep},
      {"background-remover-despill-color", kIntegerList, "[0..255:1]", "0 0 0 0", "processors", true, '-', kStep},
      // The reference lists 157 models of named people here; docs/differences.md says why we do not.
      {"deep-swapper-model", kString, "a text", "", "processors", false, '-', kStep},
      {"deep-swapper-morph", kInteger, "[0..100:1]", "100", "processors", false, '-', kStep},
      {"expression-restorer-model", kString, "live_portrait", "live_portrait", "processors", false, '-', kStep},
      {"expression-restorer-factor", kInteger, "[0..100:1]", "80", "processors", false, '-', kStep},
      {"expression-restorer-areas", kStringList, "upper-face, lower-face", "upper-face lower-face", "processors", false,
       '-', kStep},
      {"face-debugger-items", kStringList,
       "bounding-box, face-landmark-5, face-landmark-5/68, face-landmark-68, face-landmark-68/5, face-mask",
       "face-landmark-5/68 face-mask", "processors", false, '-', kStep},
      {"face-editor-model", kString, "live_portrait", "live_portrait", "processors", false, '-', kStep},
      {"face-editor-eyebrow-direction", kFloat, "[-1.0..1.0:0.05]", "0.0", "processors", false, '-', kStep},
      {"face-editor-eye-gaze-horizontal", kFloat, "[-1.0..1.0:0.05]", "0.0", "processors", false, '-', kStep},
      {"face-editor-eye-gaze-vertical", kFloat, "[-1.0..1.0:0.05]", "0.0", "processors", false, '-', kStep},
      {"face-editor-eye-open-ratio", kFloat, "[-1.0..1.0:0.05]", "0.0", "processors", false, '-', kStep},
      {"face-editor-lip-open-ratio", kFloat, "[-1.0..1.0:0.05]", "0.0", "processors", false, '-', kStep},
      {"face-editor-mouth-grim", kFloat, "[-1.0..1.0:0.05]", "0.0", "processors", false, '-', kStep},
      {"face-editor-mouth-pout", kFloat, "[-1.0..1.0:0.05]", "0.0", "processors", false, '-', kStep},
      {"face-editor-mouth-purse", kFloat, "[-1.0..1.0:0.05]", "0.0", "processors", false, '-', kStep},
      {"face-editor-mouth-smile", kFloat, "[-1.0..1.0:0.05]", "0.0", "processors", false, '-', kStep},
      {"face-editor-mouth-position-horizontal", kFloat, "[-1.0..1.0:0.05]", "0.0", "processors", false, '-', kStep},
      {"face-editor-mouth-position-vertical", kFloat, "[-1.0..1.0:0.05]", "0.0", "processors", false, '-', kStep},
      {"face-editor-head-pitch", kFloat, "[-1.0..1.0:0.05]", "0.0", "processors", false, '-', kStep},
      {"face-editor-head-yaw", kFloat, "[-1.0..1.0:0.05]", "0.0", "processors", false, '-', kStep},
      {"face-editor-head-roll", kFloat, "[-1.0..1.0:0.05]", "0.0", "processors", false, '-', kStep},
      {"face-enhancer-model", kString,
       "codeformer, gfpgan_1.2, gfpgan_1.3, gfpgan_1.4, gpen_bfr_256, gpen_bfr_512, gpen_bfr_1024, gpen_bfr_2048, "
       "restoreformer_plus_plus",
       "gfpgan_1.4", "processors", false, '-', kStep},
      {"face-enhancer-blend", kInteger, "[0..100:1]", "80", "processors", false, '-', kStep},
      {"face-enhancer-weight", kFloat, "[0.0..1.0:0.05]", "0.5", "processors", false, '-', kStep},
      {"face-swapper-model", kString,
       "blendswap_256, ghost_1_256, ghost_2_256, ghost_3_256, hififace_unofficial_256, hyperswap_1a_256, "
       "hyperswap_1b_256, hyperswap_1c_256, inswapper_128, inswapper_128_fp16, simswap_256, simswap_unofficial_512, "
       "uniface_256",
       "hyperswap_1a_256", "processors", false, '-', kStep},
      {"face-swapper-pixel-boost", kString, "256x256, 512x512, 768x768, 1024x1024", "256x256", "processors", false, '-',
       kStep},
      {"face-swapper-weight", kFloat, "[0.0..1.0:0.05]", "0.5", "processors", false, '-', kStep},
      {"frame-colorizer-model", kString, "ddcolor, ddcolor_artistic, deoldify, deoldify_artistic, deoldify_stable",
       "ddcolor", "processors", false, '-', kStep},
      {"frame-colorizer-size", kString, "192x192, 256x256, 384x384, 512x512", "256x256", "processors", false, '-',
       kStep},
      {"frame-colorizer-blend", kInteger, "[0..100:1]", "100", "processors", false, '-', kStep},
      {"frame-enhancer-model", kString,
       "clear_reality_x4, face_dat_x4, nomos8k_sc_x4, real_esrgan_x2, real_esrgan_x2_fp16, real_esrgan_x4, "
       "real_esrgan_x4_fp16, real_esrgan_x8, real_esrgan_x8_fp16, real_hatgan_x4, real_web_photo_x4, "
       "realistic_rescaler_x4, remacri_x4, siax_x4, span_kendata_x4, swin2_sr_x4, tghq_face_x8, ultra_sharp_x4, "
       "ultra_sharp_2_x4",
       "span_kendata_x4", "processors", false, '-', kStep},
      {"frame-enhancer-blend", kInteger, "[0..100:1]", "80", "processors", false, '-', kStep},
      {"lip-syncer-model", kString, "edtalk_256, wav2lip_96, wav2lip_gan_96", "wav2lip_gan_96", "processors", false,
       '-', kStep},
      {"lip-syncer-weight", kFloat, "[0.0..1.0:0.05]", "0.5", "processors", false, '-', kStep},
      {"open-browser", kFlag, "on or off", "off", "uis", false, '-', kJob},
      {"ui-layouts", kStringList, "benchmark, default, jobs, webcam", "default", "uis", false, '-', kJob},
      {"ui-workflow", kString, "instant_runner, job_runner, job_manager", "instant_runner", "uis", false, '-', kJob},
      {"download-providers", kStringList, "github, huggingface", "github huggingface", "download", false, '-', kJob},
      {"download-scope", kString, "lite, full", "lite", "download", false, '-', kJob},
      {"benchmark-mode", kString, "warm, cold", "warm", "benchmark", false, '-', kJob},
      {"benchmark-resolutions", kStringList, "240p, 360p, 540p, 720p, 1080p, 1440p, 2160p", "240p", "benchmark", false,
       '-', kJob},
      {"benchmark-cycle-count", kInteger, "[1..10:1]", "5", "benchmark", false, '-', kJob},
      {"execution-device-ids", kIntegerList, "integers", "0", "execution", false, '-', kJob},
      {"execution-providers", kStringList, "cuda, tensorrt, rocm, migraphx, coreml, openvino, qnn, directml, cpu", "?",
       "execution", false, '-', kJob},
      {"execution-thread-count", kInteger, "[1..32:1]", "8", "execution", false, '-', kJob},
      {"video-memory-strategy", kString, "strict, moderate, tolerant", "strict", "memory", false, '-', kJob},
      {"log-level", kString, "error, warn, info, debug", "info", "misc", false, '-', kJob},
      {"halt-on-error", kFlag, "on or off", "off", "misc", false, '-', kJob},
  };
  return rows;
}

const Option* find(const std::string& name) {
  for (const std::vector<Option>* table : all_tables()) {
    for (const Option& option : *table) {
      if (option.name == name) {
        return &option;
      }
    }
  }
  return nullptr;
}

// Choices in any order.
std::multiset<std::string> parts(const std::string& domain) {
  std::multiset<std::string> result;
  for (std::size_t start = 0; start <= domain.size();) {
    const std::size_t end = std::min(domain.find(", ", start), domain.size());
    result.insert(domain.substr(start, end - start));
    start = end + 2;
  }
  return result;
}

class ReferenceOption : public testing::TestWithParam<Row> {};

TEST_P(ReferenceOption, IsDeclaredTheSame) {
  const Row& row = GetParam();
  const Option* option = find(row.name);
  ASSERT_NE(option, nullptr) << "no table declares it";
  const core::OptionValues defaults = option_values(all_tables(), {});
  EXPECT_EQ(option->kind, row.kind);
  EXPECT_EQ(option->section, row.section);
  EXPECT_EQ(option->scope, row.scope);
  EXPECT_EQ(option->sanitise, row.sanitise);
  EXPECT_EQ(option->short_name, row.letter == '-' ? 0 : row.letter);
  if (row.domain != "?" && !row.name.ends_with("encoder")) {
    EXPECT_EQ(parts(core::describe_domain(*option, defaults)), parts(row.domain));
  }
  if (row.standard != "?") {
    EXPECT_EQ(core::to_text(defaults.at(row.name)), row.standard);
  }
}

INSTANTIATE_TEST_SUITE_P(Table, ReferenceOption, testing::ValuesIn(reference_rows()), [](const auto& row) {
  std::string name = row.param.name;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(ReferenceOptions, OthersAreOursAndJobLevel) {
  for (const std::vector<Option>* table : all_tables()) {
    for (const Option& option : *table) {
      const bool known = std::any_of(reference_rows().begin(), reference_rows().end(),
                                     [&option](const Row& row) { return row.name == option.name; });
      EXPECT_NE(known, kOwn.contains(option.name)) << option.name;
      EXPECT_TRUE(known || option.scope == kJob) << option.name;
    }
  }
}

// spec: application.md 2.2
TEST(ReferenceOptions, ChoicesThatDependOnTheModel) {
  const auto choices = [](const std::string& name, const std::string& decides, const std::string& model) {
    const core::OptionValues values = option_values(all_tables(), {{decides, {.tokens = {model}}}});
    return fmt::format("{}", fmt::join(core::choices_of(*find(name), values), " "));
  };
  const auto boost = [&](const std::string& model) {
    return choices("face-swapper-pixel-boost", "face-swapper-model", model);
  };
  EXPECT_EQ(boost("blendswap_256"), "256x256 384x384 512x512 768x768 1024x1024");
  for (const char* model : {"ghost_1_256", "ghost_2_256", "ghost_3_256", "hififace_unofficial_256", "hyperswap_1a_256",
                            "hyperswap_1b_256", "hyperswap_1c_256", "simswap_256", "uniface_256"}) {
    EXPECT_EQ(boost(model), "256x256 512x512 768x768 1024x1024") << model;
  }
  EXPECT_EQ(boost("inswapper_128"), "128x128 256x256 384x384 512x512 768x768 1024x1024");
  EXPECT_EQ(boost("inswapper_128_fp16"), boost("inswapper_128"));
  EXPECT_EQ(boost("simswap_unofficial_512"), "512x512 768x768 1024x1024");
  const auto size = [&](const std::string& model) {
    return choices("face-detector-size", "face-detector-model", model);
  };
  for (const char* model : {"many", "yolo_face", "yunet"}) {
    EXPECT_EQ(size(model), "640x640") << model;
  }
  for (const char* model : {"retinaface", "scrfd"}) {
    EXPECT_EQ(size(model), "640x640 160x160 320x320 480x480 512x512") << model << ", the default first";
  }
}

TEST(ReferenceOptions, WhatDependsOnTheMachine) {
  const core::OptionValues defaults = option_values(all_tables(), {});
  EXPECT_FALSE(defaults.string("temp-path").empty());
  EXPECT_EQ(defaults.strings("execution-providers").size(), 1U);
  for (const char* name : {"output-audio-encoder", "output-video-encoder"}) {
    const Row& row = *std::find_if(reference_rows().begin(), reference_rows().end(),
                                   [name](const Row& each) { return each.name == name; });
    for (const std::string& choice : core::choices_of(*find(name), defaults)) {
      EXPECT_TRUE(parts(row.domain).contains(choice)) << choice;
    }
  }
}

}  // namespace
}  // namespace facegraph::app
