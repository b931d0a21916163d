// How each operator works on several items. Internal to batch.
#pragma once

#include <onnx/onnx_pb.h>

#include "runtime/batch/batch_graph.hpp"

namespace facegraph::runtime {

// Throws Error(kFailed) for a graph with graphs of its own.
void check_control_flow(const onnx::GraphProto& graph);

// Adds to the graph what does for several items what the node does for one. opset: of the model. Throws Error(kFailed)
// with the reason where that is not known.
void open_node(BatchGraph& graph, onnx::NodeProto node, std::int64_t opset);

}  // namespace facegraph::runtime
