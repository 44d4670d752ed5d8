// SPDX-License-Identifier: Apache-2.0
#include "app/bounded_queue.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>

namespace caplamp::app {
namespace {

TEST(BoundedQueue, HandsOverEveryValueInOrder) {
    BoundedQueue<int> queue(3);
    std::jthread writer([&] {
        for (int i = 0; i < 1000; ++i) queue.push(i, {});
        queue.close();
    });
    for (int i = 0; i < 1000; ++i) EXPECT_EQ(queue.pop({}), i);
    EXPECT_EQ(queue.pop({}), std::nullopt);
}

TEST(BoundedQueue, MakesTheWriterWaitWhenFull) {
    BoundedQueue<int> queue(2);
    std::atomic<int> written = 0;
    std::jthread writer([&] {
        for (int i = 0; i < 5; ++i) {
            queue.push(i, {});
            ++written;
        }
    });
    while (written < 2) std::this_thread::yield();
    EXPECT_LE(written, 2);
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(queue.pop({}), i);
        EXPECT_LE(written, i + 1 + 2 + 1);
    }
}

TEST(BoundedQueue, ThrowsTheFailureAfterTheLastValue) {
    BoundedQueue<int> queue(3);
    queue.push(1, {});
    queue.close(std::make_exception_ptr(std::runtime_error("broken")));
    EXPECT_EQ(queue.pop({}), 1);
    EXPECT_THROW(queue.pop({}), std::runtime_error);
}

TEST(BoundedQueue, AStopWakesBothEnds) {
    BoundedQueue<int> full(1);
    BoundedQueue<int> empty(1);
    full.push(1, {});
    std::stop_source stop;
    std::jthread writer([&] { EXPECT_FALSE(full.push(2, stop.get_token())); });
    std::jthread reader([&] { EXPECT_EQ(empty.pop(stop.get_token()), std::nullopt); });
    stop.request_stop();
}

}  // namespace
}  // namespace caplamp::app
