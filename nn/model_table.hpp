// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace caplamp::nn {

enum class Part { backbone, neck, head };
enum class LayerKind { conv, rep_block, sppf, c2f, upsample, concat, detect };

/// One row of the model's table. Fields an operator has no use for stay 0 or empty.
struct LayerRow {
    std::string layer;  // the paper's index: "3", "4-5"
    Part part = Part::backbone;
    LayerKind kind = LayerKind::conv;
    std::vector<std::string> from;  // layers that feed it; never empty except for the first row
    int channels = 0;               // of the output; conv, rep_block, sppf, c2f
    int kernel = 0;
    int stride = 1;
    int repeats = 0;           // c2f
    int factor = 0;            // upsample
    std::vector<int> strides;  // detect: of each scale, in input pixels
    int box_channels = 0;      // detect
    int class_channels = 0;    // detect
    int reg_max = 0;           // detect: bins per box side
};

/// A network as a table that one can lay beside the paper (Table VI, then YOLOv8s' neck and head).
struct ModelTable {
    std::string name;
    std::vector<std::string> classes;
    double batch_norm_epsilon = 1e-3;
    double batch_norm_momentum = 0.03;  // the share of the newest batch, as PyTorch counts it
    std::vector<LayerRow> rows;

    /// Throws ConfigError naming file, line and row. Class names of the file may be replaced.
    static ModelTable load(const std::filesystem::path& file);
    static ModelTable parse(const std::string& yaml, const std::string& name);

    const LayerRow& detect() const { return rows.back(); }
    int multiple_of() const { return detect().strides.back(); }  // input sides must divide by it

    /// FNV-1a of every field that fixes the arrays' names and shapes, 16 hex digits. Comments and
    /// the spelling of the YAML do not count; the number of classes does, their names do not.
    std::string hash() const;
};

}  // namespace caplamp::nn
