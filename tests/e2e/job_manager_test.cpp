// The commands that write jobs down: spec, application.md 11.5, 11.7 and the job rows of 11.14.
#include <fstream>
#include <regex>

#include "e2e/jobs.hpp"

namespace facegraph::test {
namespace {

namespace fs = std::filesystem;

class JobManager : public JobsSandbox {};

TEST_F(JobManager, List) {
  EXPECT_EQ(code({"job-list", "drafted"}), 1);
  EXPECT_EQ(code({"job-create", "job-one"}), 0);
  const Outcome listed = run({"job-list", "drafted"});
  EXPECT_EQ(listed.code, 0);
  EXPECT_EQ(listed.err,
            "+---------+-------+--------------+--------------+------------+\n"
            "| job id  | steps | date created | date updated | job status |\n"
            "+---------+-------+--------------+--------------+------------+\n"
            "| job-one | 0     | just now     | None         | drafted    |\n"
            "+---------+-------+--------------+--------------+------------+\n");
  EXPECT_EQ(code({"job-list", "queued"}), 1);
  EXPECT_EQ(code({"job-list", "foo"}), 2);
  EXPECT_EQ(code({"job-list"}), 2);
}

TEST_F(JobManager, ListIsInOrderOfCreation) {
  for (const char* id : {"b", "c", "a"}) {
    ASSERT_EQ(code({"job-create", id}), 0);
  }
  const std::string table = run({"job-list", "drafted"}).err;
  EXPECT_LT(table.find("| b "), table.find("| c "));
  EXPECT_LT(table.find("| c "), table.find("| a "));
}

TEST_F(JobManager, Create) {
  EXPECT_EQ(code({"job-create", "A"}), 0);
  const std::regex text(
      R"(\{\n    "version": "1",\n    "date_created": "\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?[+-]\d\d:\d\d",\n)"
      R"(    "date_updated": null,\n    "steps": \[\]\n\})");
  EXPECT_TRUE(std::regex_match(read_text(file("drafted", "A")), text)) << read_text(file("drafted", "A"));
  EXPECT_EQ(code({"job-create", "A"}), 1);
  EXPECT_EQ(code({"job-create", "a_b"}), 0);
  EXPECT_TRUE(fs::exists(file("drafted", "eb2980a5a244aad8cef818994eaae6c75b8eac16")));
  EXPECT_EQ(code({"job-submit", "a_b"}), 1) << "found under its hash, but without steps";
  EXPECT_EQ(code({"job-create"}), 2);
  EXPECT_EQ(code({"job-create", "B", "--config-path", "x.ini"}), 2);
}

TEST_F(JobManager, Submit) {
  EXPECT_EQ(code({"job-submit", "A"}), 1);
  EXPECT_EQ(code({"job-create", "A"}), 0);
  EXPECT_EQ(code({"job-create", "A"}), 1);
  EXPECT_EQ(code({"job-submit", "A"}), 1) << "no steps";
  add_step("A", step("mini.png", "a.png"));
  EXPECT_EQ(step_statuses("drafted", "A"), Words{"drafted"});
  EXPECT_EQ(code({"job-submit", "A"}), 0);
  EXPECT_EQ(step_statuses("queued", "A"), Words{"queued"});
  EXPECT_FALSE(fs::exists(file("drafted", "A")));
  EXPECT_EQ(code({"job-submit", "A"}), 1);
}

TEST_F(JobManager, SubmitAll) {
  EXPECT_EQ(code({"job-submit-all", "--halt-on-error"}), 1);
  EXPECT_EQ(code({"job-create", "A"}), 0);
  EXPECT_EQ(code({"job-create", "B"}), 0);
  EXPECT_EQ(code({"job-create", "A"}), 1);
  add_step("B", step("mini.png", "b.png"));
  EXPECT_EQ(code({"job-submit-all", "--halt-on-error"}), 1) << "A has no steps";
  EXPECT_TRUE(fs::exists(file("drafted", "B"))) << "halted at A";
  EXPECT_EQ(code({"job-submit-all"}), 1);
  EXPECT_TRUE(fs::exists(file("queued", "B"))) << "went on";
  add_step("A", step("mini.png", "a.png"));
  EXPECT_EQ(code({"job-submit-all"}), 0);
  EXPECT_TRUE(fs::exists(file("queued", "A")));
  EXPECT_EQ(code({"job-submit-all", "--halt-on-error"}), 1);
}

TEST_F(JobManager, Delete) {
  EXPECT_EQ(code({"job-delete", "A"}), 1);
  EXPECT_EQ(code({"job-create", "A"}), 0);
  EXPECT_EQ(code({"job-delete", "A"}), 0);
  EXPECT_FALSE(fs::exists(file("drafted", "A")));
  EXPECT_EQ(code({"job-delete", "A"}), 1);
  EXPECT_EQ(code({"job-delete-all", "--halt-on-error"}), 1);
  EXPECT_EQ(code({"job-create", "A"}), 0);
  EXPECT_EQ(code({"job-create", "B"}), 0);
  EXPECT_EQ(code({"job-delete-all", "--halt-on-error"}), 0);
  EXPECT_EQ(names_in(jobs() / "drafted"), Words{});
  EXPECT_EQ(code({"job-delete-all", "--halt-on-error"}), 1);
}

TEST_F(JobManager, AddStep) {
  const auto add = [this] {
    Words words{"job-add-step", "A"};
    const Words more = step("mini.png", "a.png");
    words.insert(words.end(), more.begin(), more.end());
    return code(words);
  };
  EXPECT_EQ(add(), 1);
  EXPECT_EQ(step_count("A"), -1);
  EXPECT_EQ(code({"job-create", "A"}), 0);
  EXPECT_EQ(add(), 0);
  EXPECT_EQ(step_count("A"), 1);
  const Json args = job("drafted", "A")["steps"][0]["args"];
  EXPECT_EQ(args["target_path"], photo("mini.png").string());
  EXPECT_EQ(args["processors"], Json({"face_debugger"}));
}

// What a step holds is what the reference's step holds: no option of facegraph's own, nothing of the running command.
TEST_F(JobManager, AStepHoldsTheReferencesKeys) {
  ASSERT_EQ(code({"job-create", "A"}), 0);
  add_step("A", {"-s", "a.jpg", "b.mp3", "-t", "t.mp4", "-o", "o.mp4", "--face-detector-margin", "5", "999",
                 "--output-video-fps", "12.5", "--face-mask-blur", "0.35", "--reference-frame-number", "-3"});
  const Json args = job("drafted", "A")["steps"][0]["args"];
  const Words known{"source_paths",
                    "target_path",
                    "output_path",
                    "face_detector_model",
                    "face_detector_size",
                    "face_detector_margin",
                    "face_detector_angles",
                    "face_detector_score",
                    "face_landmarker_model",
                    "face_landmarker_score",
                    "face_selector_mode",
                    "face_selector_order",
                    "face_selector_age_start",
                    "face_selector_age_end",
                    "face_selector_gender",
                    "face_selector_race",
                    "reference_face_position",
                    "reference_face_distance",
                    "reference_frame_number",
                    "face_tracker_score",
                    "face_occluder_model",
                    "face_parser_model",
                    "face_mask_types",
                    "face_mask_areas",
                    "face_mask_regions",
                    "face_mask_blur",
                    "face_mask_padding",
                    "voice_extractor_model",
                    "trim_frame_start",
                    "trim_frame_end",
                    "temp_frame_format",
                    "temp_pixel_format",
                    "target_frame_amount",
                    "output_image_quality",
                    "output_image_scale",
                    "output_audio_encoder",
                    "output_audio_quality",
                    "output_audio_volume",
                    "output_video_encoder",
                    "output_video_preset",
                    "output_video_quality",
                    "output_video_scale",
                    "output_video_fps",
                    "workflow_mode",
                    "workflow_strategy",
                    "processors"};
  const std::regex of_processors(
      "(age_modifier|background_remover|deep_swapper|expression_restorer|face_debugger|face_editor|face_enhancer|"
      "face_swapper|frame_colorizer|frame_enhancer|lip_syncer)_.+");
  for (const auto& [key, value] : args.items()) {
    EXPECT_TRUE(std::find(known.begin(), known.end(), key) != known.end() || std::regex_match(key, of_processors))
        << key;
  }
  EXPECT_EQ(args["source_paths"], Json({"a.jpg", "b.mp3"}));
  EXPECT_EQ(args["face_detector_margin"], Json({5, 0}));
  EXPECT_EQ(args["output_video_fps"].dump(), "12.5");
  EXPECT_EQ(args["output_video_scale"].dump(), "1.0");
  EXPECT_EQ(args["face_mask_blur"].dump(), "0.35");
  EXPECT_EQ(args["reference_frame_number"].dump(), "-3");
  EXPECT_EQ(args["trim_frame_end"].dump(), "null");
}

TEST_F(JobManager, RemixStep) {
  EXPECT_EQ(code({"job-remix-step", "A", "0"}), 1);
  EXPECT_EQ(code({"job-create", "A"}), 0);
  EXPECT_EQ(code({"job-remix-step", "A", "0"}), 1) << "no such step";
  add_step("A", step("mini.png", "a.png"));
  EXPECT_EQ(code({"job-remix-step", "A", "0", "-o", out("b.png").string()}), 0);
  EXPECT_EQ(code({"job-remix-step", "A", "-1", "-o", out("c.png").string()}), 0);
  EXPECT_EQ(step_count("A"), 3);
  const Json steps = job("drafted", "A")["steps"];
  EXPECT_EQ(steps[1]["args"]["target_path"], out("a-A-0.png").string());
  EXPECT_EQ(steps[2]["args"]["target_path"], out("b-A-1.png").string());
  EXPECT_EQ(code({"job-remix-step", "A", "0", "-t", "x.png"}), 2) << "it has no target";
}

TEST_F(JobManager, InsertStep) {
  const auto insert = [this](const std::string& index) {
    Words words{"job-insert-step", "A", index};
    const Words more = step("mini.png", "at" + index + ".png");
    words.insert(words.end(), more.begin(), more.end());
    return code(words);
  };
  EXPECT_EQ(insert("0"), 1);
  EXPECT_EQ(code({"job-create", "A"}), 0);
  EXPECT_EQ(insert("0"), 1);
  add_step("A", step("mini.png", "a.png"));
  EXPECT_EQ(insert("0"), 0);
  EXPECT_EQ(insert("-1"), 0);
  EXPECT_EQ(insert("first"), 2);
  const Json steps = job("drafted", "A")["steps"];
  ASSERT_EQ(steps.size(), 3U);
  EXPECT_EQ(steps[0]["args"]["output_path"], out("at0.png").string());
  EXPECT_EQ(steps[1]["args"]["output_path"], out("at-1.png").string());
  EXPECT_EQ(steps[2]["args"]["output_path"], out("a.png").string());
}

TEST_F(JobManager, RemoveStep) {
  EXPECT_EQ(code({"job-remove-step", "A", "0"}), 1);
  EXPECT_EQ(code({"job-create", "A"}), 0);
  add_step("A", step("mini.png", "a.png"));
  add_step("A", step("mini.png", "b.png"));
  EXPECT_EQ(code({"job-remove-step", "A", "0"}), 0);
  EXPECT_EQ(job("drafted", "A")["steps"][0]["args"]["output_path"], out("b.png").string());
  EXPECT_EQ(code({"job-remove-step", "A", "-1"}), 0);
  EXPECT_EQ(step_count("A"), 0);
  EXPECT_EQ(code({"job-remove-step", "A", "-1"}), 1);
}

TEST_F(JobManager, FoldersThatCannotBeMade) {
  std::ofstream(in("file")) << "";
  Launch launch = command({"job-create", "A"});
  launch.arguments.insert(launch.arguments.end(), {"--jobs-path", in("file").string()});
  const Outcome outcome = run_program(launch);
  EXPECT_EQ(outcome.code, 1);
  EXPECT_NE(outcome.err.find("--jobs-path"), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace facegraph::test
