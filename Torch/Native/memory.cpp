// Memory of CPU tensors: freed blocks are kept and handed out again. libtorch's own allocator asks glibc for 64-byte alignment each time, which
// searches and splits chunks, and gives large blocks back to the system, so that each activation of a training step pays for its page faults anew.
//
// A block is filed under the size class that it was made for: multiples of 64 bytes up to 4 KiB, then four classes a doubling. Small blocks stay with
// the thread that frees them; larger ones are shared, up to `keptBytes` in all.
#include "memory.h"
#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <c10/core/impl/alloc_cpu.h>
#include <array>
#include <mutex>
#include <utility>
#include <vector>

namespace hybrid {

static constexpr size_t alignment = 64;             // of data; also the room that a block's header takes before it
static constexpr size_t smallBytes = 4096;
static constexpr size_t largestKept = size_t(1) << 28;
static constexpr size_t keptBytes = size_t(1) << 28;
static constexpr uint32_t smallClasses = smallBytes / alignment;
static constexpr uint32_t largeClasses = 4 * 16;    // 4 KiB to 256 MiB
static constexpr uint32_t unkept = UINT32_MAX;
static constexpr uint32_t keptOfSmallClass = 64;

struct Block {
    Block* next;
    uint32_t sizeClass;
};
static_assert(sizeof(Block) <= alignment, "the header must fit before the data");

struct SizeClass {
    uint32_t index;
    size_t bytes;
};

static SizeClass classOf(size_t bytes) {
    if (bytes <= smallBytes) {
        const auto index = static_cast<uint32_t>((bytes - 1) / alignment);
        return {index, (index + size_t(1)) * alignment};
    }
    if (bytes > largestKept) return {unkept, bytes};
    const int top = 63 - __builtin_clzll(bytes - 1);            // 2^top <= bytes - 1 < 2^(top + 1), top >= 12
    const size_t quarter = size_t(1) << (top - 2);
    const size_t steps = (bytes - 1) / quarter + 1;             // 5 to 8 quarters of 2^top
    return {smallClasses + static_cast<uint32_t>((top - 12) * 4 + (steps - 5)), steps * quarter};
}

static size_t bytesOf(uint32_t sizeClass) {
    if (sizeClass < smallClasses) return (sizeClass + size_t(1)) * alignment;
    const uint32_t large = sizeClass - smallClasses;
    return (size_t(1) << (12 + large / 4 - 2)) * (5 + large % 4);
}

static void giveBack(Block* list) {
    while (list) {
        Block* next = list->next;
        c10::free_cpu(list);
        list = next;
    }
}

struct SmallBlocks {
    std::array<Block*, smallClasses> first{};
    std::array<uint32_t, smallClasses> count{};
    ~SmallBlocks() {
        for (auto& list : first) giveBack(std::exchange(list, nullptr));
        count.fill(keptOfSmallClass);  // what this thread still frees while it ends is not kept
    }
};

static SmallBlocks& smallBlocks() {
    static thread_local SmallBlocks blocks;
    return blocks;
}

struct LargeBlocks {
    std::mutex mutex;
    std::array<std::vector<Block*>, largeClasses> free;
    size_t bytes = 0;
};

static LargeBlocks& largeBlocks() {
    static auto* blocks = new LargeBlocks();  // never destroyed: tensors may outlive static objects
    return *blocks;
}

static void release(void* data) {
    if (!data) return;
    auto* block = reinterpret_cast<Block*>(static_cast<char*>(data) - alignment);
    const uint32_t sizeClass = block->sizeClass;
    if (sizeClass < smallClasses) {
        auto& blocks = smallBlocks();
        if (blocks.count[sizeClass] < keptOfSmallClass) {
            block->next = std::exchange(blocks.first[sizeClass], block);
            blocks.count[sizeClass]++;
            return;
        }
    } else if (sizeClass != unkept) {
        const size_t bytes = bytesOf(sizeClass);
        auto& blocks = largeBlocks();
        std::lock_guard<std::mutex> lock(blocks.mutex);
        if (blocks.bytes + bytes <= keptBytes) {
            blocks.free[sizeClass - smallClasses].push_back(block);
            blocks.bytes += bytes;
            return;
        }
    }
    c10::free_cpu(block);
}

static Block* kept(uint32_t sizeClass) {
    if (sizeClass < smallClasses) {
        auto& blocks = smallBlocks();
        Block* block = blocks.first[sizeClass];
        if (block) {
            blocks.first[sizeClass] = block->next;
            blocks.count[sizeClass]--;
        }
        return block;
    }
    if (sizeClass == unkept) return nullptr;
    auto& blocks = largeBlocks();
    std::lock_guard<std::mutex> lock(blocks.mutex);
    auto& list = blocks.free[sizeClass - smallClasses];
    if (list.empty()) return nullptr;
    Block* block = list.back();
    list.pop_back();
    blocks.bytes -= bytesOf(sizeClass);
    return block;
}

void releaseKeptMemory() {
    auto& small = smallBlocks();
    for (auto& list : small.first) giveBack(std::exchange(list, nullptr));
    small.count.fill(0);
    auto& large = largeBlocks();
    std::lock_guard<std::mutex> lock(large.mutex);
    for (auto& list : large.free) {
        for (auto* block : list) c10::free_cpu(block);
        list.clear();
    }
    large.bytes = 0;
}

struct KeepingAllocator final : c10::Allocator {
    c10::DataPtr allocate(size_t bytes) const override {
        const c10::Device cpu(c10::DeviceType::CPU);
        if (bytes == 0) return {nullptr, nullptr, &release, cpu};
        const SizeClass wanted = classOf(bytes);
        Block* block = kept(wanted.index);
        if (!block) block = fresh(wanted.bytes);
        block->sizeClass = wanted.index;
        void* data = reinterpret_cast<char*>(block) + alignment;
        return {data, data, &release, cpu};
    }

    c10::DeleterFnPtr raw_deleter() const override { return &release; }

private:
    static Block* fresh(size_t bytes) {
        try {
            return static_cast<Block*>(c10::alloc_cpu(bytes + alignment));
        } catch (const c10::Error&) {
            releaseKeptMemory();  // what is kept may be what is missing
            return static_cast<Block*>(c10::alloc_cpu(bytes + alignment));
        }
    }
};

void keepFreedMemory() {
    static KeepingAllocator allocator;
    c10::SetCPUAllocator(&allocator, /*priority=*/1);
}

}  // namespace hybrid
