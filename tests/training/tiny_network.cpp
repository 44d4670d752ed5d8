// SPDX-License-Identifier: Apache-2.0
#include "tests/training/tiny_network.hpp"

#include <algorithm>
#include <cmath>

namespace caplamp::training {

nn::ModelTable tiny_table() { return nn::ModelTable::load("tests/training/tiny.yaml"); }

Batch random_batch(int pictures, int size, std::uint64_t seed) {
    constexpr int boxes_each = 3;
    auto generator = at::detail::createCPUGenerator(seed);
    const int count = pictures * boxes_each;
    Batch batch;
    batch.images = at::rand({pictures, 3, size, size}, generator)
                       .contiguous(torch::MemoryFormat::ChannelsLast);
    const auto centre = at::rand({count, 2}, generator) * (size - 24) + 12;
    const auto half = at::rand({count, 2}, generator) * 10 + 2;
    batch.boxes = torch::cat({centre - half, centre + half}, 1);
    batch.classes = at::randint(0, 3, {count}, generator, torch::kInt64);
    batch.picture_of = torch::arange(pictures).repeat_interleave(boxes_each);
    batch.box_weight = at::rand({count}, generator) + 0.5;
    batch.labelled = torch::ones({pictures, 3, size / 8, size / 8}, torch::kBool);
    return batch;
}

std::vector<torch::Tensor> random_outputs(int pictures, int size, std::uint64_t seed) {
    auto generator = at::detail::createCPUGenerator(seed);
    std::vector<torch::Tensor> outputs;
    for (const int stride : {8, 16}) {
        for (const int channels : {64, 3}) {
            outputs.push_back(at::randn({pictures, channels, size / stride, size / stride},
                                        generator, torch::kFloat64)
                                  .set_requires_grad(true));
        }
    }
    return outputs;
}

double farthest(const torch::Tensor& a, const torch::Tensor& b) {
    return (a - b).abs().max().item<double>();
}

double gradient_error(const std::function<torch::Tensor()>& value, torch::Tensor& leaf,
                      int samples) {
    constexpr double step = 1e-6;
    const torch::Tensor gradient =
        torch::autograd::grad({value()}, {leaf})[0].contiguous().flatten();
    const torch::NoGradGuard no_grad;
    const double largest = gradient.abs().max().item<double>();
    double* numbers = leaf.data_ptr<double>();
    double worst = 0;
    for (int i = 0; i < samples; ++i) {
        const std::int64_t place = i * std::int64_t{7919} % leaf.numel();  // all rows and columns
        const double before = numbers[place];
        numbers[place] = before + step;
        const double above = value().item<double>();
        numbers[place] = before - step;
        const double below = value().item<double>();
        numbers[place] = before;
        const double difference = (above - below) / (2 * step);
        worst = std::max(worst, std::abs(difference - gradient[place].item<double>()));
    }
    return worst / std::max(largest, 1e-3);
}

}  // namespace caplamp::training
