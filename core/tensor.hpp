// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cassert>
#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <vector>

namespace caplamp {

/// Channels, rows and columns of one feature map or picture.
struct Shape {
    int channels = 0;
    int height = 0;
    int width = 0;

    std::size_t plane() const {
        return static_cast<std::size_t>(height) * static_cast<std::size_t>(width);
    }
    std::size_t size() const { return static_cast<std::size_t>(channels) * plane(); }
    bool operator==(const Shape&) const = default;
};

/// Allocates on cache lines, so that vector kernels may load whole ones.
template <class T>
struct CacheAlignedAllocator {
    using value_type = T;
    static constexpr std::align_val_t alignment{64};

    CacheAlignedAllocator() = default;
    template <class U>
    CacheAlignedAllocator(const CacheAlignedAllocator<U>&) {}
    T* allocate(std::size_t count) {
        return static_cast<T*>(::operator new(count * sizeof(T), alignment));
    }
    void deallocate(T* block, std::size_t) { ::operator delete(block, alignment); }
    bool operator==(const CacheAlignedAllocator&) const { return true; }
};

/// A borrowed block of numbers in channel, row, column order. Never owns.
template <class T>
class BasicTensorView {
public:
    BasicTensorView() = default;
    BasicTensorView(std::span<T> data, Shape shape) : data_(data), shape_(shape) {
        assert(data.size() == shape.size());
    }

    Shape shape() const { return shape_; }
    std::span<T> data() const { return data_; }
    std::span<T> channel(int c) const {
        return data_.subspan(static_cast<std::size_t>(c) * shape_.plane(), shape_.plane());
    }
    T& at(int c, int y, int x) const {
        return data_[(static_cast<std::size_t>(c) * static_cast<std::size_t>(shape_.height) +
                      static_cast<std::size_t>(y)) *
                         static_cast<std::size_t>(shape_.width) +
                     static_cast<std::size_t>(x)];
    }

private:
    std::span<T> data_;
    Shape shape_;
};

using TensorView = BasicTensorView<const float>;
using MutableTensorView = BasicTensorView<float>;

/// Owns a block of floats in channel, row, column order, aligned to 64 bytes; zeros at first.
class Tensor {
public:
    Tensor() = default;
    explicit Tensor(Shape shape) : shape_(shape), data_(shape.size()) {}

    Shape shape() const { return shape_; }
    TensorView view() const { return {std::span<const float>(data_), shape_}; }
    MutableTensorView view() { return {std::span<float>(data_), shape_}; }
    std::span<const float> data() const { return data_; }
    std::span<float> data() { return data_; }

private:
    Shape shape_;
    std::vector<float, CacheAlignedAllocator<float>> data_;
};

}  // namespace caplamp
