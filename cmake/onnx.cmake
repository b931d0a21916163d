# facegraph_onnx: the ONNX format's messages (Debian's libonnx), for the rewriting of models. Its headers are full of
# what our warnings are against.
find_package(Protobuf REQUIRED)
find_path(ONNX_INCLUDE_DIR onnx/onnx_pb.h REQUIRED)
find_library(ONNX_PROTO_LIBRARY onnx_proto REQUIRED)
add_library(facegraph_onnx INTERFACE)
target_include_directories(facegraph_onnx SYSTEM INTERFACE ${ONNX_INCLUDE_DIR})
target_compile_definitions(facegraph_onnx INTERFACE ONNX_ML=1 ONNX_NAMESPACE=onnx)
target_link_libraries(facegraph_onnx INTERFACE ${ONNX_PROTO_LIBRARY} protobuf::libprotobuf)
