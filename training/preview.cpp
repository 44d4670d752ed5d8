// SPDX-License-Identifier: Apache-2.0
#include "training/preview.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "training/jpeg.hpp"
#include "training/picture_plan.hpp"

namespace caplamp::training {
namespace {

using Colour = std::array<std::uint8_t, 3>;

constexpr std::array<Colour, 6> class_colours{
    {{0, 220, 0}, {255, 40, 40}, {40, 120, 255}, {255, 200, 0}, {220, 0, 220}, {0, 220, 220}}};

Colour colour_of(int64_t class_id) {
    return class_colours[static_cast<std::size_t>(class_id) % class_colours.size()];
}

// A square of the sheet where one picture of the batch is drawn.
struct Cell {
    RgbPicture& sheet;
    int left = 0;
    int top = 0;
    int size = 0;

    void paint(int x, int y, const Colour& colour) const {
        if (x < 0 || y < 0 || x >= size || y >= size) return;
        const std::ptrdiff_t index = std::ptrdiff_t{top + y} * sheet.width + left + x;
        std::copy(colour.begin(), colour.end(), sheet.pixels.begin() + index * 3);
    }
};

void draw_image(const torch::Tensor& image, const Cell& cell) {
    const auto values = image.accessor<float, 3>();
    for (int y = 0; y < cell.size; ++y)
        for (int x = 0; x < cell.size; ++x) {
            Colour colour{};
            for (std::size_t c = 0; c < 3; ++c)
                colour[c] = static_cast<std::uint8_t>(
                    std::lround(255 * values[static_cast<int64_t>(c)][y][x]));
            cell.paint(x, y, colour);
        }
}

void draw_box(const torch::Tensor& box, int64_t class_id, const Cell& cell) {
    const auto edges = box.accessor<float, 1>();
    const int x1 = static_cast<int>(std::floor(edges[0]));
    const int y1 = static_cast<int>(std::floor(edges[1]));
    const int x2 = static_cast<int>(std::ceil(edges[2])) - 1;
    const int y2 = static_cast<int>(std::ceil(edges[3])) - 1;
    for (int x = x1; x <= x2; ++x)
        for (const int y : {y1, y2}) cell.paint(x, y, colour_of(class_id));
    for (int y = y1; y <= y2; ++y)
        for (const int x : {x1, x2}) cell.paint(x, y, colour_of(class_id));
}

// One dot per class that is not labelled there, side by side in the cell's corner.
void draw_unlabelled(const torch::Tensor& labelled, const Cell& cell) {
    const auto known = labelled.accessor<bool, 3>();
    for (int64_t c = 0; c < known.size(0); ++c)
        for (int64_t y = 0; y < known.size(1); ++y)
            for (int64_t x = 0; x < known.size(2); ++x)
                if (!known[c][y][x])
                    cell.paint(static_cast<int>(x * label_stride + 1 + 2 * c),
                               static_cast<int>(y * label_stride + 1), colour_of(c));
}

}  // namespace

void write_preview(const Batch& batch, const std::filesystem::path& jpeg) {
    const torch::Tensor images = batch.images.to(torch::kCPU, torch::kFloat32).contiguous();
    const torch::Tensor labelled = batch.labelled.to(torch::kCPU);
    const torch::Tensor boxes = batch.boxes.to(torch::kCPU);
    const torch::Tensor classes = batch.classes.to(torch::kCPU);
    const torch::Tensor picture_of = batch.picture_of.to(torch::kCPU);
    const int count = static_cast<int>(images.size(0));
    const int size = static_cast<int>(images.size(3));
    const int columns = static_cast<int>(std::ceil(std::sqrt(count)));
    const int rows = (count + columns - 1) / columns;
    RgbPicture sheet{rows * size, columns * size, {}};
    sheet.pixels.resize(static_cast<std::size_t>(sheet.height) *
                        static_cast<std::size_t>(sheet.width) * 3);
    const auto cell_of = [&](int64_t n) {
        return Cell{sheet, static_cast<int>(n % columns) * size,
                    static_cast<int>(n / columns) * size, size};
    };
    for (int64_t n = 0; n < count; ++n) {
        draw_image(images[n], cell_of(n));
        draw_unlabelled(labelled[n], cell_of(n));
    }
    for (int64_t m = 0; m < boxes.size(0); ++m)
        draw_box(boxes[m], classes[m].item<int64_t>(), cell_of(picture_of[m].item<int64_t>()));
    write_jpeg(jpeg, sheet, 92);
}

}  // namespace caplamp::training
