// Compares pictures with those of the reference.
#pragma once

#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

#include "core/types/image.hpp"

namespace facegraph::test {

// tolerance: psnr_min in dB, and optionally max_abs and over2_max (share of values off by more than 2), all over colour
// and alpha, as the reference's check.py measures them. The figures are printed.
void expect_picture(core::ConstImageView found, const std::filesystem::path& golden, const nlohmann::json& tolerance,
                    const std::string& what);

}  // namespace facegraph::test
