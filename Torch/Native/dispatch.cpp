// One generic call of any libtorch operation: look the operator up once, then push arguments on a stack and call it boxed.
#include "preconditions.h"
#include "value.h"
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/stack.h>
#include <ATen/Generator.h>
#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/ScalarOps.h>
#include <c10/core/InferenceMode.h>
#include <torch/version.h>
#include <cstring>

namespace hybrid {

static thread_local std::string lastError;

void remember(const char* message) noexcept {
    try { lastError = message ? message : ""; } catch (...) { lastError.clear(); }
}

// What a parameter of the schema accepts, reduced to what marshalling has to decide.
enum class Kind : uint8_t { Tensor, TensorList, OptionalTensorList, Int, Float, Bool, Scalar, IntList, FloatList, BoolList, ScalarList, String, Device, Generator, Other };

struct Parameter {
    Kind kind;
    bool optional;
    int32_t fixedLength;  // n of int[n]: a single number stands for n of them
};

struct Operator {
    c10::OperatorHandle handle;
    std::vector<Parameter> parameters;
    std::vector<Precondition> preconditions;
    bool skipsAutograd;  // see withoutAutograd
};

// libtorch's autograd kernel of an operation that neither writes to its arguments nor returns views of them only asks whether a gradient is
// wanted and, if not, calls the kernel below it. For such operations that question is asked here, and a fifth of a small call is saved.
// Composite operations have no autograd kernel: they may return views though their schema does not say so.
static bool hasPlainAutograd(const c10::OperatorHandle& handle) {
    const auto& schema = handle.schema();
    for (const auto& argument : schema.arguments())
        if (argument.alias_info()) return false;
    for (const auto& result : schema.returns())
        if (result.alias_info()) return false;
    return handle.hasKernelForDispatchKey(c10::DispatchKey::Autograd) || handle.hasKernelForDispatchKey(c10::DispatchKey::AutogradCPU);
}

// Whether no argument wants a gradient and all tensors are ordinary ones of the CPU: dense, not named, conjugate, negated or of inference mode.
static bool withoutAutograd(const Operator& op, const Value* arguments, int32_t count) {
    static constexpr c10::DispatchKeySet ordinary{c10::DispatchKey::CPU, c10::DispatchKey::AutogradCPU, c10::DispatchKey::ADInplaceOrView};
    if (!op.skipsAutograd) return false;
    const bool recording = c10::GradMode::is_enabled();
    bool any = false;
    for (int32_t i = 0; i < count; i++) {
        switch (arguments[i].tag) {
            case Tensor: {
                const auto* tensor = static_cast<c10::TensorImpl*>(arguments[i].p);
                if (tensor->key_set() != ordinary || (recording && tensor->requires_grad())) return false;
                any = true;
                break;
            }
            case TensorList: case OptionalTensorList: return false;
            default: break;
        }
    }
    return any;
}

static Kind kindOf(const c10::Type& type) {
    using c10::TypeKind;
    switch (type.kind()) {
        case TypeKind::TensorType: return Kind::Tensor;
        case TypeKind::IntType: case TypeKind::SymIntType: return Kind::Int;
        case TypeKind::FloatType: return Kind::Float;
        case TypeKind::BoolType: return Kind::Bool;
        case TypeKind::NumberType: return Kind::Scalar;
        case TypeKind::StringType: return Kind::String;
        case TypeKind::DeviceObjType: return Kind::Device;
        case TypeKind::GeneratorType: return Kind::Generator;
        case TypeKind::ListType: {
            const auto& element = *type.castRaw<c10::ListType>()->getElementType();
            if (element.kind() == TypeKind::OptionalType) return Kind::OptionalTensorList;
            switch (kindOf(element)) {
                case Kind::Tensor: return Kind::TensorList;
                case Kind::Int: return Kind::IntList;
                case Kind::Float: return Kind::FloatList;
                case Kind::Bool: return Kind::BoolList;
                case Kind::Scalar: return Kind::ScalarList;
                default: return Kind::Other;
            }
        }
        default: return Kind::Other;
    }
}

static Parameter parameterOf(const c10::Argument& argument) {
    // The schema's real type keeps ScalarType, Layout, MemoryFormat apart; as values all of them are ints.
    const c10::Type* type = argument.type().get();
    bool optional = type->kind() == c10::TypeKind::OptionalType;
    if (optional) type = type->castRaw<c10::OptionalType>()->getElementType().get();
    return {kindOf(*type), optional, argument.N() ? *argument.N() : 0};
}

[[noreturn]] static void mismatch(const Operator& op, size_t index, const Value& value) {
    static const char* names[] = {"nothing", "a tensor", "an integer", "a float", "a bool", "a complex number", "integers", "floats", "bools",
                                  "tensors", "tensors", "a string", "a device", "a generator", "scalars"};
    const auto& schema = op.handle.schema();
    const auto& argument = schema.arguments()[index];
    TORCH_CHECK(false, schema.name(), ": argument '", argument.name(), "' takes ", argument.type()->str(), ", got ",
                value.tag >= 0 && value.tag <= ScalarList ? names[value.tag] : "an unknown value", ". Schema: ", schema);
}

static c10::IValue scalar(const Value& v) {
    switch (v.tag) {
        case Int: return v.i;
        case Double: return v.d;
        case Bool: return v.i != 0;
        default: return c10::complex<double>(v.d, v.imaginary);
    }
}

// A number where a tensor is expected takes part as PyTorch's wrapped number: of no dimension, and it does not decide the result's type.
// `x * 2` would spend more on making the 2 and converting it to x's type than on the product. So the tensors of recent numbers are kept,
// of x's type already where the conversion is the one that the operation would make. Nobody can write to them.
static const at::Tensor& wrappedNumber(const Value& v, c10::ScalarType partner) {
    struct Entry { Value number; c10::ScalarType type; at::Tensor tensor; };
    static constexpr size_t entries = 64;
    static thread_local Entry* cache = new Entry[entries]();  // never freed: libtorch may be gone when a thread ends
    const bool real = v.tag == Int || v.tag == Double;
    const bool sameKind = (real && (partner == at::kFloat || partner == at::kDouble)) || (v.tag == Int && (partner == at::kInt || partner == at::kLong));
    const c10::ScalarType type = sameKind ? partner : c10::ScalarType::Undefined;
    const uint64_t bits = (static_cast<uint64_t>(v.i) + static_cast<uint64_t>(type)) * 0x9E3779B97F4A7C15ull + static_cast<uint64_t>(v.tag);
    Entry& entry = cache[bits >> 58];
    const bool hit = entry.tensor.defined() && entry.type == type && entry.number.tag == v.tag && entry.number.i == v.i && (v.tag != Complex || entry.number.bytes == v.bytes);
    if (!hit) {
        c10::InferenceMode normal(false);
        at::AutoDispatchBelowADInplaceOrView below;
        auto tensor = c10::scalar_to_tensor(scalar(v).toScalar());
        if (sameKind) tensor = tensor.to(type);
        tensor.unsafeGetTensorImpl()->set_wrapped_number(true);
        entry = Entry{v, type, std::move(tensor)};
    }
    return entry.tensor;
}

static c10::ScalarType partnerOf(const Value* arguments, int32_t count) {
    for (int32_t i = 0; i < count; i++)
        if (arguments[i].tag == Tensor) return c10::typeMetaToScalarType(static_cast<c10::TensorImpl*>(arguments[i].p)->dtype());
    return c10::ScalarType::Undefined;
}

static c10::IValue toIValue(const Operator& op, size_t index, const Value* arguments, int32_t count) {
    const Value& v = arguments[index];
    const Parameter& parameter = op.parameters[index];
    if (v.tag == None) {
        if (parameter.optional) return c10::IValue();
        if (parameter.kind == Kind::OptionalTensorList || parameter.kind == Kind::Tensor || parameter.kind == Kind::TensorList) mismatch(op, index, v);
        const auto& fallback = op.handle.schema().arguments()[index].default_value();
        if (fallback) return *fallback;
        mismatch(op, index, v);
    }
    switch (parameter.kind) {
        case Kind::Tensor:
            if (v.tag == Tensor) return borrow(v.p);
            if (v.tag == Int || v.tag == Double || v.tag == Bool || v.tag == Complex) return wrappedNumber(v, partnerOf(arguments, count));
            break;
        case Kind::Int:
            if (v.tag == Int || v.tag == Bool) return v.i;
            break;
        case Kind::Float:
            if (v.tag == Double) return v.d;
            if (v.tag == Int) return static_cast<double>(v.i);
            break;
        case Kind::Bool:
            if (v.tag == Bool) return v.i != 0;
            break;
        case Kind::Scalar:
            if (v.tag == Int || v.tag == Double || v.tag == Bool || v.tag == Complex) return scalar(v);
            break;
        case Kind::IntList:
            if (v.tag == IntList) return c10::IntArrayRef(static_cast<const int64_t*>(v.p), v.count);
            if (v.tag == Int) return std::vector<int64_t>(std::max(1, parameter.fixedLength), v.i);
            break;
        case Kind::FloatList:
            if (v.tag == DoubleList) return c10::ArrayRef<double>(static_cast<const double*>(v.p), v.count);
            if (v.tag == Double) return std::vector<double>(std::max(1, parameter.fixedLength), v.d);
            break;
        case Kind::BoolList:
            if (v.tag == BoolList) {
                c10::List<bool> list;
                for (int32_t i = 0; i < v.count; i++) list.push_back(static_cast<const uint8_t*>(v.p)[i] != 0);
                return list;
            }
            break;
        case Kind::ScalarList:
            if (v.tag == ScalarList) {
                c10::List<c10::Scalar> list;
                for (int32_t i = 0; i < v.count; i++) list.push_back(scalar(static_cast<const Value*>(v.p)[i]).toScalar());
                return list;
            }
            break;
        case Kind::TensorList:
            if (v.tag == TensorList) {
                c10::List<at::Tensor> list;
                list.reserve(v.count);
                for (int32_t i = 0; i < v.count; i++) {
                    void* handle = static_cast<void**>(v.p)[i];
                    list.push_back(handle ? borrow(handle) : at::Tensor());
                }
                return list;
            }
            break;
        case Kind::OptionalTensorList:
            if (v.tag == TensorList || v.tag == OptionalTensorList) {
                c10::List<c10::optional<at::Tensor>> list;
                list.reserve(v.count);
                for (int32_t i = 0; i < v.count; i++) {
                    void* handle = static_cast<void**>(v.p)[i];
                    list.push_back(handle ? c10::optional<at::Tensor>(borrow(handle)) : c10::nullopt);
                }
                return list;
            }
            break;
        case Kind::String:
            if (v.tag == String) return std::string(static_cast<const char*>(v.p), v.count);
            break;
        case Kind::Device:
            if (v.tag == Device) return c10::Device(static_cast<c10::DeviceType>(v.count), static_cast<c10::DeviceIndex>(v.i));
            break;
        case Kind::Generator:
            if (v.tag == Generator) return *static_cast<at::Generator*>(v.p);
            break;
        case Kind::Other:
            break;
    }
    mismatch(op, index, v);
}

static void setTensor(Value& out, at::Tensor tensor) {
    out.tag = tensor.defined() ? Tensor : None;
    out.bytes = 0;
    if (tensor.defined() && tensor.has_storage()) {
        const auto& storage = tensor.storage();
        // A saved activation shares its storage with the graph and still counts; a view does not.
        if (storage.use_count() == 1 || (!tensor.is_view() && !tensor.is_inference())) out.bytes = static_cast<int64_t>(storage.nbytes());
    }
    out.p = give(std::move(tensor));
}

static void fromIValue(Value& out, c10::IValue& value) {
    if (value.isTensor()) return setTensor(out, std::move(value).toTensor());
    if (value.isInt()) { out.tag = Int; out.i = value.toInt(); return; }
    if (value.isDouble()) { out.tag = Double; out.d = value.toDouble(); return; }
    if (value.isBool()) { out.tag = Bool; out.i = value.toBool(); return; }
    if (value.isComplexDouble()) { out.tag = Complex; out.d = value.toComplexDouble().real(); out.imaginary = value.toComplexDouble().imag(); return; }
    if (value.isNone()) { out.tag = None; out.p = nullptr; return; }
    if (value.isTensorList()) {
        auto tensors = value.toTensorVector();
        auto** handles = static_cast<void**>(malloc(std::max<size_t>(1, tensors.size()) * sizeof(void*)));
        for (size_t i = 0; i < tensors.size(); i++) handles[i] = give(std::move(tensors[i]));
        out.tag = TensorList; out.count = static_cast<int32_t>(tensors.size()); out.p = handles; out.bytes = 0;
        return;
    }
    TORCH_CHECK(false, "a result of kind ", value.tagKind(), " has no form in C#");
}

}  // namespace hybrid

using namespace hybrid;

// libtorch's warnings go to the program, not to its standard error.
static void (*warningSink)(const char* text, int32_t length) = nullptr;

struct WarningsToProgram : c10::WarningHandler {
    static void pass(const std::string& text) {
        if (warningSink) warningSink(text.data(), static_cast<int32_t>(text.size()));
    }
#if TORCH_VERSION_MAJOR >= 2
    void process(const c10::Warning& warning) override { pass(warning.msg()); }
#else
    void process(const c10::SourceLocation&, const std::string& text, bool) override { pass(text); }
#endif
};

#if TORCH_VERSION_MAJOR >= 2
namespace warnings = c10::WarningUtils;
#else
namespace warnings = c10::Warning;
#endif

static void redirectWarningsOfThisThread() {
    static WarningsToProgram handler;
    static thread_local bool redirected = (warnings::set_warning_handler(&handler), true);
    (void)redirected;
}

HYBRID_API void hybrid_on_warning(void (*sink)(const char*, int32_t)) { warningSink = sink; }

HYBRID_API void* hybrid_operator(const char* name, const char* overload) {
    return guarded<void*>(nullptr, [&]() -> void* {
        auto handle = c10::Dispatcher::singleton().findSchemaOrThrow(name, overload);
        std::vector<Parameter> parameters;
        for (const auto& argument : handle.schema().arguments()) parameters.push_back(parameterOf(argument));
        return new Operator{handle, std::move(parameters), preconditionsOf(handle.schema()), hasPlainAutograd(handle)};
    });
}

// Calls `op` and writes at most `capacity` results. Returns how many there are, or -1 with a message. Trailing parameters that are not
// given take the schema's defaults.
HYBRID_API int32_t hybrid_call(void* op_, const Value* arguments, int32_t count, Value* results, int32_t capacity) {
    return guarded<int32_t>(-1, [&]() -> int32_t {
        const Operator& op = *static_cast<Operator*>(op_);
        redirectWarningsOfThisThread();
        static thread_local std::vector<c10::IValue> stack;
        const size_t base = stack.size();
        struct Rewind {
            std::vector<c10::IValue>& stack; size_t base;
            ~Rewind() { stack.resize(base); }
        } rewind{stack, base};
        const size_t total = op.parameters.size();
        TORCH_CHECK(static_cast<size_t>(count) <= total, op.handle.schema().name(), " takes ", total, " arguments, got ", count);
        for (int32_t i = 0; i < count; i++) stack.push_back(toIValue(op, i, arguments, count));
        if (static_cast<size_t>(count) < total) {
            const auto& schema = op.handle.schema();
            for (size_t i = count; i < total; i++) {
                const auto& fallback = schema.arguments()[i].default_value();
                if (fallback) stack.push_back(*fallback);
                else mismatch(op, i, Value{None, 0, {0}, {0}});
            }
        }
        for (auto check : op.preconditions) check(op.handle.schema(), c10::ArrayRef<c10::IValue>(stack.data() + base, total));
        if (withoutAutograd(op, arguments, count)) {
            at::AutoDispatchBelowADInplaceOrView below;
            op.handle.callBoxed(&stack);
        } else {
            op.handle.callBoxed(&stack);
        }
        const size_t produced = stack.size() - base;
        TORCH_CHECK(produced <= static_cast<size_t>(capacity), op.handle.schema().name(), " returned ", produced, " values, room for ", capacity);
        for (size_t i = 0; i < produced; i++) fromIValue(results[i], stack[base + i]);
        return static_cast<int32_t>(produced);
    });
}

// The schema as libtorch prints it, for tests; the caller frees with hybrid_free.
HYBRID_API char* hybrid_schema(void* op) {
    return guarded<char*>(nullptr, [&] {
        std::ostringstream text;
        text << static_cast<Operator*>(op)->handle.schema();
        return strdup(text.str().c_str());
    });
}

HYBRID_API int32_t hybrid_error_message(char* buffer, int32_t capacity) {
    int32_t length = static_cast<int32_t>(lastError.size());
    memcpy(buffer, lastError.data(), std::min(length, capacity));
    return length;
}

HYBRID_API void hybrid_free(void* memory) { free(memory); }
