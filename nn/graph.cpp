// SPDX-License-Identifier: Apache-2.0
#include "nn/graph.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "core/error.hpp"

namespace caplamp::nn {
namespace {

struct ConvSize {
    int outputs = 0;
    int kernel = 1;
    int stride = 1;
};

/// Appends the operations of one table row after another.
class GraphBuilder {
public:
    explicit GraphBuilder(const ModelTable& table) : table_(table) {
        graph_.model = table.name;
        graph_.batch_norm_epsilon = table.batch_norm_epsilon;
        Node picture;
        picture.name = "input";
        picture.channels = 3;
        graph_.nodes.push_back(picture);
    }

    Graph build() {
        for (const LayerRow& row : table_.rows) {
            row_ = &row;
            layer_result_[row.layer] = add_row(sources_of(row));
        }
        return std::move(graph_);
    }

private:
    std::vector<int> sources_of(const LayerRow& row) const {
        std::vector<int> values;
        for (const std::string& layer : row.from) values.push_back(layer_result_.at(layer));
        if (values.empty()) values.push_back(0);
        return values;
    }

    int add_row(const std::vector<int>& inputs) {
        const LayerRow& row = *row_;
        switch (row.kind) {
            case LayerKind::conv:
                return conv_unit(inputs[0], row.layer, {row.channels, row.kernel, row.stride});
            case LayerKind::rep_block:
                return rep_block(inputs[0]);
            case LayerKind::sppf:
                return sppf(inputs[0]);
            case LayerKind::c2f:
                return c2f(inputs[0]);
            case LayerKind::upsample:
                return upsample(inputs[0]);
            case LayerKind::concat:
                return concat(inputs, row.layer);
            case LayerKind::detect:
                return detect(inputs);
        }
        throw Error("unknown layer kind");
    }

    int channels(int value) const { return graph_.nodes[static_cast<std::size_t>(value)].channels; }

    int append(OpKind kind, const std::string& name, std::vector<int> inputs, int channels) {
        Node node;
        node.kind = kind;
        node.name = name;
        node.layer = row_->layer;
        node.part = row_->part;
        node.inputs = std::move(inputs);
        node.channels = channels;
        graph_.nodes.push_back(std::move(node));
        return static_cast<int>(graph_.nodes.size()) - 1;
    }

    int conv(int input, const std::string& name, ConvSize size, bool bias = false) {
        const int value = append(OpKind::conv, name, {input}, size.outputs);
        graph_.nodes.back().conv = {.inputs = channels(input),
                                    .outputs = size.outputs,
                                    .kernel = size.kernel,
                                    .stride = size.stride,
                                    .padding = size.kernel / 2,
                                    .groups = 1,
                                    .bias = bias};
        return value;
    }

    int norm(int input, const std::string& name) {
        return append(OpKind::batch_norm, name, {input}, channels(input));
    }

    int conv_norm(int input, const std::string& name, ConvSize size) {
        return norm(conv(input, name + ".conv", size), name + ".bn");
    }

    int conv_unit(int input, const std::string& name, ConvSize size) {
        const int sum = conv_norm(input, name, size);
        return append(OpKind::silu, name + ".silu", {sum}, size.outputs);
    }

    int concat(const std::vector<int>& inputs, const std::string& name) {
        int total = 0;
        for (const int input : inputs) total += channels(input);
        return append(OpKind::concat, name + ".concat", inputs, total);
    }

    int rep_block(int input) {
        const LayerRow& row = *row_;
        std::vector<int> branches{
            conv_norm(input, row.layer + ".k3", {row.channels, row.kernel, row.stride}),
            conv_norm(input, row.layer + ".k1", {row.channels, 1, row.stride})};
        if (channels(input) == row.channels && row.stride == 1) {
            branches.push_back(norm(input, row.layer + ".id.bn"));
        }
        const int sum = append(OpKind::add, row.layer + ".add", branches, row.channels);
        return append(OpKind::relu, row.layer + ".relu", {sum}, row.channels);
    }

    int sppf(int input) {
        const LayerRow& row = *row_;
        std::vector<int> levels{conv_unit(input, row.layer + ".cv1", {channels(input) / 2, 1, 1})};
        for (int i = 0; i < 3; ++i) {
            levels.push_back(append(OpKind::max_pool, row.layer + ".pool" + std::to_string(i),
                                    {levels.back()}, channels(levels.back())));
            graph_.nodes.back().pool_kernel = row.kernel;
        }
        return conv_unit(concat(levels, row.layer), row.layer + ".cv2", {row.channels, 1, 1});
    }

    int slice(int input, const std::string& name, int begin, int count) {
        const int value = append(OpKind::slice, name, {input}, count);
        graph_.nodes.back().slice_begin = begin;
        return value;
    }

    int c2f(int input) {
        const LayerRow& row = *row_;
        const int half = row.channels / 2;
        const int both = conv_unit(input, row.layer + ".cv1", {row.channels, 1, 1});
        std::vector<int> parts{slice(both, row.layer + ".left", 0, half),
                               slice(both, row.layer + ".right", half, half)};
        for (int i = 0; i < row.repeats; ++i) {
            const std::string name = row.layer + ".m" + std::to_string(i);
            const int inner = conv_unit(parts.back(), name + ".cv1", {half, 3, 1});
            parts.push_back(conv_unit(inner, name + ".cv2", {half, 3, 1}));
        }
        return conv_unit(concat(parts, row.layer), row.layer + ".cv2", {row.channels, 1, 1});
    }

    int upsample(int input) {
        const int value =
            append(OpKind::upsample, row_->layer + ".upsample", {input}, channels(input));
        graph_.nodes.back().factor = row_->factor;
        return value;
    }

    int branch(int input, const std::string& name, int width, int outputs) {
        const int first = conv_unit(input, name + ".cv1", {width, 3, 1});
        const int second = conv_unit(first, name + ".cv2", {width, 3, 1});
        return conv(second, name + ".out", {outputs, 1, 1}, true);
    }

    int detect(const std::vector<int>& scales) {
        const LayerRow& row = *row_;
        const int class_count = static_cast<int>(table_.classes.size());
        for (std::size_t i = 0; i < scales.size(); ++i) {
            const std::string number = std::to_string(i);
            graph_.outputs.push_back(
                branch(scales[i], row.layer + ".box" + number, row.box_channels, 4 * row.reg_max));
            graph_.outputs.push_back(
                branch(scales[i], row.layer + ".class" + number, row.class_channels, class_count));
        }
        return graph_.outputs.back();
    }

    const ModelTable& table_;
    const LayerRow* row_ = nullptr;
    Graph graph_;
    std::map<std::string, int> layer_result_;
};

Shape shape_of(const Node& node, const std::vector<Shape>& shapes) {
    Shape shape = shapes[static_cast<std::size_t>(node.inputs[0])];
    for (const int input : node.inputs) {
        const Shape& other = shapes[static_cast<std::size_t>(input)];
        if (other.height != shape.height || other.width != shape.width) {
            throw Error("layer " + node.layer + ": " + node.name + " joins maps of " +
                        std::to_string(shape.width) + "x" + std::to_string(shape.height) + " and " +
                        std::to_string(other.width) + "x" + std::to_string(other.height));
        }
    }
    shape.channels = node.channels;
    if (node.kind == OpKind::conv) {
        const ConvGeometry& conv = node.conv;
        shape.height = (shape.height + 2 * conv.padding - conv.kernel) / conv.stride + 1;
        shape.width = (shape.width + 2 * conv.padding - conv.kernel) / conv.stride + 1;
    } else if (node.kind == OpKind::upsample) {
        shape.height *= node.factor;
        shape.width *= node.factor;
    }
    return shape;
}

bool belongs_to(std::string_view layer, std::string_view stage) {
    if (layer == stage) return true;
    return layer.size() > stage.size() && layer.starts_with(stage) && layer[stage.size()] == '-';
}

}  // namespace

std::string_view to_string(OpKind kind) {
    constexpr std::array<std::string_view, 10> names{"input",    "conv",    "batch_norm", "silu",
                                                     "relu",     "add",     "concat",     "slice",
                                                     "max_pool", "upsample"};
    return names[static_cast<std::size_t>(kind)];
}

int Graph::end_of_layer(std::string_view layer) const {
    for (std::size_t i = nodes.size(); i-- > 0;) {
        if (!nodes[i].layer.empty() && belongs_to(nodes[i].layer, layer)) {
            return static_cast<int>(i) + 1;
        }
    }
    throw Error("model " + model + " has no layer " + std::string(layer));
}

int Graph::backbone_end() const {
    const auto first =
        std::ranges::find_if(nodes, [](const Node& node) { return node.part != Part::backbone; });
    return static_cast<int>(first - nodes.begin());
}

int Graph::find(std::string_view name) const {
    const auto found = std::ranges::find(nodes, name, &Node::name);
    return found == nodes.end() ? -1 : static_cast<int>(found - nodes.begin());
}

Graph build_graph(const ModelTable& table) { return GraphBuilder(table).build(); }

std::vector<Shape> infer_shapes(const Graph& graph, Shape input) {
    if (input.channels != graph.nodes[0].channels || input.height < 1 || input.width < 1) {
        throw Error("model " + graph.model + " takes pictures of " +
                    std::to_string(graph.nodes[0].channels) + " channels and 1 pixel at least");
    }
    std::vector<Shape> shapes{input};
    for (std::size_t i = 1; i < graph.nodes.size(); ++i) {
        shapes.push_back(shape_of(graph.nodes[i], shapes));
    }
    return shapes;
}

std::vector<int> live_values(const Graph& graph, int end) {
    std::vector<bool> needed(graph.nodes.size(), false);
    for (std::size_t i = static_cast<std::size_t>(end); i < graph.nodes.size(); ++i) {
        for (const int input : graph.nodes[i].inputs)
            needed[static_cast<std::size_t>(input)] = true;
    }
    for (const int output : graph.outputs) needed[static_cast<std::size_t>(output)] = true;
    std::vector<int> live;
    for (int value = 0; value < end; ++value) {
        if (needed[static_cast<std::size_t>(value)]) live.push_back(value);
    }
    return live;
}

}  // namespace caplamp::nn
