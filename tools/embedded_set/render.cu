// Rasteriser and shader of the procedural heads. One source, two builds: nvcc makes the GPU version, a C++ compiler
// (with OpenMP) the slow CPU version for tests and samples. Python calls the extern "C" functions through ctypes.
//
// Arrays (all contiguous): screen [B,V,3] = x, y in pixels (centres at integers) and depth > 0 (<= 0: vertex is not drawn);
// tris [T,3]; parts [T]; rest [V,3] = place of the vertex on the un-morphed mesh, the space of every procedural pattern;
// attrs [V,A]; keys [B,H,W] = depth bits << 32 | triangle; params [B,P_COUNT] (params.py).
#include <cmath>
#include <cstdint>

#include "params.h"

#ifdef __CUDACC__
#define FN __device__ __forceinline__
#else
#define FN inline
#include <algorithm>
using std::max;
using std::min;
#endif

namespace {

enum Part { kSkin, kEye, kTeeth, kTongue, kLash, kLongHair, kGlasses, kLens };
enum Class { kNothing, kFace, kBody, kHair, kEyeball, kFrame, kCloth, kMouth };
// The classes of face parsing (bisenet contract); left and right are the person's. Ear rings, necklaces and hats are never drawn.
enum Region { kNowhere, kSkinRegion, kLeftBrow, kRightBrow, kLeftEye, kRightEye, kSpectacles, kLeftEar, kRightEar, kNose = 10, kMouthInside,
              kUpperLip, kLowerLip, kNeck, kClothes = 16, kHairRegion };
enum Attr { kAo, kScalp, kEar, kBeard, kInner, kBlush, kAttrs };
constexpr uint64_t kEmpty = ~0ull;

struct V3 {
  float x, y, z;
};
FN V3 v3(float x, float y, float z) { return V3{x, y, z}; }
FN V3 v3(const float* p) { return V3{p[0], p[1], p[2]}; }
FN V3 operator+(V3 a, V3 b) { return v3(a.x + b.x, a.y + b.y, a.z + b.z); }
FN V3 operator-(V3 a, V3 b) { return v3(a.x - b.x, a.y - b.y, a.z - b.z); }
FN V3 operator*(V3 a, V3 b) { return v3(a.x * b.x, a.y * b.y, a.z * b.z); }
FN V3 operator*(V3 a, float s) { return v3(a.x * s, a.y * s, a.z * s); }
FN float dot(V3 a, V3 b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
FN V3 unit(V3 a) { return a * (1.f / sqrtf(dot(a, a) + 1e-12f)); }
FN float clamp01(float v) { return fminf(fmaxf(v, 0.f), 1.f); }
FN float smooth(float a, float b, float v) {
  float t = clamp01((v - a) / (b - a));
  return t * t * (3.f - 2.f * t);
}
FN float mix(float a, float b, float t) { return a + (b - a) * t; }
FN V3 mix(V3 a, V3 b, float t) { return a + (b - a) * t; }

FN float hash(int x, int y, int z) {
  uint32_t h = uint32_t(x) * 0x8da6b343u ^ uint32_t(y) * 0xd8163841u ^ uint32_t(z) * 0xcb1ab31fu;
  h = (h ^ (h >> 15)) * 0x2c1b3c6du;
  h = (h ^ (h >> 12)) * 0x297a2d39u;
  return float((h ^ (h >> 15)) & 0xffffffu) * (2.f / 16777216.f) - 1.f;
}

// Value noise, -1..1.
FN float noise(V3 p) {
  float fx = floorf(p.x), fy = floorf(p.y), fz = floorf(p.z);
  int x = int(fx), y = int(fy), z = int(fz);
  float u = p.x - fx, v = p.y - fy, w = p.z - fz;
  u = u * u * (3.f - 2.f * u), v = v * v * (3.f - 2.f * v), w = w * w * (3.f - 2.f * w);
  float a = mix(mix(hash(x, y, z), hash(x + 1, y, z), u), mix(hash(x, y + 1, z), hash(x + 1, y + 1, z), u), v);
  float b = mix(mix(hash(x, y, z + 1), hash(x + 1, y, z + 1), u), mix(hash(x, y + 1, z + 1), hash(x + 1, y + 1, z + 1), u), v);
  return mix(a, b, w);
}
FN float fbm(V3 p, int octaves) {
  float sum = 0.f, scale = 0.5f;
  for (int i = 0; i < octaves; ++i, scale *= 0.5f) {
    sum += scale * noise(p);
    p = p * 2.03f + v3(17.1f, 9.2f, 5.7f);
  }
  return sum;
}

// Strands that run down from the crown, as a number -1..1. `curl` bends and shortens them.
FN float strands(V3 r, const float* p) {
  float curl = p[P_HAIR_CURL];
  V3 s = v3(p + P_HAIR_SEED);
  V3 bend = v3(noise(r * 5.f + s), noise(r * 5.f + s + v3(31.f, 0.f, 0.f)), noise(r * 5.f + s + v3(0.f, 47.f, 0.f)));
  V3 q = r + bend * (0.03f + 0.12f * curl);
  float around = atan2f(q.x - p[P_HAIR_PART] * 0.3f, q.z - 0.45f), down = q.y;
  if (down > 7.6f) down = 7.6f + sqrtf(q.x * q.x + (q.z - 0.45f) * (q.z - 0.45f) + 0.01f) * -0.6f;
  float along = mix(3.f, 26.f, curl * curl);
  float fine = noise(v3(around * 55.f, down * along, s.x)) * 0.6f + noise(v3(around * 120.f, down * along * 1.5f, s.y)) * 0.4f;
  float locks = noise(v3(around * 9.f, down * along * 0.35f, s.z));
  return 0.55f * fine + 0.45f * locks;
}

struct Raster {
  const float* screen;
  const int* tris;
  const int* parts;
  const float* rest;
  const float* params;
  uint64_t* keys;
  int vertices, triangles, height, width;
  int perspective;

  // Alpha test of the strand-like parts.
  FN bool open(int part, V3 r, const float* p) const {
    if (part == kLash) {  // sparse hairs that thin out away from the lid
      float lift = r.y > 7.28f ? (r.y - 7.31f) * 11.f : 0.55f + (7.24f - r.y) * 16.f;
      return noise(v3(r.x * 170.f, r.y * 4.f, 3.f)) > 0.05f - fmaxf(lift, 0.f) || p[P_LASH] < 0.5f;
    }
    if (part != kLongHair) return false;
    float ragged = noise(v3(atan2f(r.x, r.z - 0.45f) * 14.f, 1.f, p[P_HAIR_SEED])) * 0.22f;
    return r.y < p[P_HAIR_END] + ragged;
  }

  FN void operator()(long i) const {
    int b = int(i / triangles), t = int(i % triangles);
    const float* base = screen + long(b) * vertices * 3;
    const float *a = base + 3 * tris[3 * t], *c = base + 3 * tris[3 * t + 1], *d = base + 3 * tris[3 * t + 2];
    if (a[2] <= 0.01f || c[2] <= 0.01f || d[2] <= 0.01f) return;
    float area = (c[0] - a[0]) * (d[1] - a[1]) - (c[1] - a[1]) * (d[0] - a[0]);
    if (fabsf(area) < 1e-9f) return;
    int x0 = max(0, int(ceilf(fminf(a[0], fminf(c[0], d[0]))))), x1 = min(width - 1, int(floorf(fmaxf(a[0], fmaxf(c[0], d[0])))));
    int y0 = max(0, int(ceilf(fminf(a[1], fminf(c[1], d[1]))))), y1 = min(height - 1, int(floorf(fmaxf(a[1], fmaxf(c[1], d[1])))));
    float inv = 1.f / area;
    bool test = parts[t] == kLash || parts[t] == kLongHair;
    for (int y = y0; y <= y1; ++y)
      for (int x = x0; x <= x1; ++x) {
        float w1 = ((x - a[0]) * (d[1] - a[1]) - (y - a[1]) * (d[0] - a[0])) * inv;
        float w2 = ((c[0] - a[0]) * (y - a[1]) - (c[1] - a[1]) * (x - a[0])) * inv;
        float w0 = 1.f - w1 - w2;
        if (w0 < 0.f || w1 < 0.f || w2 < 0.f) continue;
        float depth = perspective ? 1.f / (w0 / a[2] + w1 / c[2] + w2 / d[2]) : w0 * a[2] + w1 * c[2] + w2 * d[2];
        if (parts[t] == kEye) depth += 0.012f;  // the coarse eyeball must not poke through the lids
        if (test) {
          V3 r = v3(rest + 3 * tris[3 * t]) * w0 + v3(rest + 3 * tris[3 * t + 1]) * w1 + v3(rest + 3 * tris[3 * t + 2]) * w2;
          if (open(parts[t], r, params + long(b) * P_COUNT)) continue;
        }
        uint32_t bits;
        __builtin_memcpy(&bits, &depth, 4);
        uint64_t key = uint64_t(bits) << 32 | uint32_t(t);
        uint64_t* slot = keys + (long(b) * height + y) * width + x;
#ifdef __CUDACC__
        atomicMin(reinterpret_cast<unsigned long long*>(slot), static_cast<unsigned long long>(key));
#else
        if (key < *slot) *slot = key;
#endif
      }
  }
};

struct Material {
  V3 albedo, normal;
  float gloss, strength, hair;
  int kind;
};

struct Shade {
  const float* screen;
  const int* tris;
  const int* parts;
  const float* rest;
  const float* attrs;
  const float* world;
  const float* normals;
  const float* params;
  const float* outline;  // lip outline on the rest mesh, [12,2]
  const uint64_t* keys;
  const uint64_t* shadow;
  uint8_t* out;  // [B,6,H,W]: R, G, B, alpha, class, region
  int vertices, height, width, shadow_size;

  FN float lip_distance(float x, float y) const {  // > 0 inside
    float best = 1e9f;
    bool in = false;
    for (int i = 0, j = 11; i < 12; j = i++) {
      float ax = outline[2 * j], ay = outline[2 * j + 1], bx = outline[2 * i], by = outline[2 * i + 1];
      float dx = bx - ax, dy = by - ay, t = clamp01(((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy));
      float ex = x - ax - t * dx, ey = y - ay - t * dy;
      best = fminf(best, ex * ex + ey * ey);
      if ((ay > y) != (by > y) && x < (bx - ax) * (y - ay) / (by - ay) + ax) in = !in;
    }
    return in ? sqrtf(best) : -sqrtf(best);
  }

  FN float brow_mask(V3 r, const float* p) const {
    if (r.z < 1.05f) return 0.f;
    float x = fabsf(r.x), t = (x - p[P_BROW_IN]) / (p[P_BROW_OUT] - p[P_BROW_IN]);
    float centre = 7.415f + p[P_BROW_Y] + p[P_BROW_TILT] * (t - 0.5f) + (0.065f + p[P_BROW_ARCH]) * (1.f - (t - 0.55f) * (t - 0.55f) * 3.6f);
    float half = p[P_BROW_WIDTH] * mix(1.f, 0.35f, clamp01(t)) * smooth(-0.12f, 0.1f, t) * smooth(1.15f, 0.8f, t);
    if (half < 0.003f) return 0.f;
    float off = fabsf(r.y - centre) / half, side = r.x > 0.f ? 40.f : 0.f;
    float hairs = noise(v3((x * 0.8f + (r.y - centre) * mix(-1.2f, 0.6f, t)) * 95.f, (r.y + x) * 9.f, side + p[P_SEED]));
    return smooth(1.25f, 0.35f, off + 0.25f * hairs) * clamp01(p[P_BROW_DENSITY] + 0.45f * hairs);
  }

  FN V3 bump(V3 n, V3 q, float frequency, float amount) const {
    V3 s = q * frequency;
    return unit(n + v3(noise(s), noise(s + v3(71.f, 3.f, 9.f)), noise(s + v3(5.f, 83.f, 41.f))) * amount);
  }

  FN Material skin(V3 r, V3 n, const float* a, const float* p) const {
    V3 q = r + v3(p + P_SEED);
    float ear = a[kEar], low = fbm(q * 4.f, 3), mid = fbm(q * 17.f, 2);
    V3 tone = mix(v3(p + P_RIM_TONE), v3(p + P_TONE), smooth(0.f, 1.f, a[kInner]));
    V3 c = tone * (1.f + p[P_BLOTCH] * (0.28f * low + 0.16f * mid) + p[P_PORES] * 0.10f * noise(q * 120.f));
    float red = p[P_BLUSH] * clamp01(a[kBlush] + 0.5f * ear + 0.3f * low);
    c = c * v3(1.f + 0.16f * red, 1.f - 0.22f * red, 1.f - 0.20f * red);
    float spots = noise(q * 46.f) * 0.6f + noise(q * 71.f) * 0.4f;
    float freckle = p[P_FRECKLES] * smooth(0.30f, 0.52f, spots) * smooth(0.1f, 0.7f, a[kBlush] + 0.25f * low);
    c = c * mix(v3(1.f, 1.f, 1.f), v3(0.62f, 0.47f, 0.38f), clamp01(freckle));
    V3 normal = bump(n, q, 85.f, 0.10f * p[P_PORES]);
    normal = bump(normal, q, 22.f, 0.05f + 0.05f * p[P_WRINKLES]);
    if (r.z > 1.1f && r.y > 7.5f && r.y < 7.95f)
      normal.y += p[P_WRINKLES] * 0.30f * sinf((r.y + 0.02f * noise(q * 6.f)) * 75.f) * smooth(0.5f, 0.1f, fabsf(r.x));
    float gloss = 18.f, strength = 0.10f + 0.45f * p[P_OIL] * (0.4f + clamp01(a[kBlush]));
    float ex = fabsf(r.x) - 0.315f, ey = r.y - 7.29f;
    float socket = expf(-(ex * ex * 28.f + ey * ey * 60.f)) * (r.z > 1.1f ? 1.f : 0.f);
    c = c * mix(v3(1.f, 1.f, 1.f), mix(v3(0.80f, 0.72f, 0.72f), v3(p + P_LIP) * 1.2f, p[P_MAKEUP] * (ey > 0.f ? 0.8f : 0.f)), 0.5f * socket);
    float lips = r.z > 1.30f ? lip_distance(r.x, r.y) : -1.f;
    int kind = a[kEar] < 0.5f && a[kInner] > 0.02f ? kFace : kBody;
    if (lips > -0.05f) {
      float on = smooth(-p[P_LIP_EDGE], p[P_LIP_EDGE], lips);
      float lines = noise(v3(r.x * 70.f, r.y * 8.f, p[P_SEED]));
      c = mix(c, v3(p + P_LIP) * (1.f + 0.15f * lines + 0.15f * low), on);
      gloss = mix(gloss, 45.f, on), strength = mix(strength, 0.30f, on);
      normal = unit(normal + v3(0.12f * lines * on, 0.f, 0.f));
      if (lips > 0.02f && r.z < 1.46f - 0.9f * fabsf(r.x)) return Material{c * 0.30f, n, 40.f, 0.3f, 0.f, kFace};
    }
    float brow = brow_mask(r, p);
    c = mix(c, v3(p + P_BROW), brow), strength *= 1.f - 0.7f * brow;
    float beard = 0.f;
    if (a[kBeard] > 0.01f || p[P_MOUSTACHE] > 0.f) {
      float where = smooth(0.05f, 0.55f, a[kBeard] + 0.25f * mid) * (p[P_BEARD_KIND] > 0.5f ? smooth(0.36f, 0.22f, fabsf(r.x)) : 1.f);
      float my = r.y - 6.745f + 0.12f * fabsf(r.x);
      where = fmaxf(where, p[P_MOUSTACHE] * smooth(0.075f, 0.035f, fabsf(my)) * smooth(0.30f, 0.20f, fabsf(r.x)) * (r.z > 1.2f ? 1.f : 0.f));
      where *= 1.f - smooth(-0.015f, 0.01f, lips);
      float hairs = noise(v3(r.x * 85.f, r.y * 30.f, r.z * 60.f)), dots = noise(q * 150.f);
      beard = where * fmaxf(p[P_BEARD_ON] * clamp01(0.75f + 0.5f * hairs), p[P_STUBBLE] * clamp01(0.35f + 0.45f * dots));
      c = mix(c, v3(p + P_BEARD) * (1.f + 0.35f * hairs), beard), strength *= 1.f - 0.8f * beard;
      normal = unit(normal + v3(hairs, 0.f, dots) * (0.35f * beard * p[P_BEARD_ON]));
    }
    float edge = a[kScalp] + p[P_HAIRLINE];
    if (edge > -0.12f && p[P_HAIR_ON] > 0.f && ear < 0.6f) {
      float s = strands(r, p), on = smooth(-0.05f, 0.07f, edge + 0.10f * s) * p[P_HAIR_ON];
      if (on > 0.02f) {
        V3 h = hair_colour(s, r, p);
        c = mix(c, h, on), strength *= 1.f - on;
        normal = unit(normal + v3(s, 0.25f * s, noise(r * 30.f)) * (0.45f * on));
        if (on > 0.5f) return Material{c, normal, 0.f, 0.f, on, kHair};
      }
    }
    float limit = p[P_NECKLINE] + p[P_COLLAR] * fabsf(r.x) + 0.35f * smooth(0.6f, -0.2f, r.z);
    if (r.y < limit) return cloth(r, n, limit - r.y, p);
    return Material{c, normal, gloss, strength, 0.f, kind};
  }

  FN V3 hair_colour(float s, V3 r, const float* p) const {
    float grey = p[P_HAIR_GREY] * smooth(-0.6f, 0.6f, s + 0.5f * noise(r * 9.f));
    V3 h = mix(v3(p + P_HAIR), v3(p + P_HAIR_TIP), clamp01(0.4f + 0.8f * s));
    return mix(h, v3(0.50f, 0.49f, 0.47f), grey) * (0.75f + 0.45f * s);
  }

  FN Material cloth(V3 r, V3 n, float below, const float* p) const {
    float k = p[P_PATTERN], f = p[P_PATTERN_SCALE], m = 0.f;
    if (k > 2.5f) m = smooth(0.1f, 0.2f, fbm(r * f, 3));
    else if (k > 1.5f) m = 0.5f * (sinf(r.x * f * 6.f) > 0.6f) + 0.5f * (sinf(r.y * f * 6.f) > 0.6f);
    else if (k > 0.5f) m = sinf(r.y * f * 5.f) > 0.f ? 1.f : 0.f;
    V3 c = mix(v3(p + P_CLOTH), v3(p + P_CLOTH2), m) * (0.9f + 0.15f * noise(r * 60.f) + 0.2f * fbm(r * 3.f, 2));
    if (below < 0.06f) c = c * (below < 0.012f ? 0.45f : 0.82f);
    return Material{c, bump(bump(n, r, 3.f, 0.28f), r, 50.f, 0.12f), 8.f, 0.04f, 0.f, kCloth};
  }

  FN Material eye(V3 r, V3 n, const float* p) const {
    V3 d = unit(r - v3(p + (r.x > 0.f ? P_EYE_L : P_EYE_R)));
    float gx = p[P_GAZE_X], gy = p[P_GAZE_Y];
    V3 g = unit(v3(gx, gy, 1.f));
    float angle = acosf(fminf(dot(d, g), 1.f)), turn = atan2f(d.y - g.y, d.x - g.x);
    V3 white = mix(v3(0.80f, 0.76f, 0.74f), v3(0.70f, 0.52f, 0.48f), p[P_SCLERA] * smooth(0.45f, 1.1f, angle));
    float veins = smooth(0.28f, 0.40f, fbm(r * 42.f + v3(p + P_SEED), 3)) * smooth(0.55f, 0.9f, angle);
    white = mix(white, v3(0.60f, 0.30f, 0.28f), 0.35f * veins * p[P_SCLERA]);
    float fibre = noise(v3(turn * 9.f, angle * 6.f, p[P_SEED])) * 0.5f + noise(v3(turn * 22.f, angle * 9.f, p[P_SEED])) * 0.5f;
    V3 iris = v3(p + P_IRIS) * (1.f + 0.45f * fibre + 0.6f * smooth(0.34f, 0.20f, angle)) * mix(1.f, 0.35f, smooth(0.40f, 0.50f, angle));
    V3 c = mix(iris, white, smooth(0.47f, 0.53f, angle));
    c = mix(v3(0.008f, 0.007f, 0.007f), c, smooth(p[P_PUPIL] - 0.03f, p[P_PUPIL] + 0.03f, angle));
    c = c * mix(1.f, 0.45f, smooth(0.25f, 0.85f, d.y)) * mix(1.f, 0.75f, smooth(0.55f, 0.95f, fabsf(d.x)));
    return Material{c, n, 220.f, 1.6f, 0.f, kEyeball};
  }

  FN Material material(int part, V3 r, V3 n, const float* a, const float* p) const {
    switch (part) {
      case kEye: return eye(r, n, p);
      case kTeeth: {
        bool upper = r.y > 6.655f;
        float bite = upper ? r.y - 6.60f : 6.71f - r.y, gap = fabsf(sinf(r.x * 36.f));
        V3 c = mix(v3(0.30f, 0.10f, 0.10f), v3(0.60f, 0.55f, 0.46f) * smooth(0.f, 0.2f, gap), bite < 0.105f ? 1.f : 0.f);
        return Material{c * smooth(1.0f, 1.45f, r.z), n, 60.f, 0.3f, 0.f, kMouth};
      }
      case kTongue: return Material{v3(0.42f, 0.16f, 0.15f), n, 40.f, 0.4f, 0.f, kMouth};
      case kLash: return Material{v3(0.012f, 0.010f, 0.009f), n, 8.f, 0.02f, 0.f, kFace};
      case kLongHair: {
        float s = strands(r, p);
        return Material{hair_colour(s, r, p), unit(n + v3(s, 0.f, noise(r * 30.f)) * 0.5f), 0.f, 0.f, 1.f, kHair};
      }
      case kGlasses: return Material{v3(p + P_FRAME), n, 90.f, 0.9f, 0.f, kFrame};
      case kLens: return Material{v3(p + P_LENS) * (1.f + 0.8f * clamp01((r.y - 7.1f) * 2.f)), n, 260.f, 2.5f, 0.f, kFrame};
      default: return skin(r, n, a, p);
    }
  }

  // All borders lie on the rest mesh, so they move with the face.
  FN int region(int kind, V3 r, const float* a, const float* p) const {
    bool left = r.x > 0.f;
    switch (kind) {
      case kHair: return kHairRegion;
      case kCloth: return kClothes;
      case kFrame: return kSpectacles;
      case kEyeball: return left ? kLeftEye : kRightEye;
      case kMouth: return kMouthInside;
      case kBody: break;
      default:
        if (r.z > 1.30f) {
          float lips = lip_distance(r.x, r.y);
          if (lips > 0.02f && r.z < 1.46f - 0.9f * fabsf(r.x)) return kMouthInside;
          if (lips > 0.f) return r.y > 6.603f ? kUpperLip : kLowerLip;
        }
        if (brow_mask(r, p) > 0.4f) return left ? kLeftBrow : kRightBrow;
        if (r.z > 1.2f && r.y > 6.80f && r.y < 7.27f && fabsf(r.x) < mix(0.06f, 0.168f, smooth(7.15f, 6.92f, r.y))) return kNose;
    }
    if (a[kEar] > 0.5f) return left ? kLeftEar : kRightEar;
    return r.y < fminf(6.13f + 0.72f * (1.38f - r.z), 7.f) ? kNeck : kSkinRegion;
  }

  FN float lit(V3 w, V3 n, int b, const float* p) const {
    V3 d = w - v3(p + P_SHADOW_C);
    float s = p[P_SHADOW_SCALE], u = (dot(d, v3(p + P_SHADOW_U)) * s + 0.5f) * shadow_size;
    float v = (dot(d, v3(p + P_SHADOW_V)) * s + 0.5f) * shadow_size;
    float depth = 8.f - dot(d, v3(p + P_SHADOW_D)) - 0.035f, sum = 0.f, soft = p[P_SHADOW_SOFT];
    for (int j = -2; j <= 2; ++j)
      for (int i = -2; i <= 2; ++i) {
        int x = int(u + i * soft + 0.5f), y = int(v + j * soft + 0.5f);
        if (x < 0 || y < 0 || x >= shadow_size || y >= shadow_size) {
          sum += 1.f;
          continue;
        }
        uint64_t key = shadow[(long(b) * shadow_size + y) * shadow_size + x];
        uint32_t bits = uint32_t(key >> 32);
        float z;
        __builtin_memcpy(&z, &bits, 4);
        sum += key == kEmpty || z > depth ? 1.f : 0.f;
      }
    return mix(1.f, sum / 25.f, p[P_SHADOW_STRENGTH]);
  }

  FN V3 direct(const Material& m, V3 n, V3 view, V3 dir, V3 rgb, float visible) const {
    float nl = dot(n, dir);
    if (m.hair > 0.5f) {  // strands scatter along their tangent, which runs down the head
      V3 down = v3(0.f, -1.f, 0.f), t = unit(down - n * dot(down, n));
      V3 h = unit(dir + view);
      float th = dot(t, h), spec = powf(sqrtf(fmaxf(1.f - th * th, 0.f)), 60.f);
      return rgb * visible * clamp01(0.25f + 0.75f * nl) * (m.albedo + (m.albedo * 2.f + v3(0.03f, 0.03f, 0.03f)) * spec * m.strength);
    }
    bool soft = m.kind == kFace || m.kind == kBody;
    V3 wrap = soft ? v3(0.34f, 0.16f, 0.10f) : v3(0.05f, 0.05f, 0.05f);
    V3 d = v3(clamp01((nl + wrap.x) / (1.f + wrap.x)), clamp01((nl + wrap.y) / (1.f + wrap.y)), clamp01((nl + wrap.z) / (1.f + wrap.z)));
    V3 h = unit(dir + view);
    float nh = fmaxf(dot(n, h), 0.f), f = 0.04f + 0.96f * powf(1.f - clamp01(dot(h, view)), 5.f);
    float spec = nl > 0.f ? powf(nh, m.gloss) * (m.gloss + 8.f) * 0.04f * m.strength * (f + 0.25f) : 0.f;
    return (m.albedo * d + v3(spec, spec, spec)) * rgb * visible;
  }

  FN void operator()(long i) const {
    long plane = long(height) * width;
    int b = int(i / plane), pixel = int(i % plane), y = pixel / width, x = pixel % width;
    uint8_t* o = out + long(b) * 6 * plane + pixel;
    uint64_t key = keys[i];
    if (key == kEmpty) {
      for (int c = 0; c < 6; ++c) o[c * plane] = 0;
      return;
    }
    int t = int(key & 0xffffffffu), ia = tris[3 * t], ib = tris[3 * t + 1], ic = tris[3 * t + 2];
    long vb = long(b) * vertices;
    const float *sa = screen + 3 * (vb + ia), *sb = screen + 3 * (vb + ib), *sc = screen + 3 * (vb + ic);
    float inv = 1.f / ((sb[0] - sa[0]) * (sc[1] - sa[1]) - (sb[1] - sa[1]) * (sc[0] - sa[0]));
    float w1 = ((x - sa[0]) * (sc[1] - sa[1]) - (y - sa[1]) * (sc[0] - sa[0])) * inv / sb[2];
    float w2 = ((sb[0] - sa[0]) * (y - sa[1]) - (sb[1] - sa[1]) * (x - sa[0])) * inv / sc[2];
    float w0 = (1.f - w1 * sb[2] - w2 * sc[2]) / sa[2], sum = 1.f / (w0 + w1 + w2);
    w0 *= sum, w1 *= sum, w2 *= sum;
    V3 r = v3(rest + 3 * ia) * w0 + v3(rest + 3 * ib) * w1 + v3(rest + 3 * ic) * w2;
    V3 w = v3(world + 3 * (vb + ia)) * w0 + v3(world + 3 * (vb + ib)) * w1 + v3(world + 3 * (vb + ic)) * w2;
    V3 n = v3(normals + 3 * (vb + ia)) * w0 + v3(normals + 3 * (vb + ib)) * w1 + v3(normals + 3 * (vb + ic)) * w2;
    float a[kAttrs];
    for (int k = 0; k < kAttrs; ++k) a[k] = attrs[ia * kAttrs + k] * w0 + attrs[ib * kAttrs + k] * w1 + attrs[ic * kAttrs + k] * w2;
    const float* p = params + long(b) * P_COUNT;
    V3 view = v3(0.f, 0.f, 1.f);
    n = unit(n);
    if (n.z < -0.05f) n = n * -1.f;
    Material m = material(parts[t], r, n, a, p);
    m.normal = unit(m.normal);
    if (m.kind == kHair) m.strength = p[P_HAIR_GLOSS];
    float ao = clamp01(a[kAo]), up = 0.5f + 0.5f * m.normal.y;
    V3 c = m.albedo * mix(v3(p + P_GROUND), v3(p + P_SKY), up) * mix(0.35f, 1.f, ao);
    c = c + direct(m, m.normal, view, v3(p + P_LIGHT0_DIR), v3(p + P_LIGHT0_RGB), lit(w, n, b, p));
    c = c + direct(m, m.normal, view, v3(p + P_LIGHT1_DIR), v3(p + P_LIGHT1_RGB), ao);
    c = c + direct(m, m.normal, view, v3(p + P_LIGHT2_DIR), v3(p + P_LIGHT2_RGB), ao);
    c = c * p[P_EXPOSURE];
    float rgb[3] = {c.x * (1.f + p[P_WARMTH]), c.y, c.z * (1.f - p[P_WARMTH])};
    for (int k = 0; k < 3; ++k) {
      float v = rgb[k];
      v = v < 0.7f ? v : 1.f - 0.3f * expf(-(v - 0.7f) / 0.3f);
      v = v <= 0.0031308f ? 12.92f * v : 1.055f * powf(v, 1.f / 2.4f) - 0.055f;
      v = 0.45f + (v - 0.45f) * p[P_CONTRAST];
      o[k * plane] = uint8_t(clamp01(v) * 255.f + 0.5f);
    }
    o[3 * plane] = 255;
    o[4 * plane] = uint8_t(m.kind);
    o[5 * plane] = uint8_t(region(m.kind, r, a, p));
  }
};

#ifdef __CUDACC__
template <typename F>
__global__ void spread(long count, F f) {
  long i = blockIdx.x * long(blockDim.x) + threadIdx.x;
  if (i < count) f(i);
}
template <typename F>
int for_each(long count, long, F f) {
  spread<<<unsigned((count + 127) / 128), 128>>>(count, f);
  return int(cudaGetLastError());
}
#else
// `group` consecutive indices stay on one thread: triangles of one picture write to the same keys.
template <typename F>
int for_each(long count, long group, F f) {
  long groups = (count + group - 1) / group;
#pragma omp parallel for schedule(dynamic, 1)
  for (long g = 0; g < groups; ++g)
    for (long i = g * group; i < min(count, (g + 1) * group); ++i) f(i);
  return 0;
}
#endif

}  // namespace

extern "C" int raster(const float* screen, const int* tris, const int* parts, const float* rest, const float* params, uint64_t* keys,
                      int batch, int vertices, int triangles, int height, int width, int perspective) {
  Raster f{screen, tris, parts, rest, params, keys, vertices, triangles, height, width, perspective};
  return for_each(long(batch) * triangles, triangles, f);
}

extern "C" int shade(const float* screen, const int* tris, const int* parts, const float* rest, const float* attrs, const float* world,
                     const float* normals, const float* params, const float* outline, const uint64_t* keys, const uint64_t* shadow,
                     uint8_t* out, int batch, int vertices, int height, int width, int shadow_size) {
  Shade f{screen, tris, parts, rest, attrs, world, normals, params, outline, keys, shadow, out, vertices, height, width, shadow_size};
  return for_each(long(batch) * height * width, width, f);
}
