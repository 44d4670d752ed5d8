// SPDX-License-Identifier: Apache-2.0
#include "training/assigner.hpp"

#include <algorithm>
#include <cmath>

namespace caplamp::training {
namespace {

/// A cell inside an object's box, with both measures of how well it finds that object.
struct Candidate {
    int cell = 0;
    float overlap = 0;
    double alignment = 0;
};

/// Which object a cell learns; target -1: none.
struct Owner {
    int target = -1;
    float overlap = -1;
    double alignment = 0;
};

/// The box in which cells are looked for: tiny sides grow around the centre.
Corners search_box(const Corners& box, float finest_stride, float least_side) {
    Corners grown = box;
    if (box.x2 - box.x1 < finest_stride) {
        const float centre = (box.x1 + box.x2) / 2;
        grown.x1 = centre - least_side / 2;
        grown.x2 = centre + least_side / 2;
    }
    if (box.y2 - box.y1 < finest_stride) {
        const float centre = (box.y1 + box.y2) / 2;
        grown.y1 = centre - least_side / 2;
        grown.y2 = centre + least_side / 2;
    }
    return grown;
}

bool contains(const Corners& box, const Cell& cell) {
    constexpr float inside = 1e-9F;
    return std::min({cell.x - box.x1, cell.y - box.y1, box.x2 - cell.x, box.y2 - cell.y}) > inside;
}

std::vector<Candidate> candidates_of(const AssignerConfig& config, const Answer& answer,
                                     const Target& target) {
    const float finest = answer.cells.front().stride;
    const Corners area = search_box(target.box, finest, static_cast<float>(config.least_side));
    std::vector<Candidate> found;
    for (std::size_t i = 0; i < answer.cells.size(); ++i) {
        if (!contains(area, answer.cells[i])) continue;
        const float overlap = std::max(0.0F, complete_iou(target.box, answer.boxes[i]));
        const float score = answer.scores[i * static_cast<std::size_t>(answer.classes) +
                                          static_cast<std::size_t>(target.class_id)];
        found.push_back({static_cast<int>(i), overlap,
                         std::pow(score, config.alpha) * std::pow(overlap, config.beta)});
    }
    return found;
}

/// Moves the best candidates to the front and returns how many.
std::size_t keep_best(std::vector<Candidate>& candidates, int most) {
    const std::size_t count = std::min(candidates.size(), static_cast<std::size_t>(most));
    std::partial_sort(candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(count),
                      candidates.end(), [](const Candidate& a, const Candidate& b) {
                          if (a.alignment != b.alignment) return a.alignment > b.alignment;
                          return a.cell < b.cell;
                      });
    return count;
}

/// Per object its candidates, of which the first `taken` are its own choice.
struct Choice {
    std::vector<Candidate> candidates;
    std::size_t taken = 0;
};

/// A cell that one object took is its; a contested one goes to the object that its box overlaps
/// most, be that a claimant or not.
std::vector<Owner> owners_of(const std::vector<Choice>& choices, std::size_t cells) {
    std::vector<int> claims(cells, 0);
    for (const Choice& choice : choices) {
        for (std::size_t i = 0; i < choice.taken; ++i) {
            ++claims[static_cast<std::size_t>(choice.candidates[i].cell)];
        }
    }
    std::vector<Owner> owners(cells);
    for (std::size_t t = 0; t < choices.size(); ++t) {
        for (std::size_t i = 0; i < choices[t].candidates.size(); ++i) {
            const Candidate& candidate = choices[t].candidates[i];
            const auto cell = static_cast<std::size_t>(candidate.cell);
            const bool may_own = claims[cell] > 1 || (claims[cell] == 1 && i < choices[t].taken);
            if (!may_own || candidate.overlap <= owners[cell].overlap) continue;
            owners[cell] = {static_cast<int>(t), candidate.overlap, candidate.alignment};
        }
    }
    return owners;
}

/// The score to learn: alignment scaled so that an object's best cell learns its best overlap.
std::vector<AssignedCell> scored(const std::vector<Owner>& owners, std::size_t targets) {
    constexpr double epsilon = 1e-9;
    std::vector<double> best_alignment(targets, 0);
    std::vector<double> best_overlap(targets, 0);
    for (const Owner& owner : owners) {
        if (owner.target < 0) continue;
        const auto t = static_cast<std::size_t>(owner.target);
        best_alignment[t] = std::max(best_alignment[t], owner.alignment);
        best_overlap[t] = std::max(best_overlap[t], static_cast<double>(owner.overlap));
    }
    std::vector<AssignedCell> assigned;
    for (std::size_t cell = 0; cell < owners.size(); ++cell) {
        const Owner& owner = owners[cell];
        if (owner.target < 0) continue;
        const auto t = static_cast<std::size_t>(owner.target);
        const double score = owner.alignment * best_overlap[t] / (best_alignment[t] + epsilon);
        assigned.push_back({static_cast<int>(cell), owner.target, static_cast<float>(score)});
    }
    return assigned;
}

}  // namespace

std::vector<AssignedCell> assign(const AssignerConfig& config, const Answer& answer,
                                 std::span<const Target> targets) {
    if (answer.cells.empty() || targets.empty()) return {};
    std::vector<Choice> choices;
    for (const Target& target : targets) {
        choices.push_back({candidates_of(config, answer, target), 0});
        choices.back().taken = keep_best(choices.back().candidates, config.most_cells);
    }
    return scored(owners_of(choices, answer.cells.size()), targets.size());
}

}  // namespace caplamp::training
