// SPDX-License-Identifier: Apache-2.0
#include "naive_network.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

namespace caplamp::nn {
namespace {

std::size_t at(int index) { return static_cast<std::size_t>(index); }

struct Operation {
    const Node& node;
    const DoubleArrays& arrays;
    double epsilon;
    Shape shape;                   // of the result
    std::vector<Shape> in_shapes;  // of the operands
    std::vector<const Doubles*> in;

    const Doubles& array(const char* what) const { return arrays.at(node.name + what); }

    Doubles run() const {
        switch (node.kind) {
            case OpKind::conv:
                return convolve(node.conv, array(".weight"),
                                node.conv.bias ? array(".bias") : Doubles{}, in_shapes[0], *in[0]);
            case OpKind::batch_norm:
                return batch_norm();
            case OpKind::silu:
                return each([](double x) { return x / (1 + std::exp(-x)); });
            case OpKind::relu:
                return each([](double x) { return std::max(x, 0.0); });
            case OpKind::add:
                return add();
            case OpKind::concat:
                return concat();
            case OpKind::slice: {
                const auto first =
                    static_cast<std::ptrdiff_t>(at(node.slice_begin) * shape.plane());
                return {in[0]->begin() + first,
                        in[0]->begin() + first + static_cast<std::ptrdiff_t>(shape.size())};
            }
            case OpKind::max_pool:
                return max_pool();
            case OpKind::upsample:
                return upsample();
            case OpKind::input:
                break;
        }
        return {};
    }

    template <class Function>
    Doubles each(Function function) const {
        Doubles result = *in[0];
        for (double& x : result) x = function(x);
        return result;
    }

    Doubles batch_norm() const {
        Doubles result = *in[0];
        for (std::size_t i = 0; i < result.size(); ++i) {
            const std::size_t c = i / shape.plane();
            result[i] = (result[i] - array(".running_mean")[c]) /
                            std::sqrt(array(".running_var")[c] + epsilon) * array(".weight")[c] +
                        array(".bias")[c];
        }
        return result;
    }

    Doubles add() const {
        Doubles result(shape.size());
        for (const Doubles* operand : in) {
            for (std::size_t i = 0; i < result.size(); ++i) result[i] += (*operand)[i];
        }
        return result;
    }

    Doubles concat() const {
        Doubles result;
        for (const Doubles* operand : in) {
            result.insert(result.end(), operand->begin(), operand->end());
        }
        return result;
    }

    Doubles max_pool() const {
        Doubles result(shape.size(), -std::numeric_limits<double>::infinity());
        const int reach = node.pool_kernel / 2;
        for (int c = 0; c < shape.channels; ++c) {
            for (int y = 0; y < shape.height; ++y) {
                for (int x = 0; x < shape.width; ++x) {
                    double& best = result[index(c, y, x)];
                    for (int dy = -reach; dy <= reach; ++dy) {
                        for (int dx = -reach; dx <= reach; ++dx) {
                            if (y + dy < 0 || y + dy >= shape.height) continue;
                            if (x + dx < 0 || x + dx >= shape.width) continue;
                            best = std::max(best, (*in[0])[index(c, y + dy, x + dx)]);
                        }
                    }
                }
            }
        }
        return result;
    }

    Doubles upsample() const {
        Doubles result(shape.size());
        for (int c = 0; c < shape.channels; ++c) {
            for (int y = 0; y < shape.height; ++y) {
                for (int x = 0; x < shape.width; ++x) {
                    const int from =
                        (c * in_shapes[0].height + y / node.factor) * in_shapes[0].width +
                        x / node.factor;
                    result[index(c, y, x)] = (*in[0])[at(from)];
                }
            }
        }
        return result;
    }

    std::size_t index(int c, int y, int x) const {
        return at((c * shape.height + y) * shape.width + x);
    }
};

}  // namespace

DoubleArrays in_double(const Weights& weights) {
    DoubleArrays arrays;
    for (const auto& [name, array] : weights.arrays) {
        arrays[name] = Doubles(array.values.begin(), array.values.end());
    }
    return arrays;
}

std::vector<Doubles> evaluate(const Graph& graph, const DoubleArrays& arrays, Shape input,
                              const Doubles& picture) {
    const std::vector<Shape> shapes = infer_shapes(graph, input);
    std::vector<Doubles> values{picture};
    for (std::size_t i = 1; i < graph.nodes.size(); ++i) {
        Operation operation{graph.nodes[i], arrays, graph.batch_norm_epsilon, shapes[i], {}, {}};
        for (const int operand : graph.nodes[i].inputs) {
            operation.in_shapes.push_back(shapes[at(operand)]);
            operation.in.push_back(&values[at(operand)]);
        }
        values.push_back(operation.run());
    }
    return values;
}

Doubles convolve(const ConvGeometry& g, const Doubles& weights, const Doubles& bias, Shape input,
                 const Doubles& values, const Doubles& outside) {
    const Shape shape{g.outputs, (input.height + 2 * g.padding - g.kernel) / g.stride + 1,
                      (input.width + 2 * g.padding - g.kernel) / g.stride + 1};
    const int per_group = g.inputs / g.groups;
    Doubles result(shape.size());
    for (std::size_t i = 0; i < result.size(); ++i) {
        const int o = static_cast<int>(i / shape.plane());
        const int oy = static_cast<int>(i % shape.plane()) / shape.width;
        const int ox = static_cast<int>(i % shape.plane()) % shape.width;
        double sum = bias.empty() ? 0.0 : bias[at(o)];
        for (int k = 0; k < per_group * g.kernel * g.kernel; ++k) {
            const int c = o / (g.outputs / g.groups) * per_group + k / (g.kernel * g.kernel);
            const int y = oy * g.stride - g.padding + k / g.kernel % g.kernel;
            const int x = ox * g.stride - g.padding + k % g.kernel;
            const bool inside = y >= 0 && y < input.height && x >= 0 && x < input.width;
            const double weight = weights[at(o * per_group * g.kernel * g.kernel + k)];
            if (inside) {
                sum += weight * values[at((c * input.height + y) * input.width + x)];
            } else if (!outside.empty()) {
                sum += weight * outside[at(c)];
            }
        }
        result[i] = sum;
    }
    return result;
}

Doubles random_values(std::size_t count, unsigned seed) {
    std::mt19937 engine(seed);
    std::uniform_real_distribution<double> between(-1, 1);
    Doubles values(count);
    for (double& value : values) value = between(engine);
    return values;
}

double relative_error(const Doubles& a, const Doubles& b) {
    if (a.size() != b.size()) return std::numeric_limits<double>::infinity();
    double difference = 0;
    double magnitude = 1e-300;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (!std::isfinite(a[i]) || !std::isfinite(b[i])) {
            return std::numeric_limits<double>::infinity();
        }
        difference = std::max(difference, std::abs(a[i] - b[i]));
        magnitude = std::max(magnitude, std::abs(b[i]));
    }
    return difference / magnitude;
}

}  // namespace caplamp::nn
