// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/capture/loopback_server.hpp"

namespace caplamp::test {

/// What a camera does with a caller.
enum class Manner {
    silent,         // takes the call and says nothing
    stalls,         // sends its pictures, then keeps the line open in silence
    hangs_up,       // sends its pictures, then closes
    asks_password,  // 401
    repeats,        // sends its pictures again and again, in no hurry; over HTTP only
};

/// Motion JPEG over HTTP: `frames` pictures, the i-th of the value grey_of(i).
LoopbackServer http_camera(Manner manner, int frames = 0);

/// MPEG-4 video in RTP over the RTSP connection, the same pictures at 10 a second, sent at once.
LoopbackServer rtsp_camera(Manner manner, int frames = 0);

}  // namespace caplamp::test
