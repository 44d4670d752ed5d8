// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <opencv2/imgcodecs.hpp>
#include <optional>
#include <utility>

#include "app/pending_file.hpp"
#include "app/result_sink.hpp"

namespace caplamp::app {
namespace {

class PictureSink : public ResultSink {
public:
    PictureSink(std::filesystem::path folder, OverlayLabels labels, int long_side)
        : folder_(std::move(folder)), labels_(std::move(labels)), long_side_(long_side) {}

    void write(const FrameResult& result) override {
        if (result.image.empty()) return;
        const std::string stem = std::filesystem::path(result.camera).stem().string();
        PendingFile file(folder_ / (stem + ".jpg"));
        Overlay overlay(labels_, result.image.size(), long_side_);
        cv::imencode(".jpg", overlay.draw(result, std::nullopt), jpeg_);
        file.write({reinterpret_cast<const char*>(jpeg_.data()), jpeg_.size()});
        file.commit();
    }

    void finish() override {}
    const std::filesystem::path& name() const override { return folder_; }

private:
    std::filesystem::path folder_;
    OverlayLabels labels_;
    int long_side_;
    std::vector<std::uint8_t> jpeg_;
};

}  // namespace

std::unique_ptr<ResultSink> make_picture_sink(const std::filesystem::path& folder,
                                              OverlayLabels labels, int long_side) {
    return std::make_unique<PictureSink>(folder, std::move(labels), long_side);
}

}  // namespace caplamp::app
