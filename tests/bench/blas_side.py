"""The OpenBLAS side of bench.py: usage: blas_side.py LIBRARY. Reads one JSON request a
line, {"n", "turns", "threads"}, and answers what that many products of two n x n
matrices of float32 took."""
import ctypes
import json
import random
import sys
import time

blas = ctypes.CDLL(sys.argv[1])
ROW_MAJOR, AS_IS = 101, 111


def floats(n):
    return (ctypes.c_float * n)(*(random.random() for _ in range(n)))


def gemm(n, a, b, out):
    blas.cblas_sgemm(ROW_MAJOR, AS_IS, AS_IS, n, n, n, ctypes.c_float(1), a, n, b, n,
                     ctypes.c_float(0), out, n)


for request in sys.stdin:
    request = json.loads(request)
    n = request["n"]
    a, b, out = floats(n * n), floats(n * n), (ctypes.c_float * (n * n))()
    blas.openblas_set_num_threads(request["threads"])
    gemm(n, a, b, out)
    wall, work = time.perf_counter_ns(), time.process_time_ns()
    for _ in range(request["turns"]):
        gemm(n, a, b, out)
    print(json.dumps({"wall": time.perf_counter_ns() - wall,
                      "work": time.process_time_ns() - work}), flush=True)
