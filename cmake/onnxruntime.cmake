# onnxruntime::onnxruntime, from the first of these that is there (docs/decisions/0002-onnxruntime-supply.md):
#   1. ONNXRUNTIME_ROOT (cache or environment): a folder with include/ and lib/
#   2. FACEGRAPH_ORT_ARCHIVE=ON: the official release archive, its sha256 given
#   3. an installed system package (pkg-config libonnxruntime), if the CUDA provider is not asked for
#   4. the pinned PyPI wheel's library with Debian's headers, fetched once by tools/fetch_onnxruntime
# 2 stands before 3 because who switches it on wants just that. FACEGRAPH_ORT_FOLDER is the folder of 1, 2 and 4, or empty.
set(FACEGRAPH_ORT_VERSION 1.31.1)
set(FACEGRAPH_ORT_MINIMUM 1.21)
set(FACEGRAPH_ORT_WHEEL_SHA256 5752bd508126ae7c49894d3b9d2e83f0c3d487319246d04c444b393308d7ad7f)
set(FACEGRAPH_ORT_CUDA_WHEEL_SHA256 e26c475fe361b2015f45b4b824bd13f0bb20204e59b62814e6f0acd5f3d491a6)

set(ONNXRUNTIME_ROOT "" CACHE PATH "ONNX Runtime: a folder with include/ and lib/")
set(FACEGRAPH_ORT_CACHE ${PROJECT_SOURCE_DIR}/.cache CACHE PATH "Where a fetched ONNX Runtime is kept for all build folders")

set(ORT_NAME onnxruntime)
set(ORT_WHEEL_SHA256 ${FACEGRAPH_ORT_WHEEL_SHA256})
if(FACEGRAPH_ORT_CUDA)
  set(ORT_NAME onnxruntime-gpu)
  set(ORT_WHEEL_SHA256 ${FACEGRAPH_ORT_CUDA_WHEEL_SHA256})
endif()

# FOLDER/{include,lib} as the target. Debian and the release archive differ in a subfolder of include/.
function(facegraph_use_onnxruntime FOLDER)
  find_library(ORT_LIBRARY onnxruntime PATHS ${FOLDER}/lib NO_CACHE NO_DEFAULT_PATH)
  find_path(ORT_INCLUDE_DIR onnxruntime_cxx_api.h PATHS ${FOLDER}/include PATH_SUFFIXES onnxruntime NO_CACHE NO_DEFAULT_PATH)
  if(NOT ORT_LIBRARY OR NOT ORT_INCLUDE_DIR)
    message(FATAL_ERROR "ONNX Runtime: expected lib/libonnxruntime.so and include/onnxruntime_cxx_api.h in '${FOLDER}'")
  endif()
  add_library(onnxruntime::onnxruntime SHARED IMPORTED GLOBAL)
  set_target_properties(onnxruntime::onnxruntime PROPERTIES
    IMPORTED_LOCATION ${ORT_LIBRARY}
    IMPORTED_SONAME libonnxruntime.so.1
    INTERFACE_INCLUDE_DIRECTORIES ${ORT_INCLUDE_DIR})
  set(FACEGRAPH_ORT_FOLDER ${FOLDER} PARENT_SCOPE)
  message(STATUS "ONNX Runtime: ${FOLDER}")
endfunction()

function(facegraph_fetch_archive FOLDER)
  string(REPLACE onnxruntime onnxruntime-linux-x64 ARCHIVE ${ORT_NAME})
  set(FACEGRAPH_ORT_ARCHIVE_URL
    https://github.com/microsoft/onnxruntime/releases/download/v${FACEGRAPH_ORT_VERSION}/${ARCHIVE}-${FACEGRAPH_ORT_VERSION}.tgz
    CACHE STRING "The official release archive of ONNX Runtime")
  set(FACEGRAPH_ORT_ARCHIVE_SHA256 "" CACHE STRING "sha256 of FACEGRAPH_ORT_ARCHIVE_URL")
  if(NOT FACEGRAPH_ORT_ARCHIVE_SHA256)
    message(FATAL_ERROR "ONNX Runtime: FACEGRAPH_ORT_ARCHIVE needs the archive's sha256: set FACEGRAPH_ORT_ARCHIVE_SHA256")
  endif()
  set(FILE ${PROJECT_BINARY_DIR}/onnxruntime.tgz)
  file(DOWNLOAD ${FACEGRAPH_ORT_ARCHIVE_URL} ${FILE} EXPECTED_HASH SHA256=${FACEGRAPH_ORT_ARCHIVE_SHA256} SHOW_PROGRESS)
  file(ARCHIVE_EXTRACT INPUT ${FILE} DESTINATION ${FOLDER}.part)
  file(GLOB INNER ${FOLDER}.part/*)
  file(RENAME ${INNER} ${FOLDER})
  file(REMOVE_RECURSE ${FOLDER}.part ${FILE})
endfunction()

function(facegraph_fetch_wheel FOLDER)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  message(STATUS "ONNX Runtime: fetching ${ORT_NAME} ${FACEGRAPH_ORT_VERSION}")
  execute_process(
    COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tools/fetch_onnxruntime --package ${ORT_NAME}
            --version ${FACEGRAPH_ORT_VERSION} --sha256 ${ORT_WHEEL_SHA256} ${FOLDER}
    RESULT_VARIABLE FAILED)
  if(FAILED)
    message(FATAL_ERROR "ONNX Runtime is missing and could not be fetched (above). Give ONNXRUNTIME_ROOT, a folder with "
                        "include/ and lib/, or install libonnxruntime-dev ${FACEGRAPH_ORT_MINIMUM} or newer.")
  endif()
endfunction()

set(FACEGRAPH_ORT_FOLDER "")
set(ORT_GIVEN ${ONNXRUNTIME_ROOT})
if(NOT ORT_GIVEN)
  set(ORT_GIVEN $ENV{ONNXRUNTIME_ROOT})
endif()
if(NOT ORT_GIVEN AND NOT FACEGRAPH_ORT_ARCHIVE AND ORT_NAME STREQUAL onnxruntime)
  pkg_check_modules(ONNXRUNTIME QUIET IMPORTED_TARGET GLOBAL libonnxruntime>=${FACEGRAPH_ORT_MINIMUM})
endif()

if(ORT_GIVEN)
  facegraph_use_onnxruntime(${ORT_GIVEN})
elseif(ONNXRUNTIME_FOUND)
  add_library(onnxruntime::onnxruntime ALIAS PkgConfig::ONNXRUNTIME)
  message(STATUS "ONNX Runtime: system package ${ONNXRUNTIME_VERSION}")
else()
  set(ORT_FOLDER ${FACEGRAPH_ORT_CACHE}/${ORT_NAME}-${FACEGRAPH_ORT_VERSION})
  if(FACEGRAPH_ORT_ARCHIVE)
    string(APPEND ORT_FOLDER -archive)
  endif()
  if(NOT EXISTS ${ORT_FOLDER} AND FACEGRAPH_ORT_ARCHIVE)
    facegraph_fetch_archive(${ORT_FOLDER})
  elseif(NOT EXISTS ${ORT_FOLDER})
    facegraph_fetch_wheel(${ORT_FOLDER})
  endif()
  facegraph_use_onnxruntime(${ORT_FOLDER})
endif()
