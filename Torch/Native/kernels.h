// Kernels in the place of libtorch's own for the CPU.
#pragma once
#include <torch/library.h>

namespace hybrid {

// Registers what `add` names for the lifetime of the library. libtorch warns of an operator that gets a second kernel; here that is what is meant.
class Kernels {
    struct Silence : c10::WarningHandler {
        void process(const c10::SourceLocation&, const std::string&, bool) override {}
    };

    torch::Library library_;

public:
    template <class F> explicit Kernels(F&& add) : library_(torch::Library::IMPL, "aten", c10::DispatchKey::CPU, __FILE__, __LINE__) {
        Silence silence;
        c10::Warning::WarningHandlerGuard guard(&silence);
        add(library_);
    }
};

}  // namespace hybrid
