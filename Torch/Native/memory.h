#pragma once

namespace hybrid {

// Makes CPU tensors take their memory from blocks that earlier tensors freed.
void keepFreedMemory();

// Gives kept blocks back to the system: this thread's small ones and all large ones.
void releaseKeptMemory();

}  // namespace hybrid
