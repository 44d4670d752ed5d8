// SPDX-License-Identifier: Apache-2.0
#include "app/set_detector.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <numeric>
#include <thread>
#include <utility>

#include "app/progress.hpp"
#include "capture/read_picture.hpp"

namespace caplamp::app {
namespace {

using namespace std::chrono_literals;

// Pictures of one shape one after the other: the network is compiled once for each shape.
std::vector<std::size_t> by_shape(const std::vector<datasets::LabelledPicture>& pictures) {
    std::vector<std::size_t> order(pictures.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, [&](std::size_t i) {
        const datasets::LabelledPicture& picture = pictures[i];
        return static_cast<double>(picture.width) / picture.height;
    });
    return order;
}

// What the workers share.
class Work {
public:
    explicit Work(const datasets::LabelledSet& set)
        : pictures_(set.pictures), order_(by_shape(set.pictures)), found_(set.pictures.size()) {}

    // The body of one worker.
    void run(Detector& detector, const std::stop_token& stop) {
        try {
            cv::Mat bgr;
            while (!stop.stop_requested()) {
                const std::optional<std::size_t> picture = take();
                if (!picture) break;
                capture::read_picture(pictures_[*picture].file, bgr);
                found_[*picture] = detector.run(bgr);
                const std::scoped_lock lock(mutex_);
                ++done_;
            }
        } catch (...) {
            const std::scoped_lock lock(mutex_);
            failure_ = std::current_exception();
            next_ = order_.size();  // the others have nothing more to do
        }
        const std::scoped_lock lock(mutex_);
        ++ended_;
        changed_.notify_one();
    }

    void wait_for(std::size_t workers, Progress& progress) {
        std::unique_lock lock(mutex_);
        while (!changed_.wait_for(lock, 200ms, [&] { return ended_ == workers; })) {
            const std::size_t done = done_;
            lock.unlock();
            progress.update(done);
            lock.lock();
        }
    }

    // After all workers ended.
    std::optional<std::vector<Detections>> result() {
        if (failure_) std::rethrow_exception(failure_);
        if (done_ < pictures_.size()) return std::nullopt;
        return std::move(found_);
    }

private:
    std::optional<std::size_t> take() {
        const std::scoped_lock lock(mutex_);
        if (next_ >= order_.size()) return std::nullopt;
        return order_[next_++];
    }

    const std::vector<datasets::LabelledPicture>& pictures_;
    std::vector<std::size_t> order_;
    std::vector<Detections> found_;  // each written by the worker that took the picture
    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t next_ = 0;
    std::size_t done_ = 0;
    std::size_t ended_ = 0;
    std::exception_ptr failure_;
};

}  // namespace

SetDetector::SetDetector(const DetectorConfig& config, int workers) {
    DetectorConfig one = config;
    one.threads = 1;
    one.max_shapes = 1;
    for (int i = 0; i < std::max(1, workers); ++i)
        detectors_.push_back(std::make_unique<Detector>(one));
}

std::optional<std::vector<Detections>> SetDetector::run(const datasets::LabelledSet& set,
                                                        const std::stop_token& stop) {
    Work work(set);
    Progress progress("evaluate", "pictures", set.pictures.size());
    std::vector<std::jthread> workers;
    for (const std::unique_ptr<Detector>& detector : detectors_)
        workers.emplace_back([&work, &stop, &detector] { work.run(*detector, stop); });
    work.wait_for(detectors_.size(), progress);
    workers.clear();
    return work.result();
}

}  // namespace caplamp::app
