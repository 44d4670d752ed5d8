// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "app/frame_result.hpp"
#include "app/overlay.hpp"

namespace caplamp::app {

/// One output of a run. What it writes appears under its name only after finish().
class ResultSink {
public:
    virtual ~ResultSink() = default;
    /// Throws Error when it cannot be written, a full disk for instance.
    virtual void write(const FrameResult& result) = 0;
    virtual void finish() = 0;
    virtual const std::filesystem::path& name() const = 0;
};

/// One line a frame: {"frame":0,"time_s":0.0,"status":"ok","detections":[{"class":"person",
/// "score":0.91,"box":[x,y,w,h]}]}. A status other than ok has a "reason" and null detections.
/// With `name_files`, "file" says which picture it was.
std::unique_ptr<ResultSink> make_jsonl_sink(const std::filesystem::path& file,
                                            std::vector<std::string> classes, bool name_files);

/// COCO results: [{"image_id", "category_id", "bbox": [x,y,w,h], "score"}]. Categories count from
/// 1 in the order of the classes. A picture's id is the number that its name is, else its name; a
/// video frame's id is its number.
std::unique_ptr<ResultSink> make_coco_sink(const std::filesystem::path& file, bool name_files);

/// MOT-challenge detections: frame, -1, left, top, width, height, score, -1, -1, -1; frames and
/// pixels count from 1. The format knows no classes.
std::unique_ptr<ResultSink> make_mot_sink(const std::filesystem::path& file);

/// Every picture with its boxes as FOLDER/STEM.jpg, at most `long_side` large; unreadable ones are
/// left out.
std::unique_ptr<ResultSink> make_picture_sink(const std::filesystem::path& folder,
                                              OverlayLabels labels, int long_side);

}  // namespace caplamp::app
