// What a step of a large job costs in memory.
#include <string>
#include <vector>

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "jobs/store/job_store.hpp"
#include "support/scratch.hpp"

namespace facegraph::jobs {
namespace {

// As many arguments as a step of the program has, of the usual lengths.
StepArgs usual_args() {
  StepArgs args{{"source_paths", {}}, {"target_path", {}}, {"output_path", {}}};
  for (int i = 0; i < 110; ++i) {
    args.append(fmt::format("face_option_name_{:03}", i), fmt::format("value-{:03}", i));
  }
  return args;
}

// The peak of a process that makes a job of so many steps, submits it and reads it, in bytes; 0 when it fails.
long long peak_of(const std::filesystem::path& folder, std::size_t steps) {
  const pid_t child = fork();
  if (child == 0) {
    const StepArgs shared = usual_args();
    JobStore store(folder);
    const std::string id = store.create_next("batch");
    store.edit(id, [&](Job& job) {
      for (std::size_t i = 0; i < steps; ++i) {
        StepArgs args = shared;
        set_arg(args, "target_path", fmt::format("/some/folder/of/targets/{:06}.png", i));
        set_arg(args, "output_path", fmt::format("/some/folder/of/outputs/{:06}.png", i));
        append_step(job, std::move(args));
      }
    });
    store.submit(id);
    std::optional<Job> job = store.find(id);
    const bool whole = job && job->steps.size() == steps;
    store.write(id, *job);
    _exit(whole ? 0 : 1);
  }
  int status = 0;
  rusage usage = {};
  wait4(child, &status, 0, &usage);
  return status == 0 ? 1024LL * usage.ru_maxrss : 0;
}

TEST(JobMemory, StepsThatAreAlikeShareTheirArguments) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer's own memory is in the way";
#endif
  constexpr long long kFew = 2000;
  constexpr long long kMany = 10000;
  const test::Scratch scratch;
  const long long few = peak_of(scratch / "few", kFew);
  const long long many = peak_of(scratch / "many", kMany);
  ASSERT_GT(few, 0);
  ASSERT_GT(many, 0);
  const long long per_step = (many - few) / (kMany - kFew);
  const auto text = static_cast<long long>(std::filesystem::file_size(scratch / "many/queued/batch.json")) / kMany;
  RecordProperty("bytes_per_step", static_cast<int>(per_step));
  // The file's text once, a pointer for each argument, and those that differ.
  EXPECT_LT(per_step, text + 5000) << "the file has " << text << " bytes for a step";
}

}  // namespace
}  // namespace facegraph::jobs
