// SPDX-License-Identifier: Apache-2.0
#include <malloc.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <limits>

#include "core/error.hpp"
#include "training/command_line.hpp"
#include "training/dump_layers.hpp"
#include "training/progress_line.hpp"
#include "training/trainer.hpp"

namespace {

std::atomic<bool> stop_asked{false};

void ask_to_stop(int) { stop_asked = true; }

/// A step allocates and frees a gigabyte of activations. Left to itself, malloc gives such blocks
/// back to the system and faults them in again page by page.
void keep_freed_memory() {
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_MMAP_MAX, 0);
    mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
}

int train(const caplamp::training::CommandLine& line) {
    using namespace caplamp::training;
    check_config(line.config);
    std::signal(SIGINT, ask_to_stop);
    std::signal(SIGTERM, ask_to_stop);
    ProgressLine progress(stdout);
    Trainer trainer(line.config, line.resume, progress);
    if (trainer.run(stop_asked)) return 0;
    progress.on_note("stopped; --resume goes on from " + line.config.out + "/checkpoint.pt");
    return 130;
}

}  // namespace

int main(int count, char** words) {
    keep_freed_memory();
    try {
        at::set_num_threads(1);  // parallel are the replicas, not their loops
        const auto line = caplamp::training::parse_command_line({words + 1, words + count});
        if (line.help) {
            std::fputs(caplamp::training::help_text().c_str(), stdout);
            return 0;
        }
        if (!line.dump_layers.empty()) {
            caplamp::training::dump_layers(line);
            return 0;
        }
        return train(line);
    } catch (const caplamp::Error& error) {
        std::fprintf(stderr, "caplamp-train: %s\n", error.what());
        return 2;
    } catch (const c10::Error& error) {
        std::fprintf(stderr, "caplamp-train: libtorch: %s\n", error.what_without_backtrace());
        return 1;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "caplamp-train: %s\n", error.what());
        return 1;
    }
}
