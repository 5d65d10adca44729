/* device: the text of a device, "cpu" or "cuda:1", as torch.device and device= take it.
 */
#ifndef CORE_DEVICE_H
#define CORE_DEVICE_H

#include "ctx.h"

/* The device that text (n bytes) names, in *out. RuntimeError "Expected one of cpu,
 * cuda, ... device type at start of device string: foo", "Invalid device string:
 * 'cpu:x'". Types of device that PyTorch knows and this engine has no values for raise
 * NotImplementedError. */
bool device_parse(Ctx *c, const char *text, size_t n, Value *out);
/* The device that a bare number means: cuda:0. RuntimeError "Device index must not be
 * negative". */
bool device_from_index(Ctx *c, int64_t index, Value *out);
/* False for a CUDA device, after AssertionError "Torch not compiled with CUDA enabled".
 */
bool device_check(Ctx *c, Value device);

#endif
