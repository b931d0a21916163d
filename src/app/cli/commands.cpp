#include "app/cli/benchmark_command.hpp"
#include "app/cli/command.hpp"
#include "app/cli/completion.hpp"
#include "app/cli/config_command.hpp"
#include "app/cli/gpu_commands.hpp"
#include "app/cli/job_commands.hpp"
#include "app/cli/job_run_commands.hpp"
#include "app/cli/man_page.hpp"
#include "app/cli/model_commands.hpp"
#include "app/cli/run_commands.hpp"

namespace facegraph::app {
namespace {

using enum Group;

// spec: application.md 1.2
std::vector<Command> make_commands() {
  const auto& status = job_status_positional();
  const auto& id = job_id_positional();
  const auto& step = job_step_positionals();
  return {
      {"run",
       "Open the web page",
       {kConfig, kTemp, kJobs, kSource, kTarget, kOutput, kStep, kUi, kBenchmark, kRun},
       run_page},
      {"headless-run",
       "Process one picture or video and leave",
       {kConfig, kTemp, kJobs, kSource, kTarget, kOutput, kStep, kRun, kReport},
       headless_run},
      {"batch-run",
       "Process every picture and video that fits a pattern",
       {kConfig, kTemp, kJobs, kPatterns, kStep, kRun},
       batch_run},
      {"job-list", "List the jobs of one status", {kJobs, kLog}, job_list, status},
      {"job-create", "Create a drafted job", {kJobs, kLog}, job_create, id},
      {"job-submit", "Move a drafted job into the queue", {kJobs, kLog}, job_submit, id},
      {"job-submit-all", "Move all drafted jobs into the queue", {kJobs, kLog, kHalt}, job_submit_all},
      {"job-delete", "Delete a job", {kJobs, kLog}, job_delete, id},
      {"job-delete-all", "Delete all jobs", {kJobs, kLog, kHalt}, job_delete_all},
      {"job-add-step",
       "Append a step to a job",
       {kConfig, kJobs, kSource, kTarget, kOutput, kStep, kLog},
       job_add_step,
       id},
      {"job-remix-step",
       "Append a step that works on another step's output",
       {kConfig, kJobs, kSource, kOutput, kStep, kLog},
       job_remix_step,
       step},
      {"job-insert-step",
       "Insert a step into a job",
       {kConfig, kJobs, kSource, kTarget, kOutput, kStep, kLog},
       job_insert_step,
       step},
      {"job-remove-step", "Remove a step from a job", {kJobs, kLog}, job_remove_step, step},
      {"job-run", "Run a queued job", {kConfig, kTemp, kJobs, kRun}, job_run, id},
      {"job-run-all", "Run all queued jobs", {kConfig, kTemp, kJobs, kRun, kHalt}, job_run_all},
      {"job-retry", "Run a failed job again", {kConfig, kTemp, kJobs, kRun}, job_retry, id},
      {"job-retry-all", "Run all failed jobs again", {kConfig, kTemp, kJobs, kRun, kHalt}, job_retry_all},
      {"force-download", "Fetch all model files", {kDownloadProviders, kDownloadScope, kLog}, force_download},
      {"models", "List the model files with their licences, and which are installed", {kLog}, list_models},
      {"benchmark", "Measure how fast videos are processed", {kTemp, kStep, kBenchmark, kRun}, benchmark},
      {"config", "Print all settings in force and where each comes from", all_groups(), print_config},
      {"doctor", "Show what the machine has for running on GPUs, and what it lacks", {kLog}, doctor},
      {"benchmark-graphs",
       "Measure what CUDA-graph replay gains for every installed model",
       {kGraphBenchmark, kExecution, kLog},
       benchmark_graphs},
      {"completion",
       "Print what a shell needs to complete command lines",
       {kLog},
       print_completion,
       shell_positional()},
      {"man", "Print the manual page", {kLog}, print_man_page},
  };
}

}  // namespace

const std::vector<Command>& commands() {
  static const std::vector<Command> list = make_commands();
  return list;
}

std::string program_version() {
  return FACEGRAPH_VERSION;
}

}  // namespace facegraph::app
