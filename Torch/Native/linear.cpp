// Products of two large matrices and dense layers, divided among threads by blocks that stay in the cache.
//
// libtorch hands a product to the BLAS as a whole, and OpenBLAS 0.3.21 divides the products of small networks badly: (5000, 2) by (2, 128) takes 85 us on one thread and 177 on
// two (30 here), the gradient of a layer's weights, (128, 5000) by (5000, 128), 977 (830 here). oneDNN divides them as well as is done here. A layer's bias is written to a block
// just before the block is multiplied onto it. The operators keep their names, so that autograd and every caller find these kernels; what they do not apply to goes to libtorch's own.
#include <torch/version.h>
#if TORCH_VERSION_MAJOR == 1 // later versions are built with MKL or multiply through oneDNN themselves
#include "kernels.h"
#include "matrix.h"
#include <ATen/CPUFunctions.h>
#include <cstring>
#include <vector>

using namespace hybrid;

namespace {

// out (n, m) = bias + a b, rows divided among the threads. The bias may be null.
void byRows(float* out, const float* bias, const Factor& a, const Factor& b, int64_t n, int64_t k, int64_t m) {
    auto rows = [&](int64_t from, int64_t to) {
        if (bias)
            for (int64_t i = from; i < to; i++) std::memcpy(out + i * m, bias, m * sizeof(float));
        product(out + from * m, m, a.row(from), b.data, a, b, to - from, k, m, bias ? 1 : 0);
    };
    const Blocks blocks(n, k + m);
    if (n * k * m < divisible || blocks.count == 1) return rows(0, n); // the BLAS may still divide it its own way
    at::parallel_for(0, blocks.count, 1, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; i++) rows(i * blocks.size, std::min(n, (i + 1) * blocks.size));
    });
}

// out (n, m) = a b where k is long and the result small: each thread sums over a part of k, then the parts are added in order.
void byInner(float* out, const Factor& a, const Factor& b, int64_t n, int64_t k, int64_t m) {
    const int64_t threads = at::get_num_threads(), part = (k + threads - 1) / threads, parts = (k + part - 1) / part;
    std::vector<float> others((parts - 1) * n * m);
    at::parallel_for(0, parts, 1, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; i++) {
            const int64_t from = i * part, to = std::min(k, from + part);
            product(i == 0 ? out : others.data() + (i - 1) * n * m, m, a.column(from), b.row(from), a, b, n, to - from, m, 0);
        }
    });
    for (int64_t i = 1; i < parts; i++) {
        const float* other = others.data() + (i - 1) * n * m;
        for (int64_t j = 0; j < n * m; j++) out[j] += other[j];
    }
}

bool prepare(const at::Tensor& a, const at::Tensor& b, Factor& fa, Factor& fb) {
    return a.dim() == 2 && b.dim() == 2 && a.size(1) == b.size(0) && describe(a, fa) && describe(b, fb); // libtorch says what is wrong
}

at::Tensor mm(const at::Tensor& a, const at::Tensor& b) {
    Factor fa, fb;
    if (!prepare(a, b, fa, fb)) return at::cpu::mm(a, b);
    const int64_t n = a.size(0), k = a.size(1), m = b.size(1), threads = at::get_num_threads();
    auto out = at::empty({n, m}, a.options());
    if (threads > 1 && n * k * m >= divisible && k >= 4 * std::max(n, m)) byInner(out.data_ptr<float>(), fa, fb, n, k, m);
    else byRows(out.data_ptr<float>(), nullptr, fa, fb, n, k, m);
    return out;
}

at::Tensor addmm(const at::Tensor& self, const at::Tensor& a, const at::Tensor& b, const at::Scalar& beta, const at::Scalar& alpha) {
    Factor fa, fb;
    const bool isBias = self.scalar_type() == at::kFloat && self.device().is_cpu() && self.layout() == c10::kStrided && !self.is_neg() && self.dim() == 1
        && (self.stride(0) == 1 || self.size(0) == 1) && b.dim() == 2 && self.size(0) == b.size(1);
    if (!isBias || beta.isComplex() || alpha.isComplex() || beta.toDouble() != 1 || alpha.toDouble() != 1 || !prepare(a, b, fa, fb))
        return at::cpu::addmm(self, a, b, beta, alpha);
    auto out = at::empty({a.size(0), b.size(1)}, a.options());
    byRows(out.data_ptr<float>(), self.data_ptr<float>(), fa, fb, a.size(0), a.size(1), b.size(1));
    return out;
}

const Kernels kernels([](torch::Library& library) {
    library.impl("mm", mm);
    library.impl("addmm", addmm);
});

}  // namespace
#endif
