#include "preconditions.h"
#include <ATen/ATen.h>
#include <string_view>

namespace hybrid {

namespace {

using Arguments = c10::ArrayRef<c10::IValue>;

bool integral(const at::Tensor& t) { return t.defined() && c10::isIntegralType(t.scalar_type(), /*includeBool=*/false) && !t.is_meta(); }

// The processor raises a signal, which no catch stops, when the smallest integer is divided by -1.
void integerDivision(const c10::FunctionSchema& schema, Arguments arguments) {
    if (arguments.size() < 2 || !arguments[0].isTensor()) return;
    const auto& dividend = arguments[0].toTensor();
    if (!integral(dividend) || dividend.numel() == 0) return;
    bool minusOne;
    if (arguments[1].isTensor()) {
        const auto& divisor = arguments[1].toTensor();
        if (!integral(divisor)) return;
        minusOne = divisor.numel() > 0 && divisor.eq(-1).any().item<bool>();
    } else {
        minusOne = arguments[1].isInt() && arguments[1].toInt() == -1;
    }
    if (!minusOne) return;
    const auto least = dividend.min().item<int64_t>();
    int64_t smallest;
    switch (dividend.scalar_type()) {
        case at::kChar: smallest = INT8_MIN; break;
        case at::kShort: smallest = INT16_MIN; break;
        case at::kInt: smallest = INT32_MIN; break;
        case at::kLong: smallest = INT64_MIN; break;
        default: return;
    }
    TORCH_CHECK(least != smallest, schema.name(), ": integer division overflows: ", least, ", the smallest value of ", dividend.scalar_type(),
                ", divided by -1 does not fit; divide in a wider or floating-point type");
}

bool mustBePositive(std::string_view name) {
    for (std::string_view known : {"kernel_size", "stride", "dilation", "groups", "upscale_factor", "downscale_factor"})
        if (name == known) return true;
    return false;
}

// Windows: libtorch divides by strides and group counts before it looks at them, and reads as many numbers as there are dimensions.
void windowSizes(const c10::FunctionSchema& schema, Arguments arguments) {
    for (size_t i = 0; i < arguments.size(); i++) {
        const auto& argument = schema.arguments()[i];
        const auto& name = argument.name();
        const bool positive = mustBePositive(name);
        if (!positive && name != "padding" && name != "output_padding" && name != "output_size") continue;
        const auto& value = arguments[i];
        if (value.isInt()) {
            TORCH_CHECK(!positive || value.toInt() > 0, schema.name(), ": ", name, " should be greater than zero, but got ", value.toInt());
            // libtorch squares it and divides by the square.
            TORCH_CHECK(name.find("scale_factor") == std::string::npos || value.toInt() < (1 << 15), schema.name(), ": ", name, " is too large: ", value.toInt());
        } else if (value.isIntList()) {
            const auto numbers = value.toIntVector();
            if (positive)
                for (auto n : numbers) TORCH_CHECK(n > 0, schema.name(), ": ", name, " should be greater than zero, but got ", at::IntArrayRef(numbers));
            const int64_t wanted = argument.N() ? *argument.N() : 0;
            const bool optional = numbers.empty() && (name == "stride" || argument.default_value());
            TORCH_CHECK(wanted < 2 || optional || static_cast<int64_t>(numbers.size()) == wanted || (numbers.size() == 1 && name != "output_size"), schema.name(),
                        ": ", name, " takes ", wanted, " numbers, got ", at::IntArrayRef(numbers));
        }
    }
}

// Where libtorch reads its numbers without counting them, one number does not stand for all.
void exactCounts(const c10::FunctionSchema& schema, Arguments arguments) {
    for (size_t i = 0; i < arguments.size(); i++) {
        const auto& argument = schema.arguments()[i];
        if (!arguments[i].isIntList() || !argument.N()) continue;
        const auto numbers = arguments[i].toIntVector();
        TORCH_CHECK(static_cast<int64_t>(numbers.size()) == *argument.N(), schema.name(), ": ", argument.name(), " takes ", *argument.N(), " numbers, got ", at::IntArrayRef(numbers));
    }
}

const c10::IValue* named(const c10::FunctionSchema& schema, Arguments arguments, std::string_view name) {
    for (size_t i = 0; i < arguments.size(); i++)
        if (schema.arguments()[i].name() == name) return &arguments[i];
    return nullptr;
}

// Recurrent layers index their list of weights and the packed batch sizes without looking at their lengths.
void recurrentWeights(const c10::FunctionSchema& schema, Arguments arguments) {
    const auto weights = named(schema, arguments, "params")->toTensorVector();
    const auto layers = named(schema, arguments, "num_layers")->toInt();
    const bool biases = named(schema, arguments, "has_biases")->toBool(), bidirectional = named(schema, arguments, "bidirectional")->toBool();
    TORCH_CHECK(layers > 0 && layers < (1 << 20), schema.name(), ": num_layers should be greater than zero, but got ", layers);
    const int64_t plain = layers * (bidirectional ? 2 : 1) * (biases ? 4 : 2), projected = layers * (bidirectional ? 2 : 1) * (biases ? 5 : 3);
    const auto count = static_cast<int64_t>(weights.size());
    TORCH_CHECK(count == plain || count == projected, schema.name(), ": ", layers, " layers take ", plain, " weights and biases, got ", count);
    for (const auto& weight : weights) TORCH_CHECK(weight.defined() && weight.dim() > 0, schema.name(), ": a weight is missing or has no dimension");
    if (const auto* batchSizes = named(schema, arguments, "batch_sizes")) {
        const auto& sizes = batchSizes->toTensor();
        TORCH_CHECK(sizes.dim() == 1 && sizes.numel() > 0 && sizes.scalar_type() == at::kLong && sizes.device().is_cpu(), schema.name(),
                    ": batch_sizes takes a vector of int64 on the CPU, got shape ", sizes.sizes(), " of ", sizes.scalar_type());
    }
}

template <int64_t least, int64_t most> void dimensions(const c10::FunctionSchema& schema, Arguments arguments) {
    const auto& t = arguments[0].toTensor();
    TORCH_CHECK(t.dim() >= least && t.dim() <= most, schema.name(), ": expected an input of ", least, " to ", most, " dimensions, got shape ", t.sizes());
}

}  // namespace

std::vector<Precondition> preconditionsOf(const c10::FunctionSchema& schema) {
    std::vector<Precondition> checks;
    std::string_view name = schema.name();
    name.remove_prefix(std::min(name.size(), std::string_view("aten::").size()));
    for (std::string_view division : {"div", "div_", "divide", "divide_", "floor_divide", "floor_divide_", "remainder", "remainder_", "fmod", "fmod_"})
        if (name == division) checks.push_back(integerDivision);
    for (const auto& argument : schema.arguments())
        if (mustBePositive(argument.name()) || argument.name() == "output_size") {
            checks.push_back(windowSizes);
            break;
        }
    if (name == "max_unpool2d") checks.push_back(dimensions<3, 4>);
    if (name == "max_unpool3d") checks.insert(checks.end(), {dimensions<4, 5>, exactCounts});
    if ((name == "lstm" || name == "gru" || name == "rnn_tanh" || name == "rnn_relu") && schema.overload_name() != "") checks.push_back(recurrentWeights);
    return checks;
}

}  // namespace hybrid
