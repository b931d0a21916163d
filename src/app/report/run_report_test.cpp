#include "app/report/run_report.hpp"

#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/scratch.hpp"

namespace facegraph::app {
namespace {

pipeline::RunReport example() {
  pipeline::RunReport report;
  report.frames = 10;
  report.lanes = 2;
  report.lane_reports = {{0, 0, 300 << 20, 1.5, 6}, {1, 0, 0, 0.75, 4}};
  report.flow_seconds = 0.5;
  report.extract_seconds = 0.02;
  report.analyse_seconds = 0.1;
  report.process_seconds = 0.3;
  report.gate_seconds = 0.5;
  report.verdict_seconds = 0.75;
  report.first_frame_seconds = 1.25;
  report.from_cache = true;
  report.models = {{"inswapper_128", 10, 1.5, 0.25}};
  runtime::GraphReport captured;
  captured.model = "inswapper_128";
  captured.state = runtime::GraphState::kCaptured;
  captured.bit_identical = true;
  captured.runs = 10;
  captured.plain_us = 3488;
  captured.replay_us = 3023;
  captured.form = {runtime::Precision::kFp16};
  captured.candidates = {{{}, 4000}, {captured.form, 3023, 0.00123}, {{.fused = true}, 0, 0, "it failed"}};
  captured.batches = {{8, 0, 0, "it is not wanted"}, {4, 900, 2e-6, ""}};
  runtime::GraphReport refused;
  refused.model = "edtalk_256";
  refused.state = runtime::GraphState::kRefused;
  refused.reason = "it holds If";
  report.graphs = {captured, refused};
  return report;
}

TEST(Report, HoldsEveryFigure) {
  const auto json = nlohmann::json::parse(report_json(example()));
  EXPECT_EQ(json["run"]["frames"], 10);
  EXPECT_EQ(json["start"]["first_frame_seconds"], 1.25);
  EXPECT_EQ(json["start"]["gate_seconds"], 0.5);
  EXPECT_EQ(json["start"]["verdict_seconds"], 0.75);
  EXPECT_EQ(json["start"]["first_frame_after_verdict_seconds"], 0.5);
  EXPECT_EQ(json["start"]["state"], "cached");
  EXPECT_DOUBLE_EQ(json["stages"]["analysing_ms"], 10);
  EXPECT_DOUBLE_EQ(json["stages"]["frame_ms"], 50);
  EXPECT_EQ(json["models"][0]["cpu_seconds"], 1.5);
  EXPECT_EQ(json["lanes"][0]["device_bytes"], 300 << 20);
  EXPECT_EQ(json["lanes"][1]["frames"], 4);
  EXPECT_EQ(json["lanes"][1]["frames_per_second"], 8);
  EXPECT_EQ(json["graphs"][0]["state"], "captured");
  EXPECT_EQ(json["graphs"][0]["bit_identical"], true);
  EXPECT_EQ(json["graphs"][0]["replay_us"], 3023);
  EXPECT_EQ(json["graphs"][0]["form"], "fp16");
  EXPECT_EQ(json["graphs"][0]["candidates"][1]["difference"], 0.00123);
  EXPECT_EQ(json["graphs"][0]["candidates"][2]["against"], "it failed");
  EXPECT_EQ(json["graphs"][0]["batches"][0]["against"], "it is not wanted");
  EXPECT_EQ(json["graphs"][0]["batches"][1]["items"], 4);
  EXPECT_EQ(json["graphs"][0]["batches"][1]["us_per_item"], 900);
  EXPECT_EQ(json["graphs"][0]["batches"][1]["difference"], 2e-6);
  EXPECT_TRUE(json["graphs"][1]["batches"].empty());
  EXPECT_EQ(json["graphs"][1]["form"], "tf32");
  EXPECT_TRUE(json["graphs"][1]["candidates"].empty());
  EXPECT_TRUE(json["graphs"][1]["bit_identical"].is_null());
  EXPECT_EQ(json["graphs"][1]["reason"], "it holds If");
}

TEST(Report, IsShownAsATable) {
  const std::string table = report_table(example());
  test::expect_names(
      table, {"10 frames in 0.50 s on 2 lanes", "analysing 10.00 ms",
              "first frame after 1.25 s, 0.50 s after the content gate's verdict, cached start; 0.50 s in the gate",
              "10 runs in fp16 (chosen among 3, results differ by 0.12 %), captured, plain 3488 us, replay 3023 us",
              ", not 8 at a time: it is not wanted, 4 at a time (results differ by 0.0002 %)",
              "0 runs in tf32, refused: it holds If",
              "lane 0: opened in 1.50 s with 300 MiB of the GPU, 6 frames, 12.0 per second",
              "lane 1: opened in 0.75 s, 4 frames, 8.0 per second"});
}

TEST(Report, IsWrittenWholeOrNotAtAll) {
  const test::Scratch scratch;
  write_report(scratch / "report.json", example());
  std::ifstream file(scratch / "report.json");
  EXPECT_EQ(nlohmann::json::parse(file)["run"]["lanes"], 2);
  EXPECT_FALSE(std::filesystem::exists(scratch / "report.json.part"));
  test::expect_names(
      test::message_of(core::ErrorCode::kFailed, [&] { write_report(scratch / "none" / "report.json", example()); }),
      {"report.json", "--report"});
}

}  // namespace
}  // namespace facegraph::app
