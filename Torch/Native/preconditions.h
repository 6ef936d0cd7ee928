// Arguments that would end the process inside libtorch rather than raise its error: checked before the call.
#pragma once
#include <ATen/core/function_schema.h>
#include <ATen/core/ivalue.h>

namespace hybrid {

using Precondition = void (*)(const c10::FunctionSchema& schema, c10::ArrayRef<c10::IValue> arguments);

// The checks that calls of this operation need; none for most.
std::vector<Precondition> preconditionsOf(const c10::FunctionSchema& schema);

}  // namespace hybrid
