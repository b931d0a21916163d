#include "app/catalogue/model_catalogue.hpp"

#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "models/catalogue/identity.hpp"
#include "models/store/store.hpp"
#include "support/scratch.hpp"

namespace facegraph::app {
namespace {

using models::ModelSet;

// spec: application.md 8.3
const std::map<std::string, std::vector<std::string>> kReleases{
    {"models-3.0.0",
     {"fairface",
      "retinaface_10g",
      "scrfd_2.5g",
      "yoloface_8n",
      "2dfan4",
      "peppa_wutz",
      "fan_68_5",
      "bisenet_resnet_34",
      "arcface_w600k_r50",
      "kim_vocal_2",
      "live_portrait_feature_extractor",
      "live_portrait_motion_extractor",
      "live_portrait_eye_retargeter",
      "live_portrait_lip_retargeter",
      "live_portrait_stitcher",
      "live_portrait_generator",
      "codeformer",
      "gfpgan_1.2",
      "gfpgan_1.3",
      "gfpgan_1.4",
      "gpen_bfr_256",
      "gpen_bfr_512",
      "gpen_bfr_1024",
      "gpen_bfr_2048",
      "restoreformer_plus_plus",
      "blendswap_256",
      "ghost_1_256",
      "ghost_2_256",
      "ghost_3_256",
      "inswapper_128",
      "inswapper_128_fp16",
      "simswap_256",
      "simswap_unofficial_512",
      "uniface_256",
      "ddcolor",
      "ddcolor_artistic",
      "deoldify",
      "deoldify_artistic",
      "deoldify_stable",
      "clear_reality_x4",
      "nomos8k_sc_x4",
      "real_esrgan_x2",
      "real_esrgan_x2_fp16",
      "real_esrgan_x4",
      "real_esrgan_x4_fp16",
      "real_esrgan_x8",
      "real_esrgan_x8_fp16",
      "real_hatgan_x4",
      "span_kendata_x4",
      "ultra_sharp_x4",
      "wav2lip_96",
      "wav2lip_gan_96"}},
    {"models-3.1.0",
     {"xseg_1", "xseg_2", "bisenet_resnet_18", "styleganex_age", "hififace_unofficial_256", "real_web_photo_x4",
      "realistic_rescaler_x4", "remacri_x4", "siax_x4", "swin2_sr_x4"}},
    {"models-3.2.0", {"xseg_3"}},
    {"models-3.3.0",
     {"nsfw_1", "nsfw_2", "nsfw_3", "hyperswap_1a_256", "hyperswap_1b_256", "hyperswap_1c_256", "ultra_sharp_2_x4",
      "edtalk_256"}},
    {"models-3.4.0",
     {"yunet_2023_mar", "kim_vocal_1", "uvr_mdxnet", "crossface_ghost", "crossface_hififace", "crossface_simswap"}},
    {"models-3.5.0",
     {"ben_2", "birefnet_general", "birefnet_portrait", "isnet_general", "modnet", "ormbg", "rmbg_1.4", "rmbg_2.0",
      "silueta", "u2net_cloth", "u2net_general", "u2net_human", "u2netp", "face_dat_x4", "tghq_face_x8"}},
    {"models-3.6.0", {"fran", "corridor_key_1024", "corridor_key_2048"}},
};

std::map<std::string, CatalogueEntry> by_name(ModelSet set) {
  std::map<std::string, CatalogueEntry> entries;
  for (const CatalogueEntry& entry : model_catalogue(set)) {
    EXPECT_TRUE(entries.emplace(entry.file.name, entry).second) << entry.file.name << " is there twice";
  }
  return entries;
}

TEST(ModelCatalogue, HasEveryOfficialFileWithItsRelease) {
  std::map<std::string, CatalogueEntry> entries = by_name(ModelSet::kOfficial);
  for (const auto& [release, names] : kReleases) {
    for (const std::string& name : names) {
      const auto entry = entries.find(name);
      if (entry == entries.end()) {
        ADD_FAILURE() << name << " is missing";
        continue;
      }
      EXPECT_EQ(entry->second.file.release, release) << name;
      EXPECT_EQ(entry->second.file.extension, ".onnx") << name;
      EXPECT_FALSE(entry->second.file.licence.empty()) << name;
      entries.erase(entry);
    }
  }
  for (const auto& [name, entry] : entries) {
    ADD_FAILURE() << name << " is no file of the reference";
  }
}

TEST(ModelCatalogue, NamesWhoUsesAFile) {
  const std::map<std::string, CatalogueEntry> entries = by_name(ModelSet::kOfficial);
  const auto role = [&](const std::string& name) { return entries.at(name).role; };
  EXPECT_EQ(role("nsfw_3"), "content_analyser");
  EXPECT_EQ(role("yunet_2023_mar"), "face_detector");
  EXPECT_EQ(role("fan_68_5"), "face_landmarker");
  EXPECT_EQ(role("arcface_w600k_r50"), "face_recognizer");
  EXPECT_EQ(role("fairface"), "face_classifier");
  EXPECT_EQ(role("xseg_3"), "face_masker");
  EXPECT_EQ(role("uvr_mdxnet"), "voice_extractor");
  EXPECT_EQ(role("live_portrait_stitcher"), "face_editor");
  EXPECT_EQ(role("crossface_simswap"), "face_swapper");
  EXPECT_EQ(role("span_kendata_x4"), "frame_enhancer");
}

TEST(ModelCatalogue, KnowsTheFilesWhoseChecksumsAreRecorded) {
  int known = 0;
  for (const CatalogueEntry& entry : model_catalogue(ModelSet::kOfficial)) {
    const models::Identity* identity = models::identity_of(entry.file);
    known += identity != nullptr ? 1 : 0;
    EXPECT_TRUE(identity == nullptr || (identity->bytes > 0 && identity->sha256.size() == 64)) << entry.file.name;
  }
  EXPECT_EQ(known, 22);
  EXPECT_EQ(models::identity_of({.name = "fairface", .release = "models-3.0.0", .licence = ""})->bytes, 85'170'772);
}

TEST(ModelCatalogue, HasTheEmbeddedFilesThatAreThere) {
  const std::map<std::string, CatalogueEntry> entries = by_name(ModelSet::kEmbedded);
  std::vector<std::string> listed;
  for (const auto& [name, entry] : entries) {
    listed.push_back(entry.file.file_name());
  }
  std::vector<std::string> there;
  for (const auto& file : std::filesystem::directory_iterator(models::embedded_folder())) {
    if (file.path().extension() == ".onnx") {
      there.push_back(file.path().filename().string());
    }
  }
  std::sort(there.begin(), there.end());
  EXPECT_EQ(listed, there);
}

TEST(ModelCatalogue, FindsWhatIsInstalledInSubfoldersToo) {
  const test::Scratch scratch;
  for (const char* folder : {"official/custom", "official/iperov", "embedded"}) {
    std::filesystem::create_directories(scratch / folder);
  }
  for (const char* file : {"official/scrfd_2.5g.onnx", "official/inswapper_128.onnx", "official/custom/mine.dfm",
                           "official/iperov/elon.dfm", "official/stranger.onnx", "embedded/embedded_detector.onnx"}) {
    scratch.write(file, "weights");
  }
  std::vector<std::string> found;
  for (const CatalogueEntry& entry : installed_models(models::Store(scratch / "official", scratch / "embedded"))) {
    found.push_back(entry.role + " " + entry.file.name);
  }
  EXPECT_EQ(found, (std::vector<std::string>{"deep_swapper custom/mine", "deep_swapper iperov/elon",
                                             "face_detector embedded_detector", "face_detector scrfd_2.5g",
                                             "face_swapper inswapper_128"}));
}

}  // namespace
}  // namespace facegraph::app
