// SPDX-License-Identifier: Apache-2.0
#include "nn/step_compiler.hpp"

#include <cassert>
#include <cmath>

#include "core/error.hpp"

namespace caplamp::nn {
namespace {

std::size_t at(int index) { return static_cast<std::size_t>(index); }

/// The numbers of an array, which a file may have wrong.
std::span<const float> numbers(const Weights& weights, const std::string& name, std::size_t count) {
    const Array& array = weights.at(name);
    if (array.values.size() != count) {
        throw Error("weights: array " + name + " has " + std::to_string(array.values.size()) +
                    " numbers, the model needs " + std::to_string(count));
    }
    return array.values;
}

class StepCompiler {
public:
    StepCompiler(Program& program, std::vector<Place>& places, const CompileContext& context)
        : program_(program), places_(places), context_(context) {}

    std::vector<CompiledStep> run() {
        for (const Step& step : program_.steps) compile(step);
        return std::move(compiled_);
    }

private:
    const Node& node(const Step& step) const { return context_.graph.nodes[at(step.node)]; }
    const Value& value(int index) const { return program_.values[at(index)]; }
    const Value& input(const Step& step) const { return value(step.inputs[0]); }

    void emit(const Step& step, ChosenKernel chosen) {
        assert(chosen);
        compiled_.push_back({step, std::move(chosen)});
    }

    template <class Request>
    void emit_first(const Step& step, const Request& request) {
        emit(step, first_kernel(request, context_.kernel));
    }

    void compile(const Step& step) {
        switch (step.kind) {
            case StepKind::conv:
                return compile_conv(step);
            case StepKind::reorder:
                return emit_reorder(step);
            default:
                return compile_inside(step);
        }
    }

    /// Steps whose operands all have the result's layout.
    void compile_inside(Step step) {
        const Value& output = value(step.output);
        for (int& operand : step.inputs) operand = in_layout(operand, output.layout);
        const Value& source = input(step);
        const Layout layout = output.layout;
        switch (step.kind) {
            case StepKind::affine:
                return compile_affine(step);
            case StepKind::activation:
                return emit_first(step, ActivationRequest{.shape = output.shape,
                                                          .layout = layout,
                                                          .activation = step.activation,
                                                          .threads = context_.threads});
            case StepKind::add:
                return emit_first(step, AddRequest{.shape = output.shape,
                                                   .layout = layout,
                                                   .inputs = step.inputs.size()});
            case StepKind::copy:
                return emit_first(step, CopyRequest{.input = source.shape,
                                                    .output = output.shape,
                                                    .layout = layout,
                                                    .from_channel = step.from_channel,
                                                    .to_channel = step.to_channel,
                                                    .channels = step.channels});
            case StepKind::max_pool:
                return emit_first(step, MaxPoolRequest{.shape = output.shape,
                                                       .layout = layout,
                                                       .kernel = node(step).pool_kernel,
                                                       .threads = context_.threads});
            case StepKind::upsample:
                return emit_first(step, UpsampleRequest{.input = source.shape,
                                                        .layout = layout,
                                                        .factor = node(step).factor});
            case StepKind::conv:
            case StepKind::reorder:
                return;
        }
    }

    // y = (x - mean) / sqrt(var + eps) * weight + bias
    void compile_affine(const Step& step) {
        const std::string& name = node(step).name;
        const std::size_t count = at(node(step).channels);
        const auto weight = numbers(context_.weights, name + ".weight", count);
        const auto bias = numbers(context_.weights, name + ".bias", count);
        const auto mean = numbers(context_.weights, name + ".running_mean", count);
        const auto variance = numbers(context_.weights, name + ".running_var", count);
        std::vector<float> scale(count);
        std::vector<float> shift(count);
        for (std::size_t c = 0; c < count; ++c) {
            const double s = weight[c] / std::sqrt(variance[c] + context_.graph.batch_norm_epsilon);
            scale[c] = static_cast<float>(s);
            shift[c] = static_cast<float>(bias[c] - mean[c] * s);
        }
        emit_first(step, AffineRequest{.shape = value(step.output).shape,
                                       .layout = value(step.output).layout,
                                       .scale = scale,
                                       .shift = shift});
    }

    ConvRequest conv_request(const Step& step) const {
        const Node& n = node(step);
        const ConvGeometry& g = n.conv;
        ConvRequest request;
        request.geometry = g;
        request.input = input(step).shape;
        request.output = value(step.output).shape;
        request.input_layout = input(step).layout;
        request.output_layout = value(step.output).layout;
        request.activation = step.activation;
        request.accumulate = step.accumulate;
        request.threads = context_.threads;
        request.weights =
            numbers(context_.weights, n.name + ".weight",
                    at(g.outputs) * at(g.inputs / g.groups) * at(g.kernel) * at(g.kernel));
        if (g.bias) request.bias = numbers(context_.weights, n.name + ".bias", at(g.outputs));
        return request;
    }

    void compile_conv(Step step) {
        ConvRequest request = conv_request(step);
        if (auto chosen = first_kernel(request, context_.kernel)) {
            return emit(step, std::move(chosen));
        }
        step.inputs[0] = in_layout(step.inputs[0], request.output_layout);
        request.input_layout = request.output_layout;
        if (auto chosen = first_kernel(request, context_.kernel)) {
            return emit(step, std::move(chosen));
        }
        const int result = step.output;
        step.inputs[0] = in_layout(step.inputs[0], Layout::plain);
        step.output = new_value(request.output, Layout::plain);
        if (step.accumulate) add_reorder(result, step.output);
        request.input_layout = request.output_layout = Layout::plain;
        emit(step, first_kernel(request, context_.kernel));
        add_reorder(step.output, result);
    }

    int new_value(Shape shape, Layout layout) {
        const int index = program_.add_value(shape, layout);
        places_.push_back({index, 0});
        return index;
    }

    /// The same map in that layout.
    int in_layout(int index, Layout layout) {
        if (value(index).layout == layout) return index;
        const int copy = new_value(value(index).shape, layout);
        add_reorder(index, copy);
        return copy;
    }

    void add_reorder(int from, int to) {
        Step step;
        step.kind = StepKind::reorder;
        step.inputs = {from};
        step.output = to;
        emit_reorder(step);
    }

    void emit_reorder(const Step& step) {
        emit_first(step, ReorderRequest{.shape = value(step.output).shape,
                                        .from = input(step).layout,
                                        .to = value(step.output).layout,
                                        .threads = context_.threads});
    }

    Program& program_;
    std::vector<Place>& places_;
    CompileContext context_;
    std::vector<CompiledStep> compiled_;
};

}  // namespace

std::vector<CompiledStep> compile_steps(Program& program, std::vector<Place>& places,
                                        const CompileContext& context) {
    auto compiled = StepCompiler(program, places, context).run();
    program.steps.clear();
    for (const CompiledStep& step : compiled) program.steps.push_back(step.step);
    return compiled;
}

}  // namespace caplamp::nn
