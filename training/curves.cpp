// SPDX-License-Identifier: Apache-2.0
#include "training/curves.hpp"

#include <cstdlib>

#include "core/error.hpp"

namespace caplamp::training {
namespace {

std::vector<std::string> rows_up_to(const std::filesystem::path& file, std::int64_t step) {
    std::vector<std::string> kept;
    std::ifstream in(file);
    std::string line;
    std::getline(in, line);  // the header
    while (std::getline(in, line)) {
        if (std::strtoll(line.c_str(), nullptr, 10) <= step) kept.push_back(line);
    }
    return kept;
}

}  // namespace

Curves::Curves(const std::filesystem::path& file, const std::vector<std::string>& classes,
               std::int64_t step)
    : file_(file), classes_(classes.size()) {
    const std::vector<std::string> kept =
        step > 0 ? rows_up_to(file, step) : std::vector<std::string>{};
    out_.open(file);
    out_ << "step,epoch,minutes,size,learning_rate,box,class,distribution,gradient,"
            "pictures_per_second";
    for (const std::string& name : classes) out_ << ",ap50_" << name;
    out_ << '\n';
    for (const std::string& line : kept) out_ << line << '\n';
    if (!out_.flush()) throw Error(file.string() + ": cannot be written");
}

void Curves::add(const CurveRow& row) {
    out_ << row.step << ',' << row.epoch << ',' << row.minutes << ',' << row.size << ','
         << row.learning_rate << ',' << row.losses.box << ',' << row.losses.classes << ','
         << row.losses.distribution << ',' << row.gradient << ',' << row.pictures_per_second;
    for (std::size_t i = 0; i < classes_; ++i) {
        out_ << ',';
        if (i < row.ap.size() && row.ap[i]) out_ << *row.ap[i];
    }
    out_ << '\n';
    if (!out_.flush()) throw Error(file_.string() + ": cannot be written");
}

}  // namespace caplamp::training
