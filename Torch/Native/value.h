// The one shape in which arguments and results cross between C# and libtorch.
#pragma once
#include <ATen/core/ivalue.h>
#include <ATen/core/Tensor.h>
#include <cstdint>

namespace hybrid {

// Mirrors Torch/Engine/Interop/Value.cs.
enum Tag : int32_t {
    None = 0, Tensor = 1, Int = 2, Double = 3, Bool = 4, Complex = 5, IntList = 6, DoubleList = 7, BoolList = 8,
    TensorList = 9, OptionalTensorList = 10, String = 11, Device = 12, Generator = 13, ScalarList = 14,
};

struct Value {
    int32_t tag;
    int32_t count;       // length of a list or string; device type
    union {
        int64_t i;       // Int, Bool, device index
        double d;        // Double, real part of Complex
        void* p;         // Tensor, lists, String, Generator
    };
    union {
        double imaginary; // Complex
        int64_t bytes;    // result tensors: size of a storage nobody else holds
    };
};

// A tensor handle is the TensorImpl itself, with one reference of its own: no wrapper on the native heap.
inline at::Tensor borrow(void* handle) {
    return at::Tensor(c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>::reclaim_copy(static_cast<c10::TensorImpl*>(handle)));
}

inline void* give(at::Tensor tensor) {
    return tensor.defined() ? static_cast<void*>(tensor.unsafeReleaseTensorImpl()) : nullptr;
}

inline std::vector<at::Tensor> borrowAll(void* const* handles, int64_t count) {
    std::vector<at::Tensor> tensors;
    tensors.reserve(count);
    for (int64_t i = 0; i < count; i++) tensors.push_back(handles[i] ? borrow(handles[i]) : at::Tensor());
    return tensors;
}

// Keeps the message for hybrid_error_message on this thread.
void remember(const char* message) noexcept;

// Runs `body`; a C++ exception becomes `failure` and a message without C++ frames.
template <class R, class F> R guarded(R failure, F&& body) noexcept {
    try {
        return body();
    } catch (const c10::Error& e) {
        remember(e.what_without_backtrace());
    } catch (const std::exception& e) {
        remember(e.what());
    } catch (...) {
        remember("libtorch threw something that is not a std::exception");
    }
    return failure;
}

}  // namespace hybrid

#define HYBRID_API extern "C" __attribute__((visibility("default")))
