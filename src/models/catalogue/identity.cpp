#include "models/catalogue/identity.hpp"

#include <algorithm>
#include <array>

namespace facegraph::models {

namespace {

constexpr std::array<Identity, 22> kIdentities{{
    {"2dfan4", 97904803, "a948738e", "678c6fa539d52335a31c980feefdf4a6e02d781d83dce00af8a894f114557285"},
    {"arcface_w600k_r50", 174388474, "1f5fefb8", "f1f79dc3b0b79a69f94799af1fffebff09fbd78fd96a275fd8f0cbbea23270d1"},
    {"bisenet_resnet_18", 53205356, "6cafc877", "2218b6183c26ca5c83303232d682a536c670c13ea9695f716c777d1f244eefe9"},
    {"bisenet_resnet_34", 93632546, "35d17a50", "4a0b8c958a3c938913bd06a8365dbb3c8761afba6ecbf0d14b3b1f77eb230c96"},
    {"fairface", 85170772, "10d79769", "b176b1e4b0739496e7943af7ba4ff306271fecf837bca5ec5d9a48201959db37"},
    {"fan_68_5", 944321, "95c4a198", "ea05f7d9d014ae1d9cdc6e9c72643d8f00d198b5db3fdd384148ddff499a613e"},
    {"gfpgan_1.4", 340299087, "", "accc4757b26bdb89b32b4d3500d4f79c9dff97c1dd7c7104bf9dcb95e3311385"},
    {"hyperswap_1a_256", 402742682, "", "c0e98a8a03a238f461ed3d2570e426b49f46745ee400854a60dceeb70c246add"},
    {"inswapper_128", 555303150, "7057c6ea", "a290273ed497312095dac48cdef20feec9d5208298223dd01288ab202b54bea7"},
    {"inswapper_128_fp16", 277680829, "32500ff1", "c4eccca86ad177586c85c28bf1a64a9d9ed237e283a15818d831f7facfd3f420"},
    {"kim_vocal_2", 66766794, "c965a055", "fbde1fd7d35a6b1785add2225ce03255a01ccef6c8a5fb7b2ccd4e0c1e9097f7"},
    {"nsfw_1", 80414194, "f602d1c5", "3debfd72763bc931dd308f57d1e9299ae13bb309d14ddbdc17ce8f1fd42f96af"},
    {"nsfw_2", 22489928, "c7fa5fe2", "5aae1806ce44e3c27fab0a7d44eed581dd25ca71a4387ff809a191c98239c1be"},
    {"nsfw_3", 358188033, "633a3b02", "778139fb930240ac39812a1480295bfc5dc2cec8a8e46ee6b453481d600c0fa2"},
    {"peppa_wutz", 13753559, "eb82cb4f", "ff2de0fa5ceb8aad8c8d037ba2fab8afe90ace34626f3268aae5a56965015776"},
    {"retinaface_10g", 16926877, "75b598f8", "808399c3d0b40ed340634ed590ae564a7caa09e5659916923a95d4470b54ff5a"},
    {"scrfd_2.5g", 3295067, "d0266d7d", "2c07342347cef21a619c49dd5664fb8c09570ae9eda5bff3e385c11eafc45ada"},
    {"styleganex_age", 1340360455, "d9cbebb8", "212cdf55a9b66c382016119f7d642a227ca16c833348dd78d1e129ae5cf9ec7c"},
    {"xseg_1", 70324286, "f207afe3", "c4d1498b8a03b5fe2a3a5d2ef2a0402ab03bd51edaf5b2d8d5fb764702a97dd3"},
    {"xseg_2", 70324286, "1cae7137", "cd9a0879eaf43841d765472cf1f8c330dbf9dcb03da0eace93e95f3bcc399042"},
    {"xseg_3", 70327709, "e99b694c", "48ccd7e8541e159a5a754ec9e62df2f12065f7df8f9af842c1750342c6533559"},
    {"yoloface_8n", 12659761, "f9a0382f", "821cdbb1e65fbbabdde7dd0933f754797a343e56fd962729c61ffcefcd135929"},
}};

}  // namespace

const Identity* identity_of(const ModelFile& file) {
  const auto* const found = std::find_if(kIdentities.begin(), kIdentities.end(),
                                         [&](const Identity& identity) { return identity.name == file.name; });
  return found == kIdentities.end() ? nullptr : found;
}

}  // namespace facegraph::models
