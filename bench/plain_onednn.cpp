// SPDX-License-Identifier: Apache-2.0
#include "plain_onednn.hpp"

#include <cstring>

#include "core/error.hpp"
#include "nn/kernels/onednn.hpp"

namespace caplamp::bench {
namespace {

using dnnl::memory;
using nn::ConvGeometry;
using nn::Node;
using nn::OpKind;

std::size_t at(int index) { return static_cast<std::size_t>(index); }

bool is_activation(OpKind kind) { return kind == OpKind::relu || kind == OpKind::silu; }

nn::Activation activation_of(OpKind kind) {
    if (kind == OpKind::relu) return nn::Activation::relu;
    return kind == OpKind::silu ? nn::Activation::silu : nn::Activation::none;
}

dnnl::primitive_attr fused(nn::Activation activation) {
    dnnl::post_ops after;
    const auto algorithm = activation == nn::Activation::relu ? dnnl::algorithm::eltwise_relu
                                                              : dnnl::algorithm::eltwise_swish;
    const float alpha = activation == nn::Activation::relu ? 0.0F : 1.0F;
#if DNNL_VERSION_MAJOR >= 3
    if (activation != nn::Activation::none) after.append_eltwise(algorithm, alpha, 0.0F);
#else
    if (activation != nn::Activation::none) after.append_eltwise(1.0F, algorithm, alpha, 0.0F);
#endif
    dnnl::primitive_attr attributes;
    attributes.set_post_ops(after);
    return attributes;
}

}  // namespace

struct PlainOneDnn::Plan {
    PlainOneDnn& program;
    const nn::Graph& graph;
    const nn::Weights& weights;
    std::vector<Shape> shapes;
    nn::Layout inside = nn::onednn::widest_layout();
    std::vector<memory> values;
    std::vector<int> readers;

    const dnnl::engine& engine() const { return program.engine_; }

    memory::desc desc(int value) const {
        return nn::onednn::describe(shapes[at(value)], value == 0 ? nn::Layout::plain : inside);
    }

    void call(const dnnl::primitive& primitive, std::unordered_map<int, memory> arguments) {
        program.calls_.push_back({primitive, std::move(arguments)});
    }

    void build() {
        readers.resize(graph.nodes.size(), 0);
        for (const Node& node : graph.nodes) {
            for (const int input : node.inputs) ++readers[at(input)];
        }
        values.resize(graph.nodes.size());
        values[0] = program.input_ = memory(desc(0), engine());
        for (int i = 1; i < static_cast<int>(graph.nodes.size()); ++i) {
            if (!values[at(i)]) add(i);
        }
        for (const int output : graph.outputs) read_plain(output);
    }

    void add(int index) {
        const Node& node = graph.nodes[at(index)];
        if (node.kind == OpKind::slice) return view(index);
        values[at(index)] = memory(desc(index), engine());
        switch (node.kind) {
            case OpKind::conv:
                return conv(index);
            case OpKind::concat:
                return concat(index);
            case OpKind::max_pool:
                return max_pool(index);
            case OpKind::upsample:
                return upsample(index);
            default:
                throw Error("the plain program runs fused networks only");
        }
    }

    /// The activation behind a convolution is part of it.
    void conv(int index) {
        const Node& node = graph.nodes[at(index)];
        int result = index;
        nn::Activation activation = nn::Activation::none;
        const auto next = at(index + 1);
        if (next < graph.nodes.size() && is_activation(graph.nodes[next].kind) &&
            graph.nodes[next].inputs[0] == index && readers[at(index)] == 1) {
            result = index + 1;
            activation = activation_of(graph.nodes[next].kind);
            values[next] = values[at(index)];
        }
        nn::ConvRequest request;
        request.geometry = node.conv;
        request.input = shapes[at(node.inputs[0])];
        request.output = shapes[at(result)];
        request.input_layout = node.inputs[0] == 0 ? nn::Layout::plain : inside;
        request.output_layout = inside;
        request.bias = weights.at(node.name + ".bias").values;
        if (winograd(node, request, activation)) return;
        const auto description = nn::onednn::describe_conv(
            engine(), dnnl::algorithm::convolution_direct, request, fused(activation));
        emit_conv(node, description);
    }

    bool winograd(const Node& node, const nn::ConvRequest& request, nn::Activation activation) {
        if (node.conv.kernel != 3 || node.conv.stride != 1) return false;
        const bool split = activation == nn::Activation::silu;
        const auto description =
            nn::onednn::describe_conv(engine(), dnnl::algorithm::convolution_winograd, request,
                                      fused(split ? nn::Activation::none : activation));
        if (!description || !std::strstr(description.impl_info_str(), "wino")) return false;
        emit_conv(node, description);
        if (!split) return true;
        const memory& map = values[at(graph.find(node.name))];
        const auto after = nn::onednn::describe_activation(engine(), activation, map.get_desc());
        call(dnnl::eltwise_forward(after), {{DNNL_ARG_SRC, map}, {DNNL_ARG_DST, map}});
        return true;
    }

    void emit_conv(const Node& node, const dnnl::convolution_forward::primitive_desc& description) {
        const ConvGeometry& g = node.conv;
        if (g.groups != 1) throw Error("the plain program has no grouped convolutions");
        const memory plain({{g.outputs, g.inputs, g.kernel, g.kernel},
                            memory::data_type::f32,
                            memory::format_tag::oihw},
                           engine(),
                           const_cast<float*>(weights.at(node.name + ".weight").values.data()));
        memory packed(description.weights_desc(), engine());
        dnnl::reorder(plain, packed).execute(program.stream_, const_cast<memory&>(plain), packed);
        memory bias(description.bias_desc(), engine());
        const auto& numbers = weights.at(node.name + ".bias").values;
        std::memcpy(bias.get_data_handle(), numbers.data(), numbers.size() * sizeof(float));
        call(dnnl::convolution_forward(description),
             {{DNNL_ARG_SRC, values[at(node.inputs[0])]},
              {DNNL_ARG_WEIGHTS, packed},
              {DNNL_ARG_BIAS, bias},
              {DNNL_ARG_DST, values[at(graph.find(node.name))]}});
    }

    /// For one picture, whole blocks of channels are one piece of memory.
    void view(int index) {
        const Node& node = graph.nodes[at(index)];
        auto* const data = static_cast<float*>(values[at(node.inputs[0])].get_data_handle());
        const std::size_t offset = at(node.slice_begin) * shapes[at(index)].plane();
        values[at(index)] = memory(desc(index), engine(), data + offset);
    }

    void concat(int index) {
        std::vector<memory::desc> sources;
        std::unordered_map<int, memory> arguments{{DNNL_ARG_DST, values[at(index)]}};
        int number = DNNL_ARG_MULTIPLE_SRC;
        for (const int input : graph.nodes[at(index)].inputs) {
            sources.push_back(desc(input));
            arguments[number++] = values[at(input)];
        }
#if DNNL_VERSION_MAJOR >= 3
        const dnnl::concat::primitive_desc description(engine(), desc(index), 1, sources);
#else
        const dnnl::concat::primitive_desc description(desc(index), 1, sources, engine());
#endif
        call(dnnl::concat(description), std::move(arguments));
    }

    void max_pool(int index) {
        const Node& node = graph.nodes[at(index)];
        nn::MaxPoolRequest request{shapes[at(index)], inside, node.pool_kernel, 1};
        const auto description = nn::onednn::describe_max_pool(engine(), request);
        memory scratch(description.scratchpad_desc(), engine());
        call(dnnl::pooling_forward(description), {{DNNL_ARG_SRC, values[at(node.inputs[0])]},
                                                  {DNNL_ARG_DST, values[at(index)]},
                                                  {DNNL_ARG_SCRATCHPAD, scratch}});
    }

    void upsample(int index) {
        const int input = graph.nodes[at(index)].inputs[0];
#if DNNL_VERSION_MAJOR >= 3
        const dnnl::resampling_forward::primitive_desc description(
            engine(), dnnl::prop_kind::forward_inference, dnnl::algorithm::resampling_nearest,
            desc(input), desc(index));
#else
        const dnnl::resampling_forward::desc operation(dnnl::prop_kind::forward_inference,
                                                       dnnl::algorithm::resampling_nearest,
                                                       desc(input), desc(index));
        const dnnl::resampling_forward::primitive_desc description(operation, engine());
#endif
        call(dnnl::resampling_forward(description),
             {{DNNL_ARG_SRC, values[at(input)]}, {DNNL_ARG_DST, values[at(index)]}});
    }

    void read_plain(int output) {
        memory plain(nn::onednn::describe(shapes[at(output)], nn::Layout::plain), engine());
        call(dnnl::reorder(values[at(output)], plain),
             {{DNNL_ARG_FROM, values[at(output)]}, {DNNL_ARG_TO, plain}});
        program.outputs_.push_back(plain);
    }
};

PlainOneDnn::PlainOneDnn(const nn::Graph& graph, const nn::Weights& weights, Shape input) {
    Plan plan{*this, graph, weights, nn::infer_shapes(graph, input), nn::onednn::widest_layout(),
              {},    {}};
    plan.build();
    stream_.wait();
}

std::span<float> PlainOneDnn::input() {
    return {static_cast<float*>(input_.get_data_handle()),
            input_.get_desc().get_size() / sizeof(float)};
}

void PlainOneDnn::run() {
    for (const Call& call : calls_) call.primitive.execute(stream_, call.arguments);
    stream_.wait();
}

std::vector<std::vector<float>> PlainOneDnn::outputs() const {
    std::vector<std::vector<float>> maps;
    for (const memory& output : outputs_) {
        const auto* data = static_cast<const float*>(output.get_data_handle());
        maps.emplace_back(data, data + output.get_desc().get_size() / sizeof(float));
    }
    return maps;
}

}  // namespace caplamp::bench
