// Products of many matrices and the normalisation of many channels, for ensembles: libtorch 1.13 without MKL multiplies a batch one matrix after another
// through its whole call path, and normalises contiguous channels with scalar loops in double precision. The operators keep their names, so that
// autograd and every caller find these kernels; what they do not apply to goes to libtorch's own.
#include <torch/version.h>
#if TORCH_VERSION_MAJOR == 1 // later versions, and those with MKL, have kernels of their own for these
#include "kernels.h"
#include "matrix.h"
#include <ATen/CPUFunctions.h>
#include <ATen/Parallel.h>
#include <cmath>

using namespace hybrid;

namespace {

// out[i] = beta · out[i] + a[i] b[i]; one thread takes whole matrices where there are enough of them.
void multiply(float* out, const Factor& a, const Factor& b, int64_t batch, int64_t n, int64_t k, int64_t m, bool isFilled) {
    auto range = [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; i++) product(out + i * n * m, m, a.data + i * a.step, b.data + i * b.step, a, b, n, k, m, isFilled ? 1 : 0);
    };
    if (batch >= at::get_num_threads()) at::parallel_for(0, batch, 1, range);
    else range(0, batch);
}

bool prepare(const at::Tensor& a, const at::Tensor& b, Factor& fa, Factor& fb) {
    if (a.dim() != 3 || b.dim() != 3 || a.size(0) != b.size(0) || a.size(2) != b.size(1)) return false; // libtorch says what is wrong
    return a.size(0) > 0 && describe(a, fa) && describe(b, fb);
}

at::Tensor bmm(const at::Tensor& a, const at::Tensor& b) {
    Factor fa, fb;
    if (!prepare(a, b, fa, fb)) return at::cpu::bmm(a, b);
    auto out = at::empty({a.size(0), a.size(1), b.size(2)}, a.options());
    multiply(out.data_ptr<float>(), fa, fb, a.size(0), a.size(1), a.size(2), b.size(2), false);
    return out;
}

at::Tensor baddbmm(const at::Tensor& self, const at::Tensor& a, const at::Tensor& b, const at::Scalar& beta, const at::Scalar& alpha) {
    Factor fa, fb;
    if (self.scalar_type() != at::kFloat || !self.device().is_cpu() || self.layout() != c10::kStrided || beta.isComplex() || alpha.isComplex() || beta.toDouble() != 1
        || alpha.toDouble() != 1 || !prepare(a, b, fa, fb) || !at::is_expandable_to(self.sizes(), {a.size(0), a.size(1), b.size(2)}))
        return at::cpu::baddbmm(self, a, b, beta, alpha);
    auto out = at::empty({a.size(0), a.size(1), b.size(2)}, a.options());
    out.copy_(self);
    multiply(out.data_ptr<float>(), fa, fb, a.size(0), a.size(1), a.size(2), b.size(2), true);
    return out;
}

// ---- Batch normalisation (Ioffe and Szegedy 2015) of float32 maps (N, C, …) whose channels are rows of memory.

constexpr int lanes = 16;

struct Map {
    int64_t images, channels, size;
};

// Σ f over one channel, in double precision by lanes.
#define HYBRID_VECTORISED __attribute__((target_clones("arch=x86-64-v3", "default")))

HYBRID_VECTORISED double sum(const float* __restrict x, int64_t n) {
    double s[lanes] = {};
    int64_t i = 0;
    for (; i + lanes <= n; i += lanes)
        for (int j = 0; j < lanes; j++) s[j] += x[i + j];
    double total = 0;
    for (int j = 0; j < lanes; j++) total += s[j];
    for (; i < n; i++) total += x[i];
    return total;
}

HYBRID_VECTORISED double squares(const float* __restrict x, int64_t n, double mean) {
    double s[lanes] = {};
    int64_t i = 0;
    for (; i + lanes <= n; i += lanes)
        for (int j = 0; j < lanes; j++) {
            const double d = x[i + j] - mean;
            s[j] += d * d;
        }
    double total = 0;
    for (int j = 0; j < lanes; j++) total += s[j];
    for (; i < n; i++) total += (x[i] - mean) * (x[i] - mean);
    return total;
}

HYBRID_VECTORISED void scale(const float* __restrict x, float* __restrict y, int64_t n, float slope, float offset) {
    for (int64_t i = 0; i < n; i++) y[i] = x[i] * slope + offset;
}

// Σ g and Σ (x − mean) g.
HYBRID_VECTORISED void moments(const float* __restrict g, const float* __restrict x, int64_t n, double mean, double& gradients, double& products) {
    double s[lanes] = {}, p[lanes] = {};
    int64_t i = 0;
    for (; i + lanes <= n; i += lanes)
        for (int j = 0; j < lanes; j++) {
            s[j] += g[i + j];
            p[j] += g[i + j] * (x[i + j] - mean);
        }
    for (int j = 0; j < lanes; j++) gradients += s[j], products += p[j];
    for (; i < n; i++) gradients += g[i], products += g[i] * (x[i] - mean);
}

// (g − mean(g) − (x − mean) k) · slope
HYBRID_VECTORISED void project(const float* __restrict g, const float* __restrict x, float* __restrict out, int64_t n, float meanOfG, float mean, float k, float slope) {
    for (int64_t i = 0; i < n; i++) out[i] = (g[i] - meanOfG - (x[i] - mean) * k) * slope;
}

bool isVector(const c10::optional<at::Tensor>& t, int64_t n) {
    return !t || !t->defined() || (t->scalar_type() == at::kFloat && t->device().is_cpu() && t->is_contiguous() && t->numel() == n);
}

float* dataOf(const c10::optional<at::Tensor>& t) { return t && t->defined() ? t->data_ptr<float>() : nullptr; }

bool isMap(const at::Tensor& x, Map& map) {
    if (x.dim() < 3 || !x.device().is_cpu() || x.layout() != c10::kStrided || x.scalar_type() != at::kFloat || !x.is_contiguous() || x.numel() == 0) return false;
    map = {x.size(0), x.size(1), x.numel() / (x.size(0) * x.size(1))};
    return map.size >= lanes;
}

template <class F> void overChannels(const Map& map, F&& channel) {
    const int64_t grain = std::max<int64_t>(1, 16384 / (map.images * map.size));
    at::parallel_for(0, map.channels, grain, [&](int64_t begin, int64_t end) {
        for (int64_t c = begin; c < end; c++) channel(c);
    });
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> normalise(const at::Tensor& input, const c10::optional<at::Tensor>& weight, const c10::optional<at::Tensor>& bias,
                                                         const c10::optional<at::Tensor>& runningMean, const c10::optional<at::Tensor>& runningVariance, bool training,
                                                         double momentum, double eps) {
    Map map;
    if (!training || !isMap(input, map) || !isVector(weight, map.channels) || !isVector(bias, map.channels) || !isVector(runningMean, map.channels)
        || !isVector(runningVariance, map.channels))
        return at::cpu::native_batch_norm(input, weight, bias, runningMean, runningVariance, training, momentum, eps);
    auto output = at::empty_like(input);
    auto means = at::empty({map.channels}, input.options()), deviations = at::empty({map.channels}, input.options());
    const float *x = input.data_ptr<float>(), *w = dataOf(weight), *b = dataOf(bias);
    float *y = output.data_ptr<float>(), *mean = means.data_ptr<float>(), *inverse = deviations.data_ptr<float>();
    float *meanSoFar = dataOf(runningMean), *varianceSoFar = dataOf(runningVariance);
    const int64_t count = map.images * map.size, image = map.channels * map.size;
    overChannels(map, [&](int64_t c) {
        double total = 0, square = 0;
        for (int64_t n = 0; n < map.images; n++) total += sum(x + n * image + c * map.size, map.size);
        const double centre = total / count;
        for (int64_t n = 0; n < map.images; n++) square += squares(x + n * image + c * map.size, map.size, centre);
        const double inverseDeviation = 1 / std::sqrt(square / count + eps);
        mean[c] = float(centre);
        inverse[c] = float(inverseDeviation);
        if (meanSoFar) meanSoFar[c] = float(momentum * centre + (1 - momentum) * meanSoFar[c]);
        if (varianceSoFar) varianceSoFar[c] = float(momentum * square / (count - 1) + (1 - momentum) * varianceSoFar[c]);
        const float slope = inverse[c] * (w ? w[c] : 1), offset = (b ? b[c] : 0) - mean[c] * slope;
        for (int64_t n = 0; n < map.images; n++) scale(x + n * image + c * map.size, y + n * image + c * map.size, map.size, slope, offset);
    });
    return {output, means, deviations};
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> normaliseBackward(const at::Tensor& gradient, const at::Tensor& input, const c10::optional<at::Tensor>& weight,
                                                                 const c10::optional<at::Tensor>& runningMean, const c10::optional<at::Tensor>& runningVariance,
                                                                 const c10::optional<at::Tensor>& savedMean, const c10::optional<at::Tensor>& savedInverse, bool training,
                                                                 double eps, std::array<bool, 3> wanted) {
    Map map;
    if (!training || !isMap(input, map) || !isVector(weight, map.channels) || !isVector(savedMean, map.channels) || !isVector(savedInverse, map.channels)
        || !dataOf(savedMean) || !dataOf(savedInverse) || gradient.scalar_type() != at::kFloat || gradient.sizes() != input.sizes() || !gradient.device().is_cpu()
        || gradient.layout() != c10::kStrided)
        return at::cpu::native_batch_norm_backward(gradient, input, weight, runningMean, runningVariance, savedMean, savedInverse, training, eps, wanted);
    const auto rows = gradient.contiguous();
    auto toInput = wanted[0] ? at::empty_like(input) : at::Tensor();
    auto toWeight = wanted[1] ? at::empty({map.channels}, input.options()) : at::Tensor();
    auto toBias = wanted[2] ? at::empty({map.channels}, input.options()) : at::Tensor();
    const float *g = rows.data_ptr<float>(), *x = input.data_ptr<float>(), *w = dataOf(weight), *mean = dataOf(savedMean), *inverse = dataOf(savedInverse);
    float *out = wanted[0] ? toInput.data_ptr<float>() : nullptr, *scales = wanted[1] ? toWeight.data_ptr<float>() : nullptr, *shifts = wanted[2] ? toBias.data_ptr<float>() : nullptr;
    const int64_t count = map.images * map.size, image = map.channels * map.size;
    overChannels(map, [&](int64_t c) {
        double gradients = 0, products = 0;
        for (int64_t n = 0; n < map.images; n++) {
            const int64_t start = n * image + c * map.size;
            moments(g + start, x + start, map.size, mean[c], gradients, products);
        }
        if (scales) scales[c] = float(products * inverse[c]);
        if (shifts) shifts[c] = float(gradients);
        if (!out) return;
        const float k = float(products / count * inverse[c] * inverse[c]), slope = inverse[c] * (w ? w[c] : 1);
        for (int64_t n = 0; n < map.images; n++) {
            const int64_t start = n * image + c * map.size;
            project(g + start, x + start, out + start, map.size, float(gradients / count), mean[c], k, slope);
        }
    });
    return {toInput, toWeight, toBias};
}

const Kernels kernels([](torch::Library& library) {
    library.impl("bmm", bmm);
    library.impl("baddbmm", baddbmm);
    library.impl("native_batch_norm", normalise);
    library.impl("native_batch_norm_backward", normaliseBackward);
});

}  // namespace
#endif
