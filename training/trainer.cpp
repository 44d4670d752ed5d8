// SPDX-License-Identifier: Apache-2.0
#include "training/trainer.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <thread>

#include "core/error.hpp"
#include "training/batch_loader.hpp"
#include "training/checkpoint.hpp"
#include "training/training_data.hpp"
#include "training/validator.hpp"
#include "training/weights_exchange.hpp"

namespace caplamp::training {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

torch::Device device_of(const std::string& name) {
    if (name != "cpu" && !torch::cuda::is_available()) {
        throw Error("--device " + name + ": this libtorch sees no CUDA device");
    }
    return torch::Device(name);
}

int workers_of(const TrainConfig& config) {
    if (config.device != "cpu") return 1;
    if (config.workers > 0) return config.workers;
    return static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

ValidatorConfig validator_config(const TrainConfig& config) {
    const int largest = std::max(config.schedule.size, config.schedule.size_final);
    ValidatorConfig result;
    result.size = config.validate_size > 0 ? config.validate_size : largest;
    result.workers = workers_of(config);
    return result;
}

}  // namespace

/// Everything a run holds, in the order in which it is built.
class Trainer::Session {
public:
    Session(const TrainConfig& config, bool resume, TrainingListener& listener)
        : config_(config),
          listener_(listener),
          device_(device_of(config.device)),
          table_(nn::ModelTable::load(config.model)),
          graph_(nn::build_graph(table_)),
          data_(config, table_.classes),
          weights_(graph_, device_),
          average_(graph_, device_),
          optimizer_(config.optimizer, weights_),
          replicas_(graph_, table_, config.loss, weights_, workers_of(config)),
          validator_(graph_, table_, validator_config(config), data_.validation_sets,
                     *data_.validation_cache, device_),
          folder_(config.out) {
        position_.seed = config.augmentation.seed;
        begin(resume);
        curves_ = std::make_unique<Curves>(folder_ / "curves.csv", table_.classes, position_.step);
        listener.on_note(data_.summary());
    }

    bool run(const std::atomic<bool>& stop);

private:
    /// What stays the same until the next change of the schedule.
    struct Phase {
        int size = 0;
        bool mosaic = true;
        bool operator==(const Phase&) const = default;
    };

    void begin(bool resume);
    double progress() const;
    double seconds() const { return seconds_before_ + seconds_since(start_); }
    Batch next_batch();
    void learn(const Batch& batch);
    void report(const StepLosses& losses, double gradient, double learning_rate);
    void flush_curve(std::vector<std::optional<double>> ap);
    void validate();
    void save();
    void export_weights(const std::string& name) const;
    TrainingState state() { return {weights_, average_, optimizer_, position_}; }

    const TrainConfig config_;
    TrainingListener& listener_;
    torch::Device device_;
    nn::ModelTable table_;
    nn::Graph graph_;
    TrainingData data_;
    ParameterStore weights_;
    ParameterStore average_;
    Optimizer optimizer_;
    Replicas replicas_;
    Validator validator_;
    std::filesystem::path folder_;
    std::unique_ptr<Curves> curves_;
    Position position_;
    Clock::time_point start_;
    double seconds_before_ = 0;
    double validated_at_ = 0;
    double saved_at_ = 0;
    double started_progress_ = 0;

    Phase phase_;
    std::unique_ptr<BatchSource> source_;
    std::unique_ptr<BatchLoader> loader_;  // after the source it reads

    CurveRow sum_;  // of the steps since the last row
    int summed_ = 0;
    Clock::time_point row_start_;
};

void Trainer::Session::begin(bool resume) {
    if (resume) {
        load_checkpoint(folder_ / "checkpoint.pt", state());
        return;
    }
    if (std::filesystem::exists(folder_ / "checkpoint.pt")) {
        throw Error(folder_.string() + ": holds a training already; add --resume to continue it");
    }
    std::error_code failure;
    std::filesystem::create_directories(folder_, failure);
    if (failure) throw Error(folder_.string() + ": " + failure.message());
    write_config(folder_ / "config.yaml", config_);
    if (config_.init.empty()) {
        initialise(weights_, graph_, table_, position_.seed);
    } else {
        load_weights(weights_, graph_, table_, config_.init);
    }
    average_.copy_from(weights_);
}

double Trainer::Session::progress() const {
    if (config_.minutes > 0) return seconds() / (config_.minutes * 60);
    const double pictures = static_cast<double>(position_.step) * config_.batch;
    return pictures / (static_cast<double>(data_.pictures_per_epoch(config_)) * config_.epochs);
}

Batch Trainer::Session::next_batch() {
    const Phase phase{size_at(config_.schedule, progress()),
                      mosaic_at(config_.schedule, progress())};
    if (!loader_ || phase != phase_) {
        phase_ = phase;
        loader_.reset();
        AugmentationConfig augmentation = config_.augmentation;
        augmentation.size = phase.size;
        source_ = std::make_unique<BatchSource>(data_.sets, *data_.cache, augmentation, device_);
        const auto make = [this](std::uint64_t step) {
            at::set_num_threads(1);
            return source_->training_batch(step, config_.batch, phase_.mosaic);
        };
        loader_ = std::make_unique<BatchLoader>(make, static_cast<std::uint64_t>(position_.step),
                                                std::numeric_limits<std::uint64_t>::max());
    }
    return *loader_->next();
}

void Trainer::Session::learn(const Batch& batch) {
    const double rate = learning_rate_at(config_.schedule, position_.step, progress());
    const StepLosses losses = replicas_.step(batch);
    const double gradient = optimizer_.step(rate);
    ++position_.step;
    {
        const torch::NoGradGuard no_grad;
        const double share = 1 - ema_decay_at(config_.schedule, position_.step);
        average_.values().lerp_(weights_.values(), share);
        average_.statistics().lerp_(weights_.statistics(), share);
    }
    report(losses, gradient, rate);
}

void Trainer::Session::report(const StepLosses& losses, double gradient, double learning_rate) {
    constexpr int steps_per_row = 20;
    sum_.losses.box += losses.box;
    sum_.losses.classes += losses.classes;
    sum_.losses.distribution += losses.distribution;
    sum_.gradient += gradient;
    ++summed_;
    sum_.step = position_.step;
    sum_.epoch = static_cast<double>(position_.step) * config_.batch /
                 static_cast<double>(data_.pictures_per_epoch(config_));
    sum_.minutes = seconds() / 60;
    sum_.size = phase_.size;
    sum_.learning_rate = learning_rate;
    sum_.pictures_per_second = summed_ * config_.batch / seconds_since(row_start_);
    CurveRow now = sum_;
    now.losses = losses;
    now.gradient = gradient;
    const double done = progress();
    const double left =
        config_.minutes > 0
            ? config_.minutes * 60 - seconds()
            : seconds_since(start_) / std::max(done - started_progress_, 1e-9) * (1 - done);
    listener_.on_step(now, done, left);
    if (summed_ >= steps_per_row) flush_curve({});
}

void Trainer::Session::flush_curve(std::vector<std::optional<double>> ap) {
    if (summed_ == 0) return;
    CurveRow row = sum_;
    row.losses.box /= summed_;
    row.losses.classes /= summed_;
    row.losses.distribution /= summed_;
    row.gradient /= summed_;
    row.ap = std::move(ap);
    curves_->add(row);
    sum_ = {};
    summed_ = 0;
    row_start_ = Clock::now();
}

void Trainer::Session::export_weights(const std::string& name) const {
    const std::string provenance =
        "caplamp-train, step " + std::to_string(position_.step) + ", " + data_.summary();
    nn::write_weights(folder_ / name, to_weights(average_, table_, provenance),
                      nn::StorageType::f16);
}

void Trainer::Session::validate() {
    validated_at_ = seconds();
    export_weights("last.safetensors");
    if (validator_.pictures() == 0) return;
    const evaluation::EvaluationResult result = validator_.run(average_);
    const double score = result.map.value_or(0);
    const bool is_best = score > position_.best_score;
    if (is_best) {
        position_.best_score = score;
        export_weights("best.safetensors");
    }
    std::vector<std::optional<double>> ap(table_.classes.size());
    for (const evaluation::ClassResult& of_class : result.classes) {
        const auto found = std::ranges::find(table_.classes, of_class.name);
        ap[static_cast<std::size_t>(found - table_.classes.begin())] = of_class.ap;
    }
    flush_curve(std::move(ap));
    listener_.on_validation(result, is_best);
}

void Trainer::Session::save() {
    saved_at_ = seconds();
    position_.seconds = saved_at_;
    save_checkpoint(folder_ / "checkpoint.pt", state());
}

bool Trainer::Session::run(const std::atomic<bool>& stop) {
    start_ = Clock::now();
    row_start_ = start_;
    seconds_before_ = position_.seconds;
    validated_at_ = saved_at_ = seconds_before_;
    started_progress_ = progress();
    while (progress() < 1 && !stop) {
        learn(next_batch());
        if (seconds() - validated_at_ >= config_.validate_minutes * 60) validate();
        if (seconds() - saved_at_ >= config_.checkpoint_minutes * 60) save();
    }
    loader_.reset();
    if (!stop) validate();
    save();
    return !stop;
}

Trainer::Trainer(const TrainConfig& config, bool resume, TrainingListener& listener)
    : session_(std::make_unique<Session>(config, resume, listener)) {}

Trainer::~Trainer() = default;

bool Trainer::run(const std::atomic<bool>& stop) { return session_->run(stop); }

}  // namespace caplamp::training
