// SPDX-License-Identifier: Apache-2.0
#include "training/checkpoint.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "core/error.hpp"

namespace caplamp::training {
namespace {

struct NamedTensor {
    const char* name;
    torch::Tensor* tensor;
};

std::vector<NamedTensor> tensors_of(const TrainingState& state) {
    std::vector<NamedTensor> tensors{{"values", &state.weights.values()},
                                     {"statistics", &state.weights.statistics()},
                                     {"average_values", &state.average.values()},
                                     {"average_statistics", &state.average.statistics()},
                                     {"first_moment", &state.optimizer.first_moment()}};
    if (state.optimizer.second_moment().defined()) {
        tensors.push_back({"second_moment", &state.optimizer.second_moment()});
    }
    return tensors;
}

void read_into(torch::serialize::InputArchive& archive, const NamedTensor& named) {
    torch::Tensor loaded;
    if (!archive.try_read(named.name, loaded) || loaded.sizes() != named.tensor->sizes()) {
        throw Error(std::string(named.name) + " does not fit this model and optimizer");
    }
    const torch::NoGradGuard no_grad;
    named.tensor->copy_(loaded);
}

template <class T>
T number(torch::serialize::InputArchive& archive, const std::string& name) {
    c10::IValue value;
    if (!archive.try_read(name, value)) throw Error("has no " + name);
    return value.to<T>();
}

/// The rename must not reach the disk before the data.
void flush_to_disk(const std::filesystem::path& file) {
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return;
    ::fsync(descriptor);
    ::close(descriptor);
}

}  // namespace

void save_checkpoint(const std::filesystem::path& file, const TrainingState& state) {
    const std::filesystem::path beside = file.string() + ".part";
    try {
        torch::serialize::OutputArchive archive;
        for (const NamedTensor& named : tensors_of(state)) archive.write(named.name, *named.tensor);
        archive.write("optimizer_steps", c10::IValue(state.optimizer.steps()));
        archive.write("step", c10::IValue(state.position.step));
        archive.write("seconds", c10::IValue(state.position.seconds));
        archive.write("best_score", c10::IValue(state.position.best_score));
        archive.write("seed", c10::IValue(static_cast<std::int64_t>(state.position.seed)));
        archive.save_to(beside.string());
        flush_to_disk(beside);
        std::filesystem::rename(beside, file);
    } catch (const std::exception& failure) {
        std::error_code ignored;
        std::filesystem::remove(beside, ignored);
        throw Error(file.string() + ": cannot be written: " + failure.what());
    }
}

void load_checkpoint(const std::filesystem::path& file, const TrainingState& state) {
    if (!std::filesystem::exists(file)) throw Error(file.string() + ": there is no checkpoint");
    try {
        torch::serialize::InputArchive archive;
        archive.load_from(file.string(), torch::kCPU);
        for (const NamedTensor& named : tensors_of(state)) read_into(archive, named);
        state.optimizer.set_steps(number<std::int64_t>(archive, "optimizer_steps"));
        state.position.step = number<std::int64_t>(archive, "step");
        state.position.seconds = number<double>(archive, "seconds");
        state.position.best_score = number<double>(archive, "best_score");
        state.position.seed = static_cast<std::uint64_t>(number<std::int64_t>(archive, "seed"));
    } catch (const Error& error) {
        throw Error(file.string() + ": " + error.what());
    } catch (const c10::Error& error) {
        throw Error(file.string() + ": is damaged: " + error.what_without_backtrace());
    }
}

}  // namespace caplamp::training
