// SPDX-License-Identifier: Apache-2.0
#include "tests/capture/test_media.hpp"

#include <opencv2/videoio.hpp>
#include <stdexcept>

namespace caplamp::test {

int grey_of(int frame) { return 20 + 5 * (frame % 40); }

void write_video(const std::filesystem::path& file, int frames, cv::Size size,
                 const std::string& codec) {
    const int fourcc = cv::VideoWriter::fourcc(codec[0], codec[1], codec[2], codec[3]);
    cv::VideoWriter writer(file.string(), fourcc, 10, size);
    if (!writer.isOpened()) throw std::runtime_error(file.string() + ": no writer for " + codec);
    for (int i = 0; i < frames; ++i) {
        writer.write(cv::Mat(size, CV_8UC3, cv::Scalar::all(grey_of(i))));
    }
}

void cut_short(const std::filesystem::path& file, double share) {
    const auto size = static_cast<double>(std::filesystem::file_size(file));
    std::filesystem::resize_file(file, static_cast<std::uintmax_t>(size * share));
}

}  // namespace caplamp::test
