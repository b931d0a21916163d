# The sanitizers' own code makes GCC see flows that are none, in the standard library too; the release build keeps these warnings.
if(FACEGRAPH_SANITIZE)
  target_compile_options(facegraph_flags INTERFACE
    $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-maybe-uninitialized -Wno-null-dereference -Wno-array-bounds -Wno-stringop-overread>
    $<$<COMPILE_LANGUAGE:CXX>:-fno-omit-frame-pointer>)
endif()
if(FACEGRAPH_SANITIZE STREQUAL "address")
  target_compile_options(facegraph_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-fsanitize=address,undefined -fno-sanitize-recover=all>)
  target_link_options(facegraph_flags INTERFACE -fsanitize=address,undefined)
elseif(FACEGRAPH_SANITIZE STREQUAL "thread")
  target_compile_options(facegraph_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-fsanitize=thread>)
  target_link_options(facegraph_flags INTERFACE -fsanitize=thread)
elseif(FACEGRAPH_SANITIZE)
  message(FATAL_ERROR "FACEGRAPH_SANITIZE is '${FACEGRAPH_SANITIZE}', expected empty, address or thread")
endif()
