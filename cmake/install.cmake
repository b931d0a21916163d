# PREFIX/bin/facegraph, PREFIX/lib/facegraph (ONNX Runtime, found by RPATH; a system package stays where it is),
# PREFIX/share/facegraph (the installation root: official model files lie in its .assets/models, the embedded set in
# models/embedded), PREFIX/share/doc/facegraph; the manual page and the shells' completion, written by the program itself.
set(FACEGRAPH_DOC_DIR share/doc/facegraph)
set_target_properties(facegraph PROPERTIES INSTALL_RPATH "$ORIGIN/../lib/facegraph" INSTALL_RPATH_USE_LINK_PATH OFF)
install(TARGETS facegraph RUNTIME DESTINATION bin)
install(DIRECTORY DESTINATION share/facegraph/.assets/models)
install(DIRECTORY models/embedded DESTINATION share/facegraph/models
        FILES_MATCHING PATTERN "*.onnx" PATTERN "*.hash" PATTERN "*.md")
install(FILES README.md CHANGELOG.md LICENSE DESTINATION ${FACEGRAPH_DOC_DIR})
install(DIRECTORY docs/user DESTINATION ${FACEGRAPH_DOC_DIR})

set(PAGES ${PROJECT_BINARY_DIR}/pages)
foreach(PAGE "man;facegraph.1" "completion bash;facegraph.bash" "completion zsh;_facegraph")
  list(POP_BACK PAGE FILE)
  install(CODE "file(MAKE_DIRECTORY ${PAGES})
    execute_process(COMMAND $<TARGET_FILE:facegraph> ${PAGE} OUTPUT_FILE ${PAGES}/${FILE} WORKING_DIRECTORY ${PAGES} COMMAND_ERROR_IS_FATAL ANY)")
endforeach()
install(FILES ${PAGES}/facegraph.1 DESTINATION share/man/man1)
install(FILES ${PAGES}/facegraph.bash DESTINATION share/bash-completion/completions RENAME facegraph)
install(FILES ${PAGES}/_facegraph DESTINATION share/zsh/vendor-completions)

if(FACEGRAPH_ORT_FOLDER)
  file(REAL_PATH ${FACEGRAPH_ORT_FOLDER}/lib/libonnxruntime.so ORT_LIBRARY_FILE)
  install(FILES ${ORT_LIBRARY_FILE} DESTINATION lib/facegraph RENAME libonnxruntime.so.1)
  if(EXISTS ${FACEGRAPH_ORT_FOLDER}/lib/libonnxruntime_providers_cuda.so)
    install(FILES ${FACEGRAPH_ORT_FOLDER}/lib/libonnxruntime_providers_shared.so
                  ${FACEGRAPH_ORT_FOLDER}/lib/libonnxruntime_providers_cuda.so
            DESTINATION lib/facegraph)
  endif()
  install(FILES ${FACEGRAPH_ORT_FOLDER}/LICENSE ${FACEGRAPH_ORT_FOLDER}/ThirdPartyNotices.txt
          DESTINATION ${FACEGRAPH_DOC_DIR}/onnxruntime OPTIONAL)
endif()
