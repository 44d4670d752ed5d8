// SPDX-License-Identifier: Apache-2.0
#include "app/model.hpp"

#include <sstream>
#include <utility>

#include "app/paths.hpp"
#include "core/error.hpp"
#include "nn/reparameterise.hpp"

namespace caplamp::app {
namespace {

std::vector<std::string> class_names(const nn::ModelTable& table, const nn::Weights& weights,
                                     const std::filesystem::path& file) {
    const auto stated = weights.metadata.find("classes");
    if (stated == weights.metadata.end() || stated->second.empty()) return table.classes;
    std::vector<std::string> names;
    std::istringstream text(stated->second);
    for (std::string name; std::getline(text, name, ',');) names.push_back(name);
    if (names.size() != table.classes.size()) {
        throw Error(file.string() + ": names " + std::to_string(names.size()) +
                    " classes, the model " + table.name + " has " +
                    std::to_string(table.classes.size()));
    }
    return names;
}

}  // namespace

Model load_model(const std::filesystem::path& table_file, const std::filesystem::path& weights) {
    const std::filesystem::path found = find_data_file(table_file);
    Model model;
    model.table = nn::ModelTable::load(found);
    model.weights_file = weights.empty() ? found.parent_path() / (model.table.name + ".safetensors")
                                         : find_data_file(weights);
    const nn::Graph trained = nn::build_graph(model.table);
    const nn::Weights stored = nn::read_weights(model.weights_file);
    nn::check_weights(stored, trained, model.table, model.weights_file);
    model.classes = class_names(model.table, stored, model.weights_file);
    nn::Model merged = nn::reparameterise(trained, stored);
    model.graph = std::move(merged.graph);
    model.weights = std::move(merged.weights);
    return model;
}

}  // namespace caplamp::app
