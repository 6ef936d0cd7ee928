// Dropout with libtorch's own stream of random numbers, many at a time. libtorch draws them one by one through its generator's interface,
// about 10 ns an element, which in a small network costs as much as the matrix products; in blocks it is about 1 ns.
#include "value.h"
#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <algorithm>
#include <cmath>
#include <mutex>

using namespace hybrid;

namespace {

constexpr int StateWords = 624, Shift = 397;

inline uint32_t twist(uint32_t u, uint32_t v) { return (((u & 0x80000000u) | (v & 0x7fffffffu)) >> 1) ^ ((0u - (v & 1u)) & 0x9908b0dfu); }

// The recurrence of MT19937 (Matsumoto and Nishimura 1998), in loops without carried dependences shorter than a vector.
__attribute__((target_clones("arch=x86-64-v3", "default"))) void regenerate(uint32_t* s) {
    for (int i = 0; i < StateWords - Shift; i++) s[i] = s[i + Shift] ^ twist(s[i], s[i + 1]);
    for (int i = StateWords - Shift; i < StateWords - 1; i++) s[i] = s[i + Shift - StateWords] ^ twist(s[i], s[i + 1]);
    s[StateWords - 1] = s[Shift - 1] ^ twist(s[StateWords - 1], s[0]);
}

__attribute__((target_clones("arch=x86-64-v3", "default"))) void temper(const uint32_t* __restrict s, uint32_t* __restrict out, int n) {
    for (int i = 0; i < n; i++) {
        uint32_t y = s[i];
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c5680u;
        y ^= (y << 15) & 0xefc60000u;
        out[i] = y ^ (y >> 18);
    }
}

// The next `n` outputs of the engine whose state this is. `left_ - 1` words are still unused, from `next_` on.
void take(at::mt19937_data_pod& engine, uint32_t* out, int n) {
    while (n > 0) {
        if (engine.left_ == 1) {
            regenerate(engine.state_.data());
            engine.left_ = StateWords + 1;
            engine.next_ = 0;
        }
        const int count = std::min(n, engine.left_ - 1);
        temper(engine.state_.data() + engine.next_, out, count);
        engine.next_ += count;
        engine.left_ -= count;
        out += count;
        n -= count;
    }
}

// Two words make one number of 53 bits, as in at::bernoulli_distribution<double>; it is kept below the threshold.
template <class T>
__attribute__((target_clones("arch=x86-64-v3", "default"))) void choose(const uint32_t* __restrict words, T* __restrict out, int n, int64_t threshold, T kept) {
    for (int i = 0; i < n; i++) {
        const int64_t k = static_cast<int64_t>(static_cast<uint64_t>(words[2 * i] & 0x1fffffu) << 32 | words[2 * i + 1]);
        out[i] = k < threshold ? kept : T(0);
    }
}

template <class T> void fill(T* out, int64_t n, double keep) {
    constexpr int Block = 1024;
    uint32_t words[2 * Block];
    auto generator = at::detail::getDefaultCPUGenerator();
    auto* source = at::check_generator<at::CPUGeneratorImpl>(generator);
    std::lock_guard<std::mutex> lock(source->mutex_);
    auto engine = source->engine();
    auto state = engine.data();
    const auto threshold = static_cast<int64_t>(std::ceil(std::ldexp(keep, 53)));
    const T kept = T(1) / static_cast<T>(keep);
    for (int64_t i = 0; i < n; i += Block) {
        const int count = static_cast<int>(std::min<int64_t>(Block, n - i));
        take(state, words, 2 * count);
        choose(words, out + i, count, threshold, kept);
    }
    engine.set_data(state);
    source->set_engine(engine);
}

}  // namespace

// dropout(input, p) in training, the same numbers as libtorch's, and by libtorch's own operator where the block form does not apply.
HYBRID_API void* hybrid_dropout(void* handle, double p) {
    return guarded<void*>(nullptr, [&]() -> void* {
        auto input = borrow(handle);
        const auto type = input.scalar_type();
        if (!(p > 0 && p < 1) || !input.device().is_cpu() || input.layout() != c10::kStrided || !input.is_non_overlapping_and_dense() || input.numel() == 0 ||
            (type != at::kFloat && type != at::kDouble))
            return give(at::dropout(input, p, true));
        // The input's strides: libtorch draws in the order of memory.
        auto noise = at::empty_like(input, input.options().requires_grad(false));
        if (type == at::kFloat) fill(noise.data_ptr<float>(), noise.numel(), 1 - p);
        else fill(noise.data_ptr<double>(), noise.numel(), 1 - p);
        return give(input.mul(noise));
    });
}
