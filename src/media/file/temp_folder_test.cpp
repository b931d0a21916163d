// Folders for temporary files: gone with their owner, however that ends, and nobody else's.
#include "media/file/temp_folder.hpp"

#include <atomic>
#include <fstream>
#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/scratch.hpp"

namespace facegraph::media {
namespace {

namespace fs = std::filesystem;

void write(const fs::path& file) {
  std::ofstream(file) << "frame";
}

// Makes a folder and is killed.
fs::path folder_of_a_dead_process(const fs::path& parent) {
  int ends[2] = {};
  EXPECT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    const TempFolder folder(parent, "film");
    write(folder.path() / "00000000.png");
    const std::string text = folder.path().string();
    static_cast<void>(!::write(ends[1], text.data(), text.size()));
    raise(SIGKILL);
  }
  waitpid(child, nullptr, 0);
  close(ends[1]);
  std::string text(4096, '\0');
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(::read(ends[0], text.data(), text.size()), 0)));
  close(ends[0]);
  return text;
}

TEST(TempFolder, GoesWithEverythingInIt) {
  const test::Scratch scratch;
  {
    const TempFolder one(scratch.folder(), "film");
    const TempFolder two(scratch.folder(), "film");
    EXPECT_NE(one.path(), two.path());
    write(one.path() / "00000000.png");
  }
  EXPECT_TRUE(fs::is_empty(scratch.folder()));
}

TEST(TempFolder, OfADeadProcessIsRemovedOfALivingOneStays) {
  const test::Scratch scratch;
  const fs::path dead = folder_of_a_dead_process(scratch.folder());
  const fs::path another = folder_of_a_dead_process(scratch.folder());
  ASSERT_TRUE(fs::exists(dead / "00000000.png"));
  {
    const TempFolder living(scratch.folder(), "film");
    write(living.path() / "00000000.png");
    remove_abandoned_temp_folders(scratch.folder());
    EXPECT_FALSE(fs::exists(dead));
    EXPECT_FALSE(fs::exists(another));
    EXPECT_TRUE(fs::exists(living.path() / "00000000.png"));
  }
  EXPECT_TRUE(fs::is_empty(scratch.folder()));
}

TEST(TempFolder, OnlyFoldersWithALockAreLookedAt) {
  const test::Scratch scratch;
  const std::vector<std::string> names{"film-abcdef", ".film-abcdef", ".facegraph", "x.facegraph"};
  for (const std::string& name : names) {
    fs::create_directories(scratch / "facegraph" / name);
    write(scratch / "facegraph" / name / "mine");
  }
  for (const char* name : {"...facegraph", "....facegraph", ".mine.facegraph"}) {
    write(scratch / "facegraph" / name);
  }
  remove_abandoned_temp_folders(scratch.folder());
  for (const std::string& name : names) {
    EXPECT_TRUE(fs::exists(scratch / "facegraph" / name / "mine")) << name;
  }
  remove_abandoned_temp_folders(scratch / "absent");
  EXPECT_FALSE(fs::exists(scratch / "absent"));
}

TEST(TempFolder, NothingIsLeftOfOneThatIsStillWrittenTo) {
  const test::Scratch scratch;
  const pid_t child = fork();
  if (child == 0) {
    const TempFolder folder(scratch.folder(), "film");
    std::atomic<int> written{0};
    std::vector<std::jthread> writers;
    for (int i = 0; i < 4; ++i) {
      writers.emplace_back([&, i] {
        for (int frame = 0; true; ++frame) {
          write(folder.path() / (std::to_string(i) + "-" + std::to_string(frame)));
          ++written;
        }
      });
    }
    while (written < 2000) {
      std::this_thread::yield();
    }
    discard_temp_folders();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(fs::is_empty(scratch.folder()));
}

TEST(TempFolder, ThatCannotBeMade) {
  const test::Scratch scratch;
  scratch.write("file", "");
  test::expect_names(
      test::message_of(core::ErrorCode::kFailed, [&] { const TempFolder folder(scratch / "file", "film"); }),
      {(scratch / "file").string(), "temporary"});
}

}  // namespace
}  // namespace facegraph::media
