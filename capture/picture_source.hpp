// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <vector>

#include "capture/source.hpp"

namespace caplamp::capture {

/// Still pictures in natural order, one a second of media time; `Frame::camera` is the file name.
/// An unreadable picture among several is a LostFrame; a single one throws Error.
class PictureSource : public Source {
public:
    /// A picture file, or a folder whose picture files count (folders inside do not). Throws
    /// Error when the folder holds none.
    explicit PictureSource(const std::filesystem::path& place);

    const SourceInfo& info() const override { return info_; }
    std::optional<Captured> next(const std::stop_token& stop) override;

private:
    std::vector<std::filesystem::path> files_;
    std::uint64_t sequence_ = 0;
    SourceInfo info_;
};

}  // namespace caplamp::capture
