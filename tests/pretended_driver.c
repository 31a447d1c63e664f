/* A libcuda.so.1 without a GPU, for NVIDIA's bindings to call: device memory is this process's, and
   a launch calls back what the process has given. PRETEND_FAIL=cuMemAlloc:2 has a function return a
   status, PRETEND_MEMORY=N refuses more than N bytes at once. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned long long Address;
typedef void (*Launch)(unsigned, unsigned, unsigned, Address, Address, long long);

static Launch launch_with;
static int held, refused;

void pretend_launch_with(Launch function) { launch_with = function; }
int pretend_held(void) { return held; }
int pretend_refused(void) { return refused; }

static int fails(const char *name) {
    const char *wanted = getenv("PRETEND_FAIL");
    size_t length = strlen(name);
    if (wanted && !strncmp(wanted, name, length) && wanted[length] == ':') return atoi(wanted + length + 1);
    return 0;
}

static int number(const char *name, int otherwise) {
    const char *text = getenv(name);
    return text ? atoi(text) : otherwise;
}

#define TRY if (fails(__func__)) return fails(__func__)

int cuInit(unsigned flags) { TRY; return 0; }
int cuDriverGetVersion(int *version) { *version = number("PRETEND_VERSION", 13000); return 0; }
int cuDeviceGetCount(int *count) { TRY; *count = number("PRETEND_GPUS", 1); return 0; }
int cuDeviceGet(int *device, int ordinal) { *device = ordinal; return 0; }
int cuDeviceGetName(char *name, int size, int device) {
    memset(name, 0, size);
    strcpy(name, "Pretended GPU");
    return 0;
}
int cuDeviceGetUuid_v2(unsigned char *uuid, int device) {
    memset(uuid, 0x5a, 16);
    uuid[0] = device;
    return 0;
}
int cuDeviceGetAttribute(int *value, int attribute, int device) {
    int capability = number("PRETEND_CAPABILITY", 90);
    switch (attribute) {
        case 75: *value = capability / 10; return 0;
        case 76: *value = capability % 10; return 0;
        case 97: *value = number("PRETEND_CHIP", 232448); return 0;
        default: return 1;
    }
}
int cuDevicePrimaryCtxRetain(void **context, int device) { TRY; held++; *context = (void *)0x1000; return 0; }
int cuDevicePrimaryCtxRelease_v2(int device) { held--; return 0; }
int cuCtxSetCurrent(void *context) { TRY; return 0; }
int cuCtxSynchronize(void) { TRY; return 0; }
int cuModuleLoadData(void **module, const void *image) { TRY; held++; *module = (void *)0x2000; return 0; }
int cuModuleUnload(void *module) { held--; return 0; }
int cuModuleGetFunction(void **function, void *module, const char *name) { TRY; *function = (void *)0x3000; return 0; }
int cuFuncSetAttribute(void *function, int attribute, int value) { TRY; return attribute == 8 ? 0 : 1; }
int cuMemAlloc_v2(Address *address, size_t size) {
    if (fails("cuMemAlloc")) return fails("cuMemAlloc");
    if (size > (size_t)number("PRETEND_MEMORY", 1 << 30)) { refused++; return 2; }
    held++;
    *address = (Address)aligned_alloc(256, (size + 255) / 256 * 256);
    return 0;
}
int cuMemFree_v2(Address address) { held--; free((void *)address); return 0; }
int cuMemcpyHtoD_v2(Address to, const void *from, size_t size) {
    if (fails("cuMemcpyHtoD")) return fails("cuMemcpyHtoD");
    memcpy((void *)to, from, size);
    return 0;
}
int cuMemcpyDtoH_v2(void *to, Address from, size_t size) { memcpy(to, (void *)from, size); return 0; }
int cuLaunchKernel(void *function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by,
                   unsigned bz, unsigned chip, void *stream, void **arguments, void **extra) {
    TRY;
    if (function != (void *)0x3000 || gy != 1 || gz != 1 || bx != 16 || bz != 1 || extra) return 1;
    launch_with(gx, by, chip, *(Address *)arguments[0], *(Address *)arguments[1], *(long long *)arguments[2]);
    return 0;
}
int cuGetProcAddress_v2(const char *name, void **function, int version, uint64_t flags, int *found) {
    char newer[200];
    void *self = dlopen("libcuda.so.1", RTLD_NOW | RTLD_NOLOAD);
    snprintf(newer, sizeof newer, "%s_v2", name);
    *function = dlsym(self, newer);
    if (!*function) *function = dlsym(self, name);
    if (found) *found = *function ? 0 : 1;
    return *function ? 0 : 500;
}
int cuGetProcAddress(const char *name, void **function, int version, uint64_t flags) {
    return cuGetProcAddress_v2(name, function, version, flags, 0);
}
