// SPDX-License-Identifier: Apache-2.0
#include "nn/executable.hpp"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <iomanip>
#include <sstream>

#include "core/error.hpp"
#include "nn/kernels/inside_layout.hpp"
#include "nn/kernels/threads.hpp"
#include "nn/step_compiler.hpp"

namespace caplamp::nn {
namespace {

using Bytes = std::vector<std::byte, CacheAlignedAllocator<std::byte>>;

void check_config(const Graph& graph, const ExecutableConfig& config, int end) {
    const int size = static_cast<int>(graph.nodes.size());
    if (config.begin < 0 || end > size || config.begin >= end || end < 2) {
        throw Error("model " + graph.model + ": nodes " + std::to_string(config.begin) + " to " +
                    std::to_string(end) + " are no slice of its " + std::to_string(size));
    }
    if (config.threads < 1) {
        throw Error("threads: must be 1 or more, is " + std::to_string(config.threads));
    }
    const std::vector<std::string> names = kernel_names();
    if (config.kernel.empty() || std::ranges::find(names, config.kernel) != names.end()) return;
    std::string known;
    for (const std::string& name : names) known += (known.empty() ? "" : ", ") + name;
    throw Error("kernel \"" + config.kernel + "\" is unknown; there are " + known);
}

}  // namespace

struct Executable::Plan {
    Program program;
    std::vector<std::string> layers;  // by node
    std::vector<Place> places;
    MemoryPlan memory;
    std::vector<CompiledStep> steps;
    std::vector<double> seconds;  // by step, of the last run
    Bytes arena;
    Bytes scratch;
    int threads = 1;

    float* address(int value) {
        const Place& place = places[static_cast<std::size_t>(value)];
        const std::size_t plane = program.values[static_cast<std::size_t>(value)].shape.plane();
        std::byte* const root = arena.data() + memory.offset[static_cast<std::size_t>(place.root)];
        return reinterpret_cast<float*>(root) + static_cast<std::size_t>(place.channel) * plane;
    }

    void bind() {
        std::size_t scratch_bytes = 0;
        for (const CompiledStep& step : steps) {
            scratch_bytes = std::max(scratch_bytes, step.chosen.kernel->scratch_bytes());
        }
        arena.resize(memory.bytes);
        scratch.resize(scratch_bytes);
        seconds.resize(steps.size());
        for (const CompiledStep& step : steps) {
            std::vector<const float*> inputs;
            for (const int input : step.step.inputs) inputs.push_back(address(input));
            step.chosen.kernel->bind({inputs, address(step.step.output), scratch.data()});
        }
    }
};

Executable::Executable(const Graph& graph, const Weights& weights, const ExecutableConfig& config)
    : plan_(std::make_unique<Plan>()) {
    const int end = config.end < 0 ? static_cast<int>(graph.nodes.size()) : config.end;
    check_config(graph, config, end);
    const ThreadCount threads(config.threads);
    Plan& plan = *plan_;
    plan.threads = config.threads;
    for (const Node& node : graph.nodes) plan.layers.push_back(node.name);
    const Layout inside = inside_layout(config.kernel);
    plan.program = lower(graph, infer_shapes(graph, config.input), config.begin, end, inside);
    plan.places = share_memory(plan.program);
    plan.steps =
        compile_steps(plan.program, plan.places, {graph, weights, config.threads, config.kernel});
    plan.memory = plan_memory(plan.program, plan.places);
    plan.bind();
}

Executable::~Executable() = default;
Executable::Executable(Executable&&) noexcept = default;
Executable& Executable::operator=(Executable&&) noexcept = default;

const std::vector<int>& Executable::input_values() const { return plan_->program.input_nodes; }
const std::vector<int>& Executable::output_values() const { return plan_->program.output_nodes; }

MutableTensorView Executable::input(std::size_t i) {
    assert(i < plan_->program.inputs.size());
    const int value = plan_->program.inputs[i];
    const Shape shape = plan_->program.values[static_cast<std::size_t>(value)].shape;
    return {std::span(plan_->address(value), shape.size()), shape};
}

void Executable::run() {
    using Clock = std::chrono::steady_clock;
    const ThreadCount threads(plan_->threads);
    auto before = Clock::now();
    for (std::size_t i = 0; i < plan_->steps.size(); ++i) {
        plan_->steps[i].chosen.kernel->run();
        const auto now = Clock::now();
        plan_->seconds[i] = std::chrono::duration<double>(now - before).count();
        before = now;
    }
}

TensorView Executable::output(std::size_t i) const {
    assert(i < plan_->program.outputs.size());
    const int value = plan_->program.outputs[i];
    const Shape shape = plan_->program.values[static_cast<std::size_t>(value)].shape;
    return {std::span<const float>(plan_->address(value), shape.size()), shape};
}

std::size_t Executable::activation_bytes() const {
    return plan_->arena.size() + plan_->scratch.size();
}

std::size_t Executable::weight_bytes() const {
    std::size_t bytes = 0;
    for (const CompiledStep& step : plan_->steps) bytes += step.chosen.kernel->weight_bytes();
    return bytes;
}

std::vector<std::string> Executable::describe() const {
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < plan_->steps.size(); ++i) {
        const Step& step = plan_->steps[i].step;
        const Value& output = plan_->program.values[static_cast<std::size_t>(step.output)];
        std::ostringstream line;
        line << std::left << std::setw(18) << plan_->layers[static_cast<std::size_t>(step.node)]
             << ' ' << std::setw(10) << to_string(step.kind) << ' ' << std::setw(16)
             << plan_->steps[i].chosen.row << ' ' << output.shape.channels << 'x'
             << output.shape.height << 'x' << output.shape.width << ' ' << to_string(output.layout)
             << ' ' << std::fixed << std::setprecision(3) << plan_->seconds[i] * 1e3 << " ms";
        lines.push_back(line.str());
    }
    return lines;
}

}  // namespace caplamp::nn
