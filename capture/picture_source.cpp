// SPDX-License-Identifier: Apache-2.0
#include "capture/picture_source.hpp"

#include <algorithm>

#include "capture/natural_order.hpp"
#include "capture/read_picture.hpp"
#include "core/error.hpp"

namespace caplamp::capture {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> pictures_in(const fs::path& folder) {
    std::vector<fs::path> files;
    std::error_code failed;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, failed)) {
        if (entry.is_regular_file(failed) && has_picture_name(entry.path())) {
            files.push_back(entry.path());
        }
    }
    if (failed) throw Error(folder.string() + ": cannot be listed: " + failed.message());
    std::ranges::sort(files, [](const fs::path& a, const fs::path& b) {
        return natural_less(a.filename().string(), b.filename().string());
    });
    return files;
}

}  // namespace

PictureSource::PictureSource(const fs::path& place) {
    const bool folder = fs::is_directory(place);
    files_ = folder ? pictures_in(place) : std::vector<fs::path>{place};
    if (files_.empty()) throw Error(place.string() + ": the folder holds no pictures");
    info_ = {.name = place.string(),
             .live = false,
             .pictures = true,
             .frames = files_.size(),
             .frames_per_second = 1};
}

std::optional<Captured> PictureSource::next(const std::stop_token& stop) {
    if (stop.stop_requested() || sequence_ == files_.size()) return std::nullopt;
    const fs::path& file = files_[sequence_];
    const std::uint64_t sequence = sequence_++;
    const std::chrono::duration<double> media_time(static_cast<double>(sequence));
    try {
        return Frame{.camera = file.filename().string(),
                     .sequence = sequence,
                     .media_time = media_time,
                     .captured = std::chrono::steady_clock::now(),
                     .image = read_picture(file)};
    } catch (const Error& e) {
        // One bad picture must not take the others with it; alone it is the whole source.
        if (files_.size() == 1) throw;
        return LostFrame{.camera = file.filename().string(),
                         .sequence = sequence,
                         .media_time = media_time,
                         .why = e.what()};
    }
}

}  // namespace caplamp::capture
