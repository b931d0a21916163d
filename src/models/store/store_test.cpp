#include "models/store/store.hpp"

#include <gtest/gtest.h>

#include "models/catalogue/model_set.hpp"
#include "support/scratch.hpp"

namespace facegraph::models {
namespace {

using core::ErrorCode;

void verify(const Store& store, const std::vector<ModelFile>& files) {
  store.report(store.defects(files), "");
}

ModelFile file(const std::string& name) {
  return {name, "models-3.0.0", "MIT"};
}

TEST(Crc32, IsTheOneOfZlib) {
  const test::Scratch scratch;
  EXPECT_EQ(file_crc32(scratch.write("check", "123456789")), 0xCBF43926U);
  EXPECT_EQ(file_crc32(scratch.write("empty", "")), 0U);
}

TEST(Crc32, GoesOnFromBlockToBlock) {
  const test::Scratch scratch;
  EXPECT_EQ(file_crc32(scratch.write("large", std::string(1 << 20, 'a') + std::string(777, 'b'))), 0xB46F756DU);
}

TEST(Crc32, NamesAFileThatCannotBeRead) {
  const test::Scratch scratch;
  test::expect_names(test::message_of(ErrorCode::kFailed, [&] { file_crc32(scratch / "gone.onnx"); }),
                     {(scratch / "gone.onnx").string()});
}

TEST(Store, TakesFilesWhoseHashIsRight) {
  const test::Scratch scratch;
  scratch.write("plain.onnx", "123456789");
  scratch.write("plain.hash", "cbf43926");
  scratch.write("newline.onnx", "123456789");
  scratch.write("newline.hash", "cbf43926\n");
  const Store store(scratch.folder());
  const std::vector<ModelFile> files{file("plain"), file("newline")};
  verify(store, files);
  verify(store, {});
  EXPECT_EQ(store.path(files.front()), scratch / "plain.onnx");
}

TEST(Store, NamesEverythingThatIsWrongAtOnce) {
  const test::Scratch scratch;
  scratch.write("good.onnx", "123456789");
  scratch.write("good.hash", "cbf43926");
  scratch.write("no_hash.onnx", "123456789");
  scratch.write("broken.onnx", "12345678");
  scratch.write("broken.hash", "cbf43926");
  scratch.write("empty_hash.onnx", "123456789");
  scratch.write("empty_hash.hash", "");
  std::filesystem::create_directory(scratch / "folder.onnx");
  const std::vector<ModelFile> files{file("gone"),   file("good"),       file("no_hash"),
                                     file("broken"), file("empty_hash"), file("folder")};
  const std::string text = test::message_of(ErrorCode::kFailed, [&] { verify(Store(scratch.folder()), files); });
  test::expect_names(text, {"gone.onnx is missing", "no_hash.hash is missing",
                            "broken.onnx is broken (CRC-32 9ae0daaf, expected cbf43926)", "empty_hash.onnx is broken",
                            "folder.onnx is missing", scratch.folder().string(), "FACEGRAPH_MODELS_PATH"});
  EXPECT_EQ(text.find("good.onnx"), std::string::npos) << text;
}

TEST(Store, MissingOfficialFilesNameTheEmbeddedSet) {
  const test::Scratch scratch;
  const std::vector<ModelFile> files{file("gone")};
  test::expect_names(test::message_of(ErrorCode::kFailed, [&] { verify(Store(scratch.folder()), files); }),
                     {"gone.onnx is missing", "--model-set embedded"});
}

TEST(Store, TakesEmbeddedFilesFromTheirOwnFolder) {
  const test::Scratch scratch;
  scratch.write("plain.onnx", "123456789");
  scratch.write("plain.hash", "cbf43926");
  const Store store(scratch / "elsewhere", scratch.folder());
  const std::vector<ModelFile> files{embedded_file("plain")};
  verify(store, files);
  EXPECT_EQ(store.path(files.front()), scratch / "plain.onnx");
  EXPECT_EQ(store.path(file("plain")), scratch / "elsewhere" / "plain.onnx");
}

TEST(Store, BrokenEmbeddedFilesAreForTheInstallerToMend) {
  const test::Scratch scratch;
  scratch.write("plain.onnx", "12345678");
  scratch.write("plain.hash", "cbf43926");
  const std::vector<ModelFile> files{embedded_file("plain"), embedded_file("gone")};
  const Store store(scratch / "elsewhere", scratch.folder());
  const std::string text = test::message_of(ErrorCode::kFailed, [&] { verify(store, files); });
  test::expect_names(text, {"plain.onnx is broken", "gone.onnx is missing", "install", scratch.folder().string()});
  EXPECT_EQ(text.find("--model-set"), std::string::npos) << text;
}

TEST(Store, FindsTheEmbeddedSetWhateverTheVariableSays) {
  const test::ScopedVariable variable("FACEGRAPH_MODELS_PATH", "/some/models");
  EXPECT_EQ(Store::standard().path(embedded_file("plain")), installation_root() / "models" / "embedded" / "plain.onnx");
}

TEST(Store, LiesWhereTheVariableSays) {
  const test::ScopedVariable variable("FACEGRAPH_MODELS_PATH", "/some/models");
  EXPECT_EQ(Store::standard().folder(), "/some/models");
}

TEST(Store, LiesBelowTheInstallationRootElse) {
  for (const std::optional<std::string>& value : {std::optional<std::string>(), std::optional<std::string>("")}) {
    const test::ScopedVariable variable("FACEGRAPH_MODELS_PATH", value);
    EXPECT_EQ(Store::standard().folder(), installation_root() / ".assets" / "models");
  }
  EXPECT_TRUE(std::filesystem::exists(installation_root() / "CMakeLists.txt"));  // this test runs in a build tree
}

}  // namespace
}  // namespace facegraph::models
