// SPDX-License-Identifier: Apache-2.0
#include "app/model_id.hpp"

#include <spdlog/fmt/fmt.h>

#include <cstring>
#include <vector>

#include "transport/wire.hpp"

namespace caplamp::app {

std::string model_id(const Model& model) {
    std::vector<std::uint8_t> sums;
    for (const auto& [name, array] : model.weights.arrays) {
        const auto* bytes = reinterpret_cast<const std::uint8_t*>(array.values.data());
        const std::uint64_t sum = transport::checksum({bytes, array.values.size() * sizeof(float)});
        sums.insert(sums.end(), name.begin(), name.end());
        sums.resize(sums.size() + sizeof sum);
        std::memcpy(sums.data() + sums.size() - sizeof sum, &sum, sizeof sum);
    }
    return fmt::format("{}-{}-{:016x}", model.table.name, model.table.hash(),
                       transport::checksum(sums));
}

}  // namespace caplamp::app
