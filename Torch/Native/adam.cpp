// Adam and AdamW over a list of parameters in one pass over memory each, in the order of operations of PyTorch's single-tensor form:
//   g ← −g when maximising;  AdamW: p ← p (1 − lr λ);  Adam: g ← g + λ p
//   m ← β₁ m + (1 − β₁) g;   v ← β₂ v + (1 − β₂) g²
//   p ← p − lr / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε)          Kingma and Ba 2015, Loshchilov and Hutter 2019
#include "value.h"
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <cmath>
#ifdef __SSE__
#include <xmmintrin.h>
#endif

using namespace hybrid;

namespace {

struct Coefficients {
    double decay, weightDecay, beta1, oneMinusBeta1, beta2, oneMinusBeta2, stepSize, rootCorrection2, epsilon;
    bool negate;
};

// Contraction follows what libtorch's AVX2 kernels do, so that results agree with the separate operations (measured: to 3e-7 in float32,
// 1e-15 in float64): add(alpha) is a fused multiply-add, addcmul and addcdiv are not. The build says -ffp-contract=off for this, and
// -fno-math-errno, without which the square root keeps the loop from being vectorised. A clone for arch=x86-64-v3 is chosen by what
// the processor can do (AVX2, FMA); one for a named processor would be chosen on that one only.
template <class T>
__attribute__((target_clones("arch=x86-64-v3", "default")))
void update(T* __restrict p, const T* __restrict gradient, T* __restrict m, T* __restrict v, T* __restrict largest, int64_t n, const Coefficients& c) {
    const T decay = c.decay, lambda = c.weightDecay, beta1 = c.beta1, a1 = c.oneMinusBeta1, beta2 = c.beta2, a2 = c.oneMinusBeta2;
    const T step = -c.stepSize, root = c.rootCorrection2, epsilon = c.epsilon;
    const T sign = c.negate ? -1 : 1;
    for (int64_t i = 0; i < n; i++) {
        T g = gradient[i] * sign;
        T w = p[i] * decay;
        g = std::fma(w, lambda, g);
        const T first = std::fma(g, a1, m[i] * beta1);
        const T second = v[i] * beta2 + a2 * g * g;
        m[i] = first;
        v[i] = second;
        T scale = second;
        if (largest) {
            scale = largest[i] > second ? largest[i] : second;
            largest[i] = scale;
        }
        const T denominator = std::sqrt(scale) / root + epsilon;
        p[i] = w + step * (first / denominator);
    }
}

// Moments of weights without gradients (dead units, frozen inputs) decay into denormal numbers, on which each operation costs a hundred times
// as much. They count as zero here; with epsilon > 0 a step cannot tell them from zero.
class FlushDenormals {
#ifdef __SSE__
    unsigned saved_ = _mm_getcsr();
public:
    explicit FlushDenormals(bool wanted) { if (wanted) _mm_setcsr(saved_ | 0x8040); }
    ~FlushDenormals() { _mm_setcsr(saved_); }
#else
public:
    explicit FlushDenormals(bool) {}
#endif
};

bool eligible(const at::Tensor& t, const at::Tensor& like) {
    return t.defined() && t.device().is_cpu() && t.layout() == c10::kStrided && t.is_contiguous() && t.scalar_type() == like.scalar_type() && t.numel() == like.numel();
}

}  // namespace

// Updates every parameter that has a gradient and counts its step. `largest` may be null (no AMSGrad). Returns 1 when done, 0 when some tensor
// is not a contiguous float32 or float64 CPU tensor (nothing is changed then), -1 with a message.
HYBRID_API int32_t hybrid_adam_step(void* const* parameters, void* const* first, void* const* second, void* const* largest, int64_t* steps, int32_t count,
                                    double lr, double beta1, double beta2, double epsilon, double weightDecay, int32_t decoupled, int32_t maximize) {
    return guarded<int32_t>(-1, [&]() -> int32_t {
        struct Item { at::Tensor p, g, m, v, largest; int64_t* step; };
        std::vector<Item> items;
        items.reserve(count);
        for (int32_t i = 0; i < count; i++) {
            auto p = borrow(parameters[i]);
            auto g = p.grad();
            if (!g.defined()) continue;
            Item item{p, g, borrow(first[i]), borrow(second[i]), largest ? borrow(largest[i]) : at::Tensor(), steps + i};
            if (!eligible(p, p) || (p.scalar_type() != at::kFloat && p.scalar_type() != at::kDouble) || !eligible(item.m, p) || !eligible(item.v, p) ||
                (largest && !eligible(item.largest, p)) || g.layout() != c10::kStrided || !g.device().is_cpu() || g.scalar_type() != p.scalar_type())
                return 0;
            if (!g.is_contiguous()) item.g = g.contiguous();
            items.push_back(std::move(item));
        }
        for (auto& item : items) {
            const double t = static_cast<double>(++*item.step);
            Coefficients c;
            c.decay = decoupled ? 1 - lr * weightDecay : 1;
            c.weightDecay = decoupled ? 0 : weightDecay;
            c.beta1 = beta1, c.oneMinusBeta1 = 1 - beta1, c.beta2 = beta2, c.oneMinusBeta2 = 1 - beta2, c.epsilon = epsilon;
            c.stepSize = lr / (1 - std::pow(beta1, t));
            c.rootCorrection2 = std::sqrt(1 - std::pow(beta2, t));
            c.negate = maximize != 0;
            auto run = [&](auto* p, const auto* g, auto* m, auto* v, auto* big) {
                at::parallel_for(0, item.p.numel(), 1 << 15, [&](int64_t begin, int64_t end) {
                    FlushDenormals flush(epsilon > 0);
                    update(p + begin, g + begin, m + begin, v + begin, big ? big + begin : nullptr, end - begin, c);
                });
            };
            if (item.p.scalar_type() == at::kFloat)
                run(item.p.data_ptr<float>(), item.g.data_ptr<float>(), item.m.data_ptr<float>(), item.v.data_ptr<float>(), item.largest.defined() ? item.largest.data_ptr<float>() : nullptr);
            else
                run(item.p.data_ptr<double>(), item.g.data_ptr<double>(), item.m.data_ptr<double>(), item.v.data_ptr<double>(), item.largest.defined() ? item.largest.data_ptr<double>() : nullptr);
            // A graph that saved the old values must notice.
            item.p.unsafeGetTensorImpl()->bump_version();
        }
        return 1;
    });
}

// Drops every parameter's gradient, or fills it with zeros.
HYBRID_API int32_t hybrid_zero_gradients(void* const* parameters, int32_t count, int32_t setToNone) {
    return guarded<int32_t>(-1, [&] {
        for (int32_t i = 0; i < count; i++) {
            auto p = borrow(parameters[i]);
            auto& g = p.mutable_grad();
            if (!g.defined()) continue;
            if (setToNone) g = at::Tensor();
            else {
                if (g.grad_fn()) g.detach_();
                else g.set_requires_grad(false);
                g.zero_();
            }
        }
        return 0;
    });
}
