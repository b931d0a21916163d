#include "processors/expression_restorer/expression.hpp"

#include <array>

namespace facegraph::processors {

namespace {

constexpr std::array kNeverRestored{0, 4, 5, 8, 9};
constexpr std::array kUpperFace{1, 2, 6, 10, 11, 12, 13, 15, 16};
constexpr std::array kLowerFace{3, 7, 14, 17, 18, 19, 20};

constexpr double kFullShare = 1.2;

// 0..100 to 0..1.2, saturating; the arithmetic of numpy.interp.
double share_of(double factor) {
  if (factor >= 100) {
    return kFullShare;
  }
  return factor <= 0 ? 0 : kFullShare / 100 * factor;
}

}  // namespace

ops::PortraitPoints restrict_areas(const ops::PortraitPoints& original, const ops::PortraitPoints& changed,
                                   const RestoredAreas& areas) {
  ops::PortraitPoints result = original;
  const auto keep = [&](const auto& points) {
    for (const int point : points) {
      result[point] = changed[point];
    }
  };
  keep(kNeverRestored);
  if (!areas.upper_face) {
    keep(kUpperFace);
  }
  if (!areas.lower_face) {
    keep(kLowerFace);
  }
  return result;
}

ops::PortraitPoints blend_expressions(const ops::PortraitPoints& original, const ops::PortraitPoints& changed,
                                      double factor) {
  const auto share = static_cast<float>(share_of(factor));
  const auto rest = static_cast<float>(1 - share_of(factor));
  ops::PortraitPoints result;
  for (int k = 0; k < ops::kPortraitPoints; ++k) {
    for (int axis = 0; axis < 3; ++axis) {
      result[k][axis] = share * original[k][axis] + rest * changed[k][axis];
    }
  }
  ops::limit_expression(result);
  return result;
}

}  // namespace facegraph::processors
