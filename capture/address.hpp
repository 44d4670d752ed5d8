// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace caplamp::capture {

enum class SourceKind { picture, folder, video_file, stream, device };

/// What a source address stands for. Throws Error when it names nothing that can be read.
SourceKind kind_of(const std::string& source);

/// True for rtsp://, rtsps://, http://, https:// and the like.
bool is_url(const std::string& source);

/// A url without user, password and query, fit for logs: "rtsp://camera/stream". Anything else
/// comes back as it is. When in doubt it hides too much.
std::string name_without_secrets(const std::string& source);

}  // namespace caplamp::capture
