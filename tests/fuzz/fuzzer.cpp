// SPDX-License-Identifier: Apache-2.0
// libFuzzer's entry; CMakeLists.txt says which of tests/fuzz/targets.hpp it tries.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/targets.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    caplamp::test::CAPLAMP_FUZZ_TARGET({data, size});
    return 0;
}
