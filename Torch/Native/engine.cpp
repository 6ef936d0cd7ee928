// What has no operator: handles and their properties, storage, autograd's entry points, modes, seeds, threads.
#include "memory.h"
#include "value.h"
#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/NamedTensorUtils.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/autograd/anomaly_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/grad_mode.h>
#include <torch/csrc/autograd/variable.h>
#include <torch/version.h>
#include <malloc.h>
#include <cstring>
#include <mutex>
#include <sstream>

using namespace hybrid;

static c10::TensorImpl* impl(void* handle) { return static_cast<c10::TensorImpl*>(handle); }

// Left to itself glibc serves every block above 32 MiB by mmap and gives it back at once, and returns the heap's free top again and again:
// each such activation then pays for its page faults anew. Up to 256 MiB of freed memory stay with the process.
HYBRID_API int32_t hybrid_initialize() {
    mallopt(M_MMAP_THRESHOLD, 64 << 20);
    mallopt(M_TRIM_THRESHOLD, 256 << 20);
    mallopt(M_TOP_PAD, 16 << 20);
    return guarded<int32_t>(-1, [] { at::globalContext(); keepFreedMemory(); return 0; });
}

// ---- handles

HYBRID_API void hybrid_release(void* handle) {
    guarded<int>(0, [&] { c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>::reclaim(impl(handle)); return 0; });
}
HYBRID_API void* hybrid_share(void* handle) { return give(borrow(handle)); }

HYBRID_API int32_t hybrid_dtype(void* handle) { return static_cast<int32_t>(c10::typeMetaToScalarType(impl(handle)->dtype())); }
HYBRID_API int64_t hybrid_dim(void* handle) { return guarded<int64_t>(-1, [&] { return impl(handle)->dim(); }); }
HYBRID_API int64_t hybrid_numel(void* handle) { return guarded<int64_t>(-1, [&] { return impl(handle)->numel(); }); }
HYBRID_API int64_t hybrid_element_size(void* handle) { return static_cast<int64_t>(impl(handle)->itemsize()); }
HYBRID_API int32_t hybrid_sizes(void* handle, int64_t* out) {
    return guarded<int32_t>(-1, [&] { auto s = impl(handle)->sizes(); std::copy(s.begin(), s.end(), out); return 0; });
}
HYBRID_API int32_t hybrid_strides(void* handle, int64_t* out) {
    return guarded<int32_t>(-1, [&] { auto s = impl(handle)->strides(); std::copy(s.begin(), s.end(), out); return 0; });
}
HYBRID_API int64_t hybrid_storage_offset(void* handle) { return guarded<int64_t>(-1, [&] { return impl(handle)->storage_offset(); }); }
HYBRID_API int64_t hybrid_storage_bytes(void* handle) { return guarded<int64_t>(-1, [&] { return static_cast<int64_t>(borrow(handle).storage().nbytes()); }); }
HYBRID_API void* hybrid_storage_data(void* handle) { return guarded<void*>(nullptr, [&]() -> void* { return borrow(handle).storage().data_ptr().get(); }); }
HYBRID_API int32_t hybrid_device(void* handle, int32_t* index) {
    return guarded<int32_t>(-1, [&] { auto d = impl(handle)->device(); *index = d.index(); return static_cast<int32_t>(d.type()); });
}
HYBRID_API int32_t hybrid_layout(void* handle) { return guarded<int32_t>(-1, [&] { return static_cast<int32_t>(impl(handle)->layout()); }); }

// One of the yes/no questions about a tensor; -1 with a message where libtorch refuses.
HYBRID_API int32_t hybrid_is(void* handle, int32_t question) {
    return guarded<int32_t>(-1, [&]() -> int32_t {
        auto t = borrow(handle);
        switch (question) {
            case 0: return t.requires_grad();
            case 1: return t.is_leaf();
            case 2: return t.is_contiguous();
            case 3: return t.is_conj();
            case 4: return t.is_neg();
            case 5: return t.is_pinned();
            case 6: return t.is_quantized();
            case 7: return t.is_sparse();
            case 8: return t.has_names();
            case 9: return t.is_inference();
            case 10: return t.is_contiguous(c10::MemoryFormat::ChannelsLast);
            case 11: return t.is_contiguous(c10::MemoryFormat::ChannelsLast3d);
            case 12: return t.retains_grad();
            default: TORCH_CHECK(false, "hybrid_is: unknown question ", question);
        }
    });
}

// Address of the first element; null with a message for tensors without memory of their own (meta, sparse).
HYBRID_API void* hybrid_data(void* handle) { return guarded<void*>(nullptr, [&]() -> void* { return borrow(handle).data_ptr(); }); }

// A CPU tensor over memory that the caller owns; `release(context)` is called when the last view is gone. `release` may be null.
HYBRID_API void* hybrid_from_memory(void* data, const int64_t* sizes, int32_t dim, int32_t dtype, void (*release)(void*), void* context) {
    return guarded<void*>(nullptr, [&] {
        auto options = at::TensorOptions().dtype(static_cast<c10::ScalarType>(dtype));
        if (!release) return give(at::from_blob(data, c10::IntArrayRef(sizes, dim), options));
        return give(at::from_blob(data, c10::IntArrayRef(sizes, dim), [release, context](void*) { release(context); }, options));
    });
}

// A new CPU tensor filled from `data` (bytes of the same dtype, row-major), or uninitialised when `data` is null.
HYBRID_API void* hybrid_from_copy(const void* data, const int64_t* sizes, int32_t dim, int32_t dtype) {
    return guarded<void*>(nullptr, [&] {
        auto t = at::empty(c10::IntArrayRef(sizes, dim), at::TensorOptions().dtype(static_cast<c10::ScalarType>(dtype)));
        if (data && t.numel() > 0) memcpy(t.data_ptr(), data, t.nbytes());
        return give(std::move(t));
    });
}

HYBRID_API int32_t hybrid_result_type(void* a, void* b) {
    return guarded<int32_t>(-1, [&] { return static_cast<int32_t>(at::result_type(borrow(a), borrow(b))); });
}
HYBRID_API int32_t hybrid_promote(int32_t a, int32_t b) {
    return guarded<int32_t>(-1, [&] { return static_cast<int32_t>(c10::promoteTypes(static_cast<c10::ScalarType>(a), static_cast<c10::ScalarType>(b))); });
}

// ---- autograd

HYBRID_API int32_t hybrid_set_requires_grad(void* handle, int32_t value) {
    return guarded<int32_t>(-1, [&] {
        auto t = borrow(handle);
        TORCH_CHECK(t.is_leaf() || value, "requires_grad can only be switched off on a leaf tensor; take detach() of a computed one");
        t.set_requires_grad(value != 0);
        return 0;
    });
}
HYBRID_API void* hybrid_grad(void* handle) { return guarded<void*>(nullptr, [&] { auto t = borrow(handle); return give(t.grad()); }); }
HYBRID_API int32_t hybrid_set_grad(void* handle, void* grad) {
    return guarded<int32_t>(-1, [&] {
        auto t = borrow(handle);
        if (!grad) { t.mutable_grad() = at::Tensor(); return 0; }
        auto g = borrow(grad);
        TORCH_CHECK(g.sizes() == t.sizes(), "assigned grad has size ", g.sizes(), ", the tensor has ", t.sizes());
        TORCH_CHECK(g.scalar_type() == t.scalar_type(), "assigned grad has type ", g.scalar_type(), ", the tensor has ", t.scalar_type());
        TORCH_CHECK(g.device() == t.device(), "assigned grad is on ", g.device(), ", the tensor on ", t.device());
        t.mutable_grad() = g;
        return 0;
    });
}
HYBRID_API int32_t hybrid_backward(void* const* tensors, int32_t count, void* const* grads, int32_t gradCount, int32_t retain, int32_t create,
                                   void* const* inputs, int32_t inputCount) {
    return guarded<int32_t>(-1, [&] {
        torch::autograd::backward(borrowAll(tensors, count), borrowAll(grads, gradCount), retain != 0, create != 0, borrowAll(inputs, inputCount));
        return 0;
    });
}
HYBRID_API int32_t hybrid_autograd_grad(void* const* outputs, int32_t outputCount, void* const* inputs, int32_t inputCount, void* const* grads,
                                        int32_t gradCount, int32_t retain, int32_t create, int32_t allowUnused, void** results) {
    return guarded<int32_t>(-1, [&] {
        auto found = torch::autograd::grad(borrowAll(outputs, outputCount), borrowAll(inputs, inputCount), borrowAll(grads, gradCount), retain != 0,
                                           create != 0, allowUnused != 0);
        for (size_t i = 0; i < found.size(); i++) results[i] = give(std::move(found[i]));
        return 0;
    });
}
HYBRID_API void* hybrid_detached_alias(void* handle) { return guarded<void*>(nullptr, [&] { return give(borrow(handle).detach()); }); }

HYBRID_API int32_t hybrid_grad_mode() { return at::GradMode::is_enabled(); }
HYBRID_API void hybrid_set_grad_mode(int32_t enabled) { at::GradMode::set_enabled(enabled != 0); }
HYBRID_API int32_t hybrid_inference_mode() { return c10::InferenceMode::is_enabled(); }
HYBRID_API void* hybrid_enter_inference_mode(int32_t enabled) { return new c10::InferenceMode(enabled != 0); }
HYBRID_API void hybrid_leave_inference_mode(void* guard) { delete static_cast<c10::InferenceMode*>(guard); }
HYBRID_API int32_t hybrid_anomaly(int32_t* checkNan) {
    *checkNan = torch::autograd::AnomalyMode::should_check_nan();
    return torch::autograd::AnomalyMode::is_enabled();
}
HYBRID_API void hybrid_set_anomaly(int32_t enabled, int32_t checkNan) { torch::autograd::AnomalyMode::set_enabled(enabled != 0, checkNan != 0); }

// ---- generators

HYBRID_API void* hybrid_default_generator(int32_t deviceType, int32_t index) {
    return guarded<void*>(nullptr, [&]() -> void* {
        return new at::Generator(at::globalContext().defaultGenerator(c10::Device(static_cast<c10::DeviceType>(deviceType), static_cast<c10::DeviceIndex>(index))));
    });
}
HYBRID_API void* hybrid_new_generator(uint64_t seed) {
    return guarded<void*>(nullptr, [&]() -> void* { return new at::Generator(at::detail::createCPUGenerator(seed)); });
}
HYBRID_API void hybrid_release_generator(void* generator) { delete static_cast<at::Generator*>(generator); }
HYBRID_API int32_t hybrid_generator_seed(void* generator, uint64_t seed) {
    return guarded<int32_t>(-1, [&] {
        auto& g = *static_cast<at::Generator*>(generator);
        std::lock_guard<std::mutex> lock(g.mutex());
        g.set_current_seed(seed);
        return 0;
    });
}
HYBRID_API uint64_t hybrid_generator_reseed(void* generator) {
    return guarded<uint64_t>(0, [&] {
        auto& g = *static_cast<at::Generator*>(generator);
        std::lock_guard<std::mutex> lock(g.mutex());
        return g.seed();
    });
}
HYBRID_API uint64_t hybrid_generator_initial_seed(void* generator) { return guarded<uint64_t>(0, [&] { return static_cast<at::Generator*>(generator)->current_seed(); }); }
HYBRID_API void* hybrid_generator_state(void* generator) {
    return guarded<void*>(nullptr, [&] {
        auto& g = *static_cast<at::Generator*>(generator);
        std::lock_guard<std::mutex> lock(g.mutex());
        return give(g.get_state());
    });
}
HYBRID_API int32_t hybrid_generator_set_state(void* generator, void* state) {
    return guarded<int32_t>(-1, [&] {
        auto& g = *static_cast<at::Generator*>(generator);
        std::lock_guard<std::mutex> lock(g.mutex());
        g.set_state(borrow(state));
        return 0;
    });
}

// ---- the process: seeds, threads, defaults, devices

HYBRID_API int32_t hybrid_manual_seed(uint64_t seed) {
    return guarded<int32_t>(-1, [&] {
        auto generator = at::globalContext().defaultGenerator(at::kCPU);
        { std::lock_guard<std::mutex> lock(generator.mutex()); generator.set_current_seed(seed); }
        if (at::hasCUDA())
            for (int i = 0; i < static_cast<int>(at::getNumGPUs()); i++) {
                auto cuda = at::globalContext().defaultGenerator(c10::Device(at::kCUDA, i));
                std::lock_guard<std::mutex> lock(cuda.mutex());
                cuda.set_current_seed(seed);
            }
        return 0;
    });
}
HYBRID_API int32_t hybrid_num_threads() { return at::get_num_threads(); }
HYBRID_API int32_t hybrid_set_num_threads(int32_t n) { return guarded<int32_t>(-1, [&] { at::set_num_threads(n); return 0; }); }
HYBRID_API int32_t hybrid_num_interop_threads() { return at::get_num_interop_threads(); }
HYBRID_API int32_t hybrid_set_num_interop_threads(int32_t n) { return guarded<int32_t>(-1, [&] { at::set_num_interop_threads(n); return 0; }); }
HYBRID_API int32_t hybrid_default_dtype() { return static_cast<int32_t>(c10::typeMetaToScalarType(c10::get_default_dtype())); }
HYBRID_API int32_t hybrid_set_default_dtype(int32_t dtype) {
    return guarded<int32_t>(-1, [&] { c10::set_default_dtype(c10::scalarTypeToTypeMeta(static_cast<c10::ScalarType>(dtype))); return 0; });
}
HYBRID_API int32_t hybrid_cuda_devices() { return guarded<int32_t>(0, [] { return at::hasCUDA() ? static_cast<int32_t>(at::getNumGPUs()) : 0; }); }
HYBRID_API int32_t hybrid_has_cudnn() { return guarded<int32_t>(0, [] { return at::hasCUDA() && at::detail::getCUDAHooks().hasCuDNN(); }); }
HYBRID_API int32_t hybrid_deterministic(int32_t* warnOnly) {
    *warnOnly = at::globalContext().deterministicAlgorithmsWarnOnly();
    return at::globalContext().deterministicAlgorithms();
}
HYBRID_API void hybrid_set_deterministic(int32_t enabled, int32_t warnOnly) { at::globalContext().setDeterministicAlgorithms(enabled != 0, warnOnly != 0); }
HYBRID_API const char* hybrid_libtorch_version() { return TORCH_VERSION; }

// ---- named dimensions: names joined by newlines, "*" for none

HYBRID_API char* hybrid_names(void* handle) {
    return guarded<char*>(nullptr, [&] {
        std::string joined;
        auto t = borrow(handle);
        for (const auto& name : t.names()) joined += (name.isBasic() ? std::string(name.symbol().toUnqualString()) : std::string("*")) + "\n";
        return strdup(joined.c_str());
    });
}
HYBRID_API int32_t hybrid_set_names(void* handle, const char* joined, int32_t count) {
    return guarded<int32_t>(-1, [&] {
        auto t = borrow(handle);
        if (count < 0) {
            at::internal_set_names_inplace(t, c10::nullopt);
            return 0;
        }
        std::vector<at::Dimname> names;
        std::istringstream lines(joined);
        for (std::string line; std::getline(lines, line);)
            names.push_back(line == "*" ? at::Dimname::wildcard() : at::Dimname::fromSymbol(c10::Symbol::dimname(line)));
        TORCH_CHECK(static_cast<int32_t>(names.size()) == count && count == t.dim(), "expected ", t.dim(), " names, one a dimension, got ", count);
        at::internal_set_names_inplace(t, names);
        return 0;
    });
}
