// SPDX-License-Identifier: Apache-2.0
#include "capture/natural_order.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace caplamp::capture {
namespace {

TEST(NaturalOrder, CountsNumbersInsideNames) {
    EXPECT_TRUE(natural_less("frame9.jpg", "frame10.jpg"));
    EXPECT_FALSE(natural_less("frame10.jpg", "frame9.jpg"));
    EXPECT_TRUE(natural_less("cam2-99", "cam10-1"));
}

TEST(NaturalOrder, TakesNumbersLongerThanAnyInteger) {
    EXPECT_TRUE(natural_less("99999999999999999999998", "99999999999999999999999"));
}

TEST(NaturalOrder, PutsAPrefixFirst) {
    EXPECT_TRUE(natural_less("a", "a1"));
    EXPECT_FALSE(natural_less("a1", "a"));
    EXPECT_FALSE(natural_less("", ""));
}

TEST(NaturalOrder, IsAStrictTotalOrder) {
    const std::vector<std::string> names{"",   "0",  "00",   "1",     "01",   "001", "10",
                                         "a",  "a0", "a00",  "a1b",   "a1",   "a01", "a10",
                                         "a2", "b",  "a1b2", "a1b02", "a01b2"};
    for (const std::string& x : names) {
        EXPECT_FALSE(natural_less(x, x)) << x;
        for (const std::string& y : names) {
            if (x == y) continue;
            EXPECT_NE(natural_less(x, y), natural_less(y, x)) << x << " " << y;
            for (const std::string& z : names) {
                if (natural_less(x, y) && natural_less(y, z)) {
                    EXPECT_TRUE(natural_less(x, z)) << x << " " << y << " " << z;
                }
            }
        }
    }
}

}  // namespace
}  // namespace caplamp::capture
