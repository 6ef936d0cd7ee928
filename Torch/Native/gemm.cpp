// Single-precision matrix products through oneDNN.
//
// libtorch multiplies float32 matrices with the BLAS routine sgemm_. Debian's libtorch also brings oneDNN, whose sgemm is compiled for the
// processor when it runs and splits the tall, thin products of small networks over threads as OpenBLAS 0.3.21 does not: 2 to 4 times the
// rate on an AVX-512 machine (docs/results.md). The dynamic linker looks for libtorch's symbols in the library that was opened first,
// which is this one: it defines sgemm_ and hands on to OpenBLAS what is too small to gain.
//
// HYBRID_GEMM=blas in the environment keeps everything with the BLAS.
#include "value.h"
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>

namespace {

using Blas = void (*)(const char*, const char*, const int*, const int*, const int*, const float*, const float*, const int*,
                      const float*, const int*, const float*, float*, const int*);
// dnnl_sgemm of oneDNN 2 and 3: row-major, dnnl_dim_t is int64_t, returns 0 for success.
using OneDnn = int (*)(char, char, int64_t, int64_t, int64_t, float, const float*, int64_t, const float*, int64_t, float, float*, int64_t);

struct Routines {
    Blas blas;
    OneDnn oneDnn;

    Routines() : blas(reinterpret_cast<Blas>(dlsym(RTLD_NEXT, "sgemm_"))), oneDnn(nullptr) {
        const char* choice = std::getenv("HYBRID_GEMM");
        if (choice && !std::strcmp(choice, "blas")) return;
        // Only the oneDNN that libtorch itself has loaded: never a second one with threads of its own.
        for (const char* name : {"libdnnl.so.2", "libdnnl.so.3"}) {
            void* library = dlopen(name, RTLD_NOW | RTLD_NOLOAD);
            if (library && (oneDnn = reinterpret_cast<OneDnn>(dlsym(library, "dnnl_sgemm")))) return;
        }
    }
};

const Routines& routines() {
    static const Routines found;
    return found;
}

// Below this many multiply-adds OpenBLAS's shorter way in wins (measured from 2x2x2 to 1024x1024x1024).
constexpr int64_t smallest = 16384;

// oneDNN computes sixteen columns of a result or one: up to this many go faster one after another, as those of a network's last layer do
// ((5000, 128) by (128, 2): 80 us, OpenBLAS 165, oneDNN's sixteen 265).
constexpr int few = 3;

char plain(const char* transpose) { return *transpose == 'n' || *transpose == 'N' ? 'N' : 'T'; }

}  // namespace

// BLAS is column-major: C = op(A) op(B) there is Cᵀ = op(B)ᵀ op(A)ᵀ on the same memory read row-major, so the factors change places.
extern "C" __attribute__((visibility("default"))) void sgemm_(const char* transa, const char* transb, const int* m, const int* n, const int* k,
                                                              const float* alpha, const float* a, const int* lda, const float* b, const int* ldb,
                                                              const float* beta, float* c, const int* ldc) {
    const Routines& use = routines();
    if (use.oneDnn && int64_t(*m) * *n * *k >= smallest) {
        if (*m > 1 && *m <= few && plain(transa) == 'T') {
            int failed = 0;
            for (int column = 0; column < *m; column++) failed |= use.oneDnn(plain(transb), 'T', *n, 1, *k, *alpha, b, *ldb, a + int64_t(column) * *lda, *lda, *beta, c + column, *ldc);
            if (!failed) return;
        } else if (use.oneDnn(plain(transb), plain(transa), *n, *m, *k, *alpha, b, *ldb, a, *lda, *beta, c, *ldc) == 0) return;
    }
    use.blas(transa, transb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

// Which routine multiplies float32 matrices: 1 oneDNN, 0 the BLAS.
HYBRID_API int32_t hybrid_gemm() { return routines().oneDnn ? 1 : 0; }
