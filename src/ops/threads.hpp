// Threads that single operators may use.
#pragma once

namespace facegraph::ops {

// Process-wide. With several lanes every operator keeps to its lane's thread; for a single picture OpenCV may take all
// cores (0).
void set_operator_threads(int count);

}  // namespace facegraph::ops
