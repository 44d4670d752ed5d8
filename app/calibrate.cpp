// SPDX-License-Identifier: Apache-2.0
#include "app/calibrate.hpp"

#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <utility>
#include <variant>
#include <vector>

#include "app/layer_walk.hpp"
#include "app/model_id.hpp"
#include "app/progress.hpp"
#include "app/recent.hpp"
#include "capture/letterbox.hpp"
#include "core/error.hpp"
#include "transport/calibration.hpp"

namespace caplamp::app {
namespace {

using See = std::function<void(int value, TensorView numbers)>;
using transport::ScaleSet;

std::vector<transport::Codec> codecs_with_scales() {
    std::vector<transport::Codec> codecs = transport::all_codecs();
    std::erase_if(codecs, [](const transport::Codec& codec) {
        return !codec.needs_scales() || codec.stage == transport::Stage::zstd;
    });
    return codecs;
}

ScaleSet::Key key_of(int value, const transport::Codec& codec) {
    return {static_cast<std::uint32_t>(value), codec.bits, codec.stage == transport::Stage::rans};
}

/// Shows every layer of the chosen frames to `see`; how many frames there were.
int look_through(const CalibrateConfig& config, const Model& model, const std::string& pass,
                 const See& see, const std::stop_token& stop) {
    const auto source = capture::open_source(config.capture, stop);
    if (source->info().live) {
        throw Error(source->info().name + ": calibration reads its pictures twice; record some");
    }
    capture::Letterbox letterbox;
    Recent<Shape, LayerWalk> walks(4);
    Progress progress(pass, "frames", static_cast<std::uint64_t>(config.frames));
    int taken = 0;
    for (int seen = 0; taken < config.frames; ++seen) {
        const auto captured = source->next(stop);
        if (!captured) break;
        const auto* frame = std::get_if<Frame>(&*captured);
        if (frame == nullptr || seen % config.every != 0) continue;
        const auto geometry = capture::letterbox_geometry(frame->image.cols, frame->image.rows,
                                                          config.size, model.table.multiple_of());
        LayerWalk& walk = walks.get(geometry.input_shape(),
                                    [&] { return LayerWalk(model, geometry.input_shape()); });
        letterbox.run(frame->image, geometry, walk.picture());
        walk.run(see);
        progress.update(static_cast<std::uint64_t>(++taken));
    }
    return taken;
}

}  // namespace

std::optional<ScaleSet> calibrate(const CalibrateConfig& config, const Model& model,
                                  const std::stop_token& stop) {
    std::map<int, transport::RangeCalibrator> ranges;  // of each value
    const int frames = look_through(
        config, model, "calibrate: ranges",
        [&](int value, TensorView numbers) {
            ranges.try_emplace(value, numbers.shape().channels).first->second.add(numbers);
        },
        stop);
    if (stop.stop_requested()) return std::nullopt;
    if (frames == 0) throw Error(config.capture.source + ": no picture could be read");

    ScaleSet set{.model = model_id(model), .scales = {}};
    std::map<int, std::map<int, transport::CodeCalibrator>> codes;  // of each value, by bits
    for (auto& [value, calibrator] : ranges) {
        for (const transport::Codec& codec : codecs_with_scales()) {
            if (codec.stage == transport::Stage::rans) {
                codes[value].try_emplace(codec.bits, calibrator.ranges_for_entropy(codec.bits));
            } else {
                set.scales[key_of(value, codec)].ranges = calibrator.ranges(codec.bits);
            }
        }
    }
    look_through(
        config, model, "calibrate: codes",
        [&](int value, TensorView numbers) {
            for (auto& [bits, calibrator] : codes.at(value)) calibrator.add(numbers);
        },
        stop);
    if (stop.stop_requested()) return std::nullopt;
    for (const auto& [value, calibrators] : codes) {
        for (const auto& [bits, calibrator] : calibrators) {
            const transport::Codec codec{transport::Number::code, bits, transport::Stage::rans};
            set.scales[key_of(value, codec)] = calibrator.scales();
        }
    }
    return set;
}

std::filesystem::path scales_beside(const std::filesystem::path& weights) {
    return std::filesystem::path(weights).replace_extension(".scales");
}

ScaleSet load_scales(const std::filesystem::path& file, const Model& model) {
    const std::string advice = "; `caplamp calibrate` makes them from pictures of the site";
    std::ifstream stream(file, std::ios::binary);
    if (!stream) throw Error(file.string() + ": no scales are there" + advice);
    const std::vector<char> text{std::istreambuf_iterator<char>(stream), {}};
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    std::optional<ScaleSet> set = transport::parse_scale_set({bytes, text.size()});
    if (!set) throw Error(file.string() + ": is damaged, or no file of scales" + advice);
    if (set->model != model_id(model)) {
        throw Error(file.string() + ": the scales are those of " + set->model + ", not of " +
                    model_id(model) + advice);
    }
    return std::move(*set);
}

}  // namespace caplamp::app
