// For every processor that the compiler's own settings allow.
#include "work.h"

#define TALL 4
#define PROCESSOR base
#define BYTES 16
#include "processor.inc"
