// Matrices as BLAS takes them, a product of two, and how a large one is divided.
#pragma once
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <algorithm>
#include <cstdint>

extern "C" void sgemm_(const char*, const char*, const int*, const int*, const int*, const float*, const float*, const int*, const float*, const int*,
                       const float*, float*, const int*);

namespace hybrid {

// A float32 matrix, or the first of a batch: rows or columns without gaps.
struct Factor {
    const float* data;
    int64_t step;    // from one matrix of a batch to the next
    int64_t leading; // from one row (or column) to the next
    bool transposed; // columns are without gaps

    const float* row(int64_t i) const { return data + (transposed ? i : i * leading); }
    const float* column(int64_t j) const { return data + (transposed ? j * leading : j); }
};

inline bool fits(int64_t n) { return n > 0 && n < (int64_t(1) << 31); }

// Describes the last two dimensions of `t`; false where BLAS cannot take them as they lie.
inline bool describe(const at::Tensor& t, Factor& f) {
    if (!t.device().is_cpu() || t.layout() != c10::kStrided || t.scalar_type() != at::kFloat || t.is_conj() || t.is_neg()) return false;
    const int64_t rows = t.size(-2), columns = t.size(-1), down = t.stride(-2), across = t.stride(-1);
    if (!fits(rows) || !fits(columns)) return false;
    f.data = t.data_ptr<float>();
    f.step = t.dim() > 2 ? t.stride(0) : 0;
    if ((across == 1 || columns == 1) && (down >= columns || rows == 1)) {
        f.transposed = false;
        f.leading = rows == 1 ? columns : down;
        return fits(f.leading);
    }
    if ((down == 1 || rows == 1) && (across >= rows || columns == 1)) {
        f.transposed = true;
        f.leading = columns == 1 ? rows : across;
        return fits(f.leading);
    }
    return false;
}

// out (n, m) = beta · out + a (n, k) b (k, m). BLAS counts by columns: it is given the transposed product.
inline void product(float* out, int64_t toNextRow, const float* a, const float* b, const Factor& of, const Factor& with, int64_t n, int64_t k, int64_t m, float beta) {
    const int rows = int(n), inner = int(k), columns = int(m), lda = int(of.leading), ldb = int(with.leading), ldc = int(toNextRow);
    const float alpha = 1;
    const char ta = of.transposed ? 'T' : 'N', tb = with.transposed ? 'T' : 'N';
    sgemm_(&tb, &ta, &columns, &rows, &inner, &alpha, b, &ldb, a, &lda, &beta, out, &ldc);
}

// Multiply-adds below which a product is not divided: a thread's share would be smaller than waking it.
constexpr int64_t divisible = int64_t(1) << 20;

// Blocks of rows, of equal size and as many for each thread, whose values fit into half of a 1 MB second-level cache.
struct Blocks {
    int64_t size, count;

    Blocks(int64_t rows, int64_t valuesOfARow) {
        const int64_t most = std::max<int64_t>((int64_t(1) << 17) / valuesOfARow, 64), threads = at::get_num_threads();
        const int64_t wanted = ((rows + most - 1) / most + threads - 1) / threads * threads;
        size = std::max<int64_t>((rows + wanted - 1) / wanted + 15, 16) / 16 * 16; // whole vectors
        count = (rows + size - 1) / size;
    }
};

}  // namespace hybrid
