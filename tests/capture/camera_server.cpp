// SPDX-License-Identifier: Apache-2.0
#include "tests/capture/camera_server.hpp"

#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <opencv2/imgcodecs.hpp>
#include <thread>
#include <vector>

#include "tests/capture/test_media.hpp"

namespace caplamp::test {
namespace {

using Packets = std::vector<std::string>;

bool send_all(Call& call, const Packets& packets) {
    for (const std::string& packet : packets) {
        if (!call.send(packet)) return false;
    }
    return true;
}

Packets http_parts(int frames) {
    Packets result;
    for (int i = 0; i < frames; ++i) {
        std::vector<std::uint8_t> jpeg;
        cv::imencode(".jpg", cv::Mat(48, 64, CV_8UC3, cv::Scalar::all(grey_of(i))), jpeg);
        result.push_back("--frame\r\nContent-Type: image/jpeg\r\nContent-Length: " +
                         std::to_string(jpeg.size()) + "\r\n\r\n" +
                         std::string(jpeg.begin(), jpeg.end()) + "\r\n");
    }
    return result;
}

/// MPEG-4 pictures, each with the headers before it: the chunks of an AVI file.
Packets mpeg4_pictures(int frames) {
    const TempFolder folder;
    write_video(folder / "film.avi", frames, {64, 48}, "mp4v");
    std::ifstream file(folder / "film.avi", std::ios::binary);
    const std::string avi(std::istreambuf_iterator<char>(file), {});
    Packets result;
    std::size_t at = avi.find("movi") + 4;
    while (avi.compare(at, 4, "00dc") == 0) {
        std::uint32_t size = 0;
        std::memcpy(&size, avi.data() + at + 4, sizeof size);
        result.push_back(avi.substr(at + 8, size));
        at += 8 + size + size % 2;
    }
    return result;
}

void append_big_endian(std::string& bytes, std::uint32_t value, int size) {
    for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) {
        bytes.push_back(static_cast<char>(value >> shift));
    }
}

/// RTP (RFC 3550) in RTSP's interleaved frames (RFC 2326, 10.12), a picture a packet (RFC 3016).
Packets rtp_packets(int frames) {
    constexpr std::uint32_t ticks = 90000 / 10;
    Packets result;
    for (const std::string& picture : mpeg4_pictures(frames)) {
        const auto index = static_cast<std::uint32_t>(result.size());
        std::string packet("$\0", 2);
        append_big_endian(packet, static_cast<std::uint32_t>(12 + picture.size()), 2);
        packet += "\x80\xE0";  // version 2; marker, payload type 96
        append_big_endian(packet, index, 2);
        append_big_endian(packet, index * ticks, 4);
        append_big_endian(packet, 1, 4);  // the sender's number
        result.push_back(packet + picture);
    }
    return result;
}

std::string rtsp_reply(const std::string& request, const std::string& status,
                       const std::string& headers, const std::string& body = "") {
    const std::size_t begin = request.find("CSeq:");
    const std::size_t end = request.find("\r\n", begin);
    return "RTSP/1.0 " + status + "\r\n" + request.substr(begin, end - begin) + "\r\n" + headers +
           "\r\n" + body;
}

std::string refusal_of(const std::string& request) {
    return rtsp_reply(request, "401 Unauthorized", "WWW-Authenticate: Basic realm=\"camera\"\r\n");
}

std::string answer_to(const std::string& request) {
    if (request.starts_with("DESCRIBE")) {
        const std::string body =
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=camera\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\n"
            "c=IN IP4 0.0.0.0\r\na=rtpmap:96 MP4V-ES/90000\r\na=framerate:10\r\n"
            "a=control:track1\r\n";
        const std::string size = std::to_string(body.size());
        return rtsp_reply(request, "200 OK",
                          "Content-Type: application/sdp\r\nContent-Length: " + size + "\r\n",
                          body);
    }
    const std::string transport =
        request.starts_with("SETUP") ? "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n" : "";
    return rtsp_reply(request, "200 OK", "Session: 1\r\n" + transport);
}

/// Answers requests up to PLAY, or all with 401; false when the caller hung up.
bool set_up_rtsp(Call& call, bool asks_password) {
    std::string heard;
    while (true) {
        const std::size_t end = heard.find("\r\n\r\n");
        if (end == std::string::npos) {
            const std::string more = call.receive();
            if (more.empty()) return false;
            heard += more;
            continue;
        }
        const std::string request = heard.substr(0, end + 4);
        heard.erase(0, end + 4);
        if (!call.send(asks_password ? refusal_of(request) : answer_to(request))) return false;
        if (request.starts_with("PLAY")) return true;
    }
}

}  // namespace

LoopbackServer http_camera(Manner manner, int frames) {
    return LoopbackServer([manner, parts = http_parts(frames)](Call& call) {
        if (manner == Manner::silent) return call.stay_silent();
        if (call.receive().empty()) return;
        if (manner == Manner::asks_password) {
            call.send("HTTP/1.0 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
            return;
        }
        call.send(
            "HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n"
            "\r\n");
        for (std::size_t i = 0; manner == Manner::repeats; i = (i + 1) % parts.size()) {
            if (!call.send(parts[i])) return;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        if (send_all(call, parts) && manner == Manner::stalls) call.stay_silent();
    });
}

LoopbackServer rtsp_camera(Manner manner, int frames) {
    return LoopbackServer([manner, packets = rtp_packets(frames)](Call& call) {
        if (manner == Manner::silent) return call.stay_silent();
        const bool asks_password = manner == Manner::asks_password;
        if (set_up_rtsp(call, asks_password) && send_all(call, packets) &&
            manner == Manner::stalls) {
            call.stay_silent();
        }
    });
}

}  // namespace caplamp::test
