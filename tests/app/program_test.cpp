// SPDX-License-Identifier: Apache-2.0
// The built program, as users and scripts meet it.
#include "tests/app/program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>
#include <thread>

#include "capture/source.hpp"
#include "core/error.hpp"
#include "tests/app/tiny_model.hpp"
#include "tests/capture/camera_server.hpp"
#include "tests/capture/test_media.hpp"

namespace caplamp::app {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using test::Ending;
using test::http_camera;
using test::LoopbackServer;
using test::Manner;
using testing::HasSubstr;

class CaplampDetect : public testing::Test {
protected:
    CaplampDetect() { test::write_tiny_weights(weights_); }

    std::vector<std::string> words(const std::string& source,
                                   const std::vector<std::string>& more = {}) const {
        std::vector<std::string> all{"detect",    source,
                                     "--model",   test::tiny_table.string(),
                                     "--weights", weights_.string(),
                                     "--size",    "64",
                                     "--score",   "0.4",
                                     "--out",     out_.string()};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
    Ending detect(const std::string& source, const std::vector<std::string>& more = {}) const {
        return test::run_program(words(source, more));
    }
    std::vector<json> lines() const {
        std::vector<json> parsed;
        for (const std::string& line : test::lines_of(test::read_text(out_ / "detections.jsonl"))) {
            parsed.push_back(json::parse(line));
        }
        return parsed;
    }
    std::string film(int frames) const {
        const fs::path file = folder_ / "film.avi";
        test::write_video(file, frames, {160, 120});
        return file.string();
    }
    /// No output has its name, and nothing half is left.
    void expect_no_outputs() const { EXPECT_TRUE(!fs::exists(out_) || fs::is_empty(out_)); }

    test::TempFolder folder_;
    fs::path weights_ = folder_ / "tiny.safetensors";
    fs::path out_ = folder_ / "out";
};

TEST_F(CaplampDetect, WritesVideoLinesCocoAndMot) {
    const Ending ending = detect(
        film(12), {"--coco", (out_ / "coco.json").string(), "--mot", (out_ / "mot.csv").string()});
    ASSERT_EQ(ending.code, 0) << ending.err;
    const std::vector<json> frames = lines();
    ASSERT_EQ(frames.size(), 12U);
    std::size_t boxes = 0;
    for (std::size_t i = 0; i < frames.size(); ++i) {
        EXPECT_EQ(frames[i].at("frame"), i);
        EXPECT_TRUE(std::abs(frames[i].at("time_s").get<double>() - 0.1 * static_cast<double>(i)) <=
                    1e-3);
        EXPECT_EQ(frames[i].at("status"), "ok");
        EXPECT_EQ(frames[i].size(), 4U);
        boxes += frames[i].at("detections").size();
    }
    EXPECT_GT(boxes, 0U);
    EXPECT_EQ(json::parse(test::read_text(out_ / "coco.json")).size(), boxes);
    EXPECT_EQ(test::lines_of(test::read_text(out_ / "mot.csv")).size(), boxes);
    const auto overlay = capture::open_source({.source = (out_ / "overlay.mp4").string()});
    EXPECT_EQ(overlay->info().frames, 12U);
    EXPECT_EQ(test::lines_of(ending.out).size(), 3U);
    EXPECT_THAT(ending.out, HasSubstr("12 frames in "));
    EXPECT_THAT(ending.out, HasSubstr((out_ / "overlay.mp4").string()));
}

TEST_F(CaplampDetect, SaysTheSameTwice) {
    const std::string source = film(5);
    ASSERT_EQ(detect(source).code, 0);
    const std::string first = test::read_text(out_ / "detections.jsonl");
    ASSERT_EQ(detect(source).code, 0);
    EXPECT_EQ(test::read_text(out_ / "detections.jsonl"), first);
}

TEST_F(CaplampDetect, LeavesTheVideoOutWhenAsked) {
    ASSERT_EQ(detect(film(3), {"--no-video"}).code, 0);
    EXPECT_FALSE(fs::exists(out_ / "overlay.mp4"));
    EXPECT_EQ(lines().size(), 3U);
}

TEST_F(CaplampDetect, TakesPicturesOfEverySizeAndKind) {
    fs::create_directory(folder_ / "pictures");
    const auto write = [&](const char* name, const cv::Mat& picture) {
        cv::imwrite((folder_ / "pictures" / name).string(), picture);
    };
    write("1.png", cv::Mat(1, 1, CV_8UC3, cv::Scalar(1, 2, 3)));
    write("2.png", cv::Mat(6000, 8000, CV_8UC1, cv::Scalar(50)));
    write("3.png", cv::Mat(40, 50, CV_8UC4, cv::Scalar(1, 2, 3, 4)));
    write("4.png", cv::Mat(50, 40, CV_16UC3, cv::Scalar::all(30000)));
    write("10.jpg", cv::Mat(50, 40, CV_8UC1, cv::Scalar(90)));
    const Ending ending = detect((folder_ / "pictures").string());
    ASSERT_EQ(ending.code, 0) << ending.err;
    const std::vector<json> frames = lines();
    ASSERT_EQ(frames.size(), 5U);
    for (const json& frame : frames) EXPECT_EQ(frame.at("status"), "ok");
    EXPECT_EQ(frames[4].at("file"), "10.jpg");
    EXPECT_EQ(cv::imread((out_ / "overlay/2.jpg").string()).cols, 1920);
    EXPECT_GE(cv::imread((out_ / "overlay/1.jpg").string()).cols, 64);
}

TEST_F(CaplampDetect, TellsAnUnreadablePictureFromAnEmptyScene) {
    fs::create_directory(folder_ / "pictures");
    cv::imwrite((folder_ / "pictures/1.png").string(),
                cv::Mat(40, 50, CV_8UC3, cv::Scalar::all(9)));
    test::write_text(folder_ / "pictures/2.jpg", "a letter");
    const Ending ending = detect((folder_ / "pictures").string());
    EXPECT_EQ(ending.code, 2);
    EXPECT_THAT(ending.err, HasSubstr("1 of 2 frames could not be read, the first: "));
    ASSERT_EQ(lines().size(), 2U);
    EXPECT_EQ(lines()[1].at("status"), "unknown");
    EXPECT_TRUE(lines()[1].at("detections").is_null());
}

TEST_F(CaplampDetect, SaysWhatIsWrongWithTheSource) {
    test::write_text(folder_ / "letter.jpg", "a letter");
    test::write_text(folder_ / "letter.avi", "a letter");
    fs::create_directory(folder_ / "empty");
    const std::vector<std::pair<std::string, std::string>> cases{
        {"missing.avi", ": no such file, folder or device"},
        {"letter.jpg", ": is not a picture, or a damaged one"},
        {"letter.avi", ": cannot be opened as a video: "},
        {"empty", ": the folder holds no pictures"}};
    for (const auto& [name, why] : cases) {
        const Ending ending = detect((folder_ / name).string());
        EXPECT_EQ(ending.code, 2) << name;
        EXPECT_THAT(ending.err, HasSubstr("caplamp: " + (folder_ / name).string() + why));
        EXPECT_EQ(ending.out, "") << name;
        expect_no_outputs();
    }
}

TEST_F(CaplampDetect, KeepsWhatATruncatedVideoHeldAndSaysSo) {
    const std::string source = film(40);
    test::cut_short(source, 0.6);
    const Ending ending = detect(source);
    EXPECT_EQ(ending.code, 2);
    EXPECT_THAT(ending.err, HasSubstr("film.avi: stopped after frame "));
    const std::vector<json> frames = lines();
    ASSERT_GT(frames.size(), 10U);
    EXPECT_LT(frames.size(), 41U);
    EXPECT_EQ(frames.back().at("status"), "unknown");
    EXPECT_EQ(frames[10].at("status"), "ok");
    EXPECT_GT(capture::open_source({.source = (out_ / "overlay.mp4").string()})->info().frames,
              10U);
}

TEST_F(CaplampDetect, SaysWhatIsWrongWithTheWeights) {
    const std::string source = film(2);
    test::cut_short(weights_, 0.8);
    EXPECT_EQ(detect(source).code, 2);
    test::write_tiny_weights_with_nan(weights_);
    const Ending ending = detect(source);
    EXPECT_EQ(ending.code, 2);
    EXPECT_THAT(ending.err, HasSubstr("tiny.safetensors: "));
    test::write_tiny_weights(weights_);
    const Ending other = detect(source, {"--model", "models/caplamp-s.yaml"});
    EXPECT_EQ(other.code, 2);
    expect_no_outputs();
}

TEST_F(CaplampDetect, SaysWhatIsWrongWithASetting) {
    const std::string source = film(2);
    EXPECT_THAT(detect(source, {"--precision", "int8"}).err, HasSubstr("this build has f32"));
    EXPECT_EQ(detect(source, {"--precision", "int8"}).code, 2);
    EXPECT_EQ(detect(source, {"--size", "100"}).code, 2);
    EXPECT_EQ(detect(source, {"--score", "7"}).code, 2);
    EXPECT_EQ(detect(source, {"--colour", "red"}).code, 2);
    test::write_text(folder_ / "bad.yaml", "detector:\n  size: large\n");
    const Ending ending = detect(source, {"--config", (folder_ / "bad.yaml").string()});
    EXPECT_EQ(ending.code, 2);
    EXPECT_THAT(ending.err, HasSubstr("bad.yaml:2: detector.size: must be a whole number"));
    EXPECT_EQ(test::run_program({"detect"}).code, 2);
}

TEST_F(CaplampDetect, FlagsWinOverTheSettingsFile) {
    test::write_text(folder_ / "a.yaml", "output: {video: false, folder: nowhere}\n");
    const Ending ending = detect(film(2), {"--config", (folder_ / "a.yaml").string()});
    EXPECT_EQ(ending.code, 0) << ending.err;
    EXPECT_FALSE(fs::exists(out_ / "overlay.mp4"));
    EXPECT_EQ(lines().size(), 2U);
}

TEST_F(CaplampDetect, NoticesAFullDiskAndLeavesNothingHalf) {
    const std::string source = film(60);
    for (const std::vector<std::string>& more :
         {std::vector<std::string>{}, std::vector<std::string>{"--no-video"}}) {
        const Ending ending = test::run_program(words(source, more), 2);
        EXPECT_EQ(ending.code, 2) << ending.err;
        EXPECT_THAT(ending.err, HasSubstr(": cannot be written: "));
        expect_no_outputs();
    }
}

TEST_F(CaplampDetect, ClosesItsOutputsOnCtrlC) {
    const LoopbackServer camera = http_camera(Manner::stalls, 60);
    test::Program program(words(camera.address("http")));
    const fs::path part = out_ / "detections.jsonl.part";
    while (!program.has_ended() && (!fs::exists(part) || fs::file_size(part) == 0)) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    program.interrupt();
    const Ending ending = program.wait();
    EXPECT_EQ(ending.code, 130) << ending.err;
    EXPECT_GE(lines().size(), 1U);
    EXPECT_GE(capture::open_source({.source = (out_ / "overlay.mp4").string()})->info().frames, 1U);
    EXPECT_FALSE(fs::exists(part));
    EXPECT_THAT(ending.out, HasSubstr(" frames in "));
}

TEST_F(CaplampDetect, CtrlCEndsACallThatNobodyAnswers) {
    const LoopbackServer camera = http_camera(Manner::silent);
    test::Program program(words(camera.address("http")));
    while (!program.has_ended() && camera.calls() == 0) std::this_thread::yield();
    program.interrupt();
    EXPECT_EQ(program.wait().code, 130);
    expect_no_outputs();
}

TEST_F(CaplampDetect, MarksTheOutageOfACamera) {
    const LoopbackServer camera = http_camera(Manner::hangs_up, 60);
    test::Program program(words(camera.address("http"), {"--no-video"}));
    const fs::path part = out_ / "detections.jsonl.part";
    while (!program.has_ended() && test::read_text(part).find("\"unknown\"") == std::string::npos) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    program.interrupt();
    const Ending ending = program.wait();
    EXPECT_EQ(ending.code, 130);
    EXPECT_THAT(ending.err, HasSubstr("the stream ended"));
}

TEST(Caplamp, ShowsVersionAndHelpWithAnExample) {
    EXPECT_THAT(test::run_program({"--version"}).out, testing::ContainsRegex("^caplamp [0-9]+[.]"));
    for (const char* command :
         {"detect", "terminal", "server", "keygen", "train", "doctor", "config"}) {
        const Ending ending = test::run_program({command, "--help"});
        EXPECT_EQ(ending.code, 0) << command;
        EXPECT_NE(ending.out, "") << command;
    }
    EXPECT_THAT(test::run_program({"detect", "--help"}).out,
                HasSubstr("Example:\n  caplamp detect "));
    EXPECT_EQ(test::run_program({}).code, 2);
    EXPECT_EQ(test::run_program({"dectect"}).code, 2);
}

TEST(Caplamp, ChecksSettingsFiles) {
    const auto check = [](const std::string& file) {
        return test::run_program({"config", "check", file});
    };
    for (const char* file : {"detect", "terminal", "server"}) {
        EXPECT_EQ(check("config/" + std::string(file) + ".yaml").code, 0) << file;
    }
    const test::TempFolder folder;
    test::write_text(folder / "terminal.yaml", "link:\n  sevrers: [tcp://a:1]\n");
    EXPECT_THAT(check((folder / "terminal.yaml").string()).err,
                HasSubstr("terminal.yaml:2: link.sevrers: is not a known setting; did you mean "
                          "servers?"));
    test::write_text(folder / "server.yaml", "listen: tcp://a:1\nworker: 2\n");
    EXPECT_THAT(check((folder / "server.yaml").string()).err,
                HasSubstr("server.yaml:2: worker: is not a known setting; did you mean workers?"));
    test::write_text(folder / "bad.yaml", "detector: {\n");
    const Ending ending = check((folder / "bad.yaml").string());
    EXPECT_EQ(ending.code, 2);
    EXPECT_THAT(ending.err, testing::ContainsRegex("bad.yaml:[0-9]+: not valid YAML"));
}

TEST(Caplamp, DoctorLoadsTheModel) {
    const test::TempFolder folder;
    test::write_tiny_weights(folder / "tiny.safetensors");
    const Ending ending = test::run_program({"doctor", "--model", test::tiny_table.string(),
                                             "--weights", (folder / "tiny.safetensors").string()});
    EXPECT_EQ(ending.code, 0) << ending.err;
    EXPECT_THAT(ending.out, HasSubstr("all well"));
    EXPECT_EQ(test::run_program({"doctor", "--model", "missing.yaml"}).code, 2);
}

}  // namespace
}  // namespace caplamp::app
