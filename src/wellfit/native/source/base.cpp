// For every processor that the compiler's own settings allow.
#include "work.h"

#define TALL 4
namespace wellfit {
namespace base_floats {
#define REAL float
#define LANES 4
#include "kernels.inc"
}  // namespace base_floats
#undef REAL
#undef LANES
namespace base_doubles {
#define REAL double
#define LANES 2
#include "kernels.inc"
}  // namespace base_doubles
const Kernels<float>& kernels_base(float) { return base_floats::all; }
const Kernels<double>& kernels_base(double) { return base_doubles::all; }
}  // namespace wellfit
