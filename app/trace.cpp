// SPDX-License-Identifier: Apache-2.0
#include "app/trace.hpp"

#include <nlohmann/json.hpp>

namespace caplamp::app {
namespace {

using Seconds = std::chrono::duration<double>;

std::int64_t microseconds(Seconds duration) {
    return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
}

}  // namespace

Trace::Trace(const std::filesystem::path& file) : file_(file) {
    file_.write("[\n");
    const char* const rows[] = {"decode",  "waiting", "letterbox", "network",   "encode",
                                "wire up", "queue",   "compute",   "wire down", "post-processing"};
    int row = 0;
    for (const char* name : rows) {
        const nlohmann::json line{{"name", "thread_name"},
                                  {"ph", "M"},
                                  {"pid", 1},
                                  {"tid", row++},
                                  {"args", {{"name", name}}}};
        file_.write((row > 1 ? ",\n" : "") + line.dump());
    }
}

void Trace::event(const char* stage, int row, Clock::time_point begin, Seconds duration,
                  const FrameResult& frame) {
    if (duration <= Seconds(0)) return;
    const nlohmann::json line{
        {"name", stage},
        {"ph", "X"},
        {"ts", microseconds(begin - zero_)},
        {"dur", microseconds(duration)},
        {"pid", 1},
        {"tid", row},
        {"args", {{"frame", frame.sequence}, {"status", to_string(frame.status)}}}};
    file_.write(",\n" + line.dump());
}

void Trace::write(const TimedResult& timed) {
    const FrameResult& frame = timed.result;
    const auto later = [](Clock::time_point from, Seconds by) {
        return from + std::chrono::duration_cast<Clock::duration>(by);
    };
    const DetectorTimes& detector = timed.detector;
    if (detector.begin == Clock::time_point{}) return;  // nobody looked at it
    event("decode", 0, later(timed.captured, -timed.decode), timed.decode, frame);
    event("waiting", 1, timed.captured, detector.begin - timed.captured, frame);
    const auto boxed = later(detector.begin, detector.letterbox);
    event("letterbox", 2, detector.begin, detector.letterbox, frame);
    event("network", 3, boxed, detector.network, frame);
    const auto computed = later(boxed, detector.network);
    event("post-processing", 9, computed, detector.post, frame);
    if (!timed.link) return;
    const LinkTimes& link = *timed.link;
    event("encode", 4, computed, link.encode, frame);
    const Seconds away = link.answered - link.sent;
    const Seconds wire = (away - link.queue - link.compute) / 2;
    const auto arrived = later(link.sent, wire);
    event("wire up", 5, link.sent, wire, frame);
    event("queue", 6, arrived, link.queue, frame);
    event("compute", 7, later(arrived, link.queue), link.compute, frame);
    event("wire down", 8, later(arrived, link.queue + link.compute), wire, frame);
}

void Trace::finish() {
    file_.write("\n]\n");
    file_.commit();
}

}  // namespace caplamp::app
