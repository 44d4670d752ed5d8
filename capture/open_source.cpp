// SPDX-License-Identifier: Apache-2.0
#include "capture/address.hpp"
#include "capture/live_source.hpp"
#include "capture/picture_source.hpp"
#include "capture/source.hpp"
#include "capture/video_source.hpp"

namespace caplamp::capture {

std::unique_ptr<Source> open_source(const CaptureConfig& config, const std::stop_token& stop) {
    const SourceKind kind = kind_of(config.source);
    if (kind == SourceKind::picture || kind == SourceKind::folder) {
        return std::make_unique<PictureSource>(config.source);
    }
    auto video = std::make_unique<VideoSource>(config, kind, stop);
    if (!video->info().live) return video;
    const LiveSource::Open reopen = [config, kind](const std::stop_token& token) {
        return std::make_unique<VideoSource>(config, kind, token);
    };
    return std::make_unique<LiveSource>(std::move(video), reopen, config);
}

}  // namespace caplamp::capture
