# OpenCV's three modules as imported targets. Debian's OpenCVConfig.cmake lies in libopencv-dev, which wants every module
# and a desktop with it; the module packages (core, imgproc, imgcodecs) hold all that we use.
set(FACEGRAPH_OPENCV_MINIMUM 4.6)
find_path(OPENCV_INCLUDE_DIR opencv2/core.hpp PATH_SUFFIXES opencv4 REQUIRED)
file(STRINGS ${OPENCV_INCLUDE_DIR}/opencv2/core/version.hpp OPENCV_VERSION_LINES REGEX "define CV_VERSION_(MAJOR|MINOR)")
string(REGEX REPLACE ".*MAJOR +([0-9]+).*MINOR +([0-9]+).*" "\\1.\\2" OPENCV_VERSION "${OPENCV_VERSION_LINES}")
if(OPENCV_VERSION VERSION_LESS FACEGRAPH_OPENCV_MINIMUM)
  message(FATAL_ERROR "OpenCV: expected ${FACEGRAPH_OPENCV_MINIMUM} or newer, found ${OPENCV_VERSION} in ${OPENCV_INCLUDE_DIR}")
endif()

foreach(MODULE core imgproc imgcodecs)
  find_library(OPENCV_${MODULE}_LIBRARY opencv_${MODULE} REQUIRED)
  add_library(opencv_${MODULE} SHARED IMPORTED)
  set_target_properties(opencv_${MODULE} PROPERTIES
    IMPORTED_LOCATION ${OPENCV_${MODULE}_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${OPENCV_INCLUDE_DIR})
endforeach()
target_link_libraries(opencv_imgproc INTERFACE opencv_core)
target_link_libraries(opencv_imgcodecs INTERFACE opencv_imgproc)
