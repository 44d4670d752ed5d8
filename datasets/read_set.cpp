// SPDX-License-Identifier: Apache-2.0
#include "datasets/read_set.hpp"

#include "core/error.hpp"
#include "datasets/cmodd.hpp"
#include "datasets/coco.hpp"
#include "datasets/voc.hpp"
#include "datasets/yolo.hpp"

namespace caplamp::datasets {

namespace fs = std::filesystem;

namespace {

fs::path yaml_of(const fs::path& data) {
    return fs::is_directory(data) ? data / "data.yaml" : data;
}

}  // namespace

std::string_view name_of(Format format) {
    switch (format) {
        case Format::yolo:
            return "yolo";
        case Format::voc:
            return "voc";
        case Format::coco:
            return "coco";
        case Format::cmodd:
            return "cmodd";
    }
    return "";
}

std::optional<Format> format_named(std::string_view name) {
    for (const Format format : {Format::yolo, Format::voc, Format::coco, Format::cmodd})
        if (name == name_of(format)) return format;
    return std::nullopt;
}

Format format_of(const fs::path& data) {
    if (!fs::exists(data)) throw Error(data.string() + ": no such file or folder");
    if (fs::is_directory(data)) return fs::exists(data / "data.yaml") ? Format::yolo : Format::voc;
    const std::string ending = data.extension().string();
    if (ending == ".yaml" || ending == ".yml") return Format::yolo;
    if (ending == ".json") return Format::coco;
    throw Error(data.string() + ": neither a data.yaml, nor a COCO .json file, nor a folder");
}

LabelledSet read_set(const fs::path& data, Format format, const ReadOptions& options) {
    switch (format) {
        case Format::yolo:
            return read_yolo(yaml_of(data), options);
        case Format::voc:
            return read_voc(data, options);
        case Format::coco:
            return read_coco(data, options);
        case Format::cmodd:
            return read_cmodd(data, options);
    }
    throw Error(data.string() + ": of no known format");
}

std::vector<std::string> splits_of(const fs::path& data, Format format) {
    switch (format) {
        case Format::yolo:
            return yolo_splits(yaml_of(data));
        case Format::voc:
            return voc_splits(data);
        case Format::cmodd:
            return cmodd_splits(data);
        case Format::coco:
            break;
    }
    return {"val"};
}

}  // namespace caplamp::datasets
