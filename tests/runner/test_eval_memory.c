/* Whatever allocation fails, a cell ends with MemoryError (or catches it) and nothing
 * is left behind: each source is run once for every allocation it makes, which fails.
 */
#include "eval_helper.h"

/* Runs the source with allocation `fail` (counted from the opened context) failing;
 * false when the run made fewer. */
static bool run_failing(const char *source, uint64_t fail) {
    Ctx c;
    Buf out;
    ParseError e;
    Program *p = NULL;
    assert_true(core_open(&c));
    buf_init(&out, &c.mem);
    uint64_t before = c.mem.requests;
    c.mem.fail_at = before + fail;
    Interp *in = interp_open(&c, &out);
    if (in && interp_start(in, 0))
        p = parse_source(&c, interp_names(in), "cell", source, strlen(source), &e);
    error_clear(&c);
    if (p) interp_run_cell(in, p);
    assert_false(ctx_failed(&c));
    bool reached = c.mem.requests >= c.mem.fail_at;
    interp_close(in);
    program_free(p);
    buf_free(&out);
    core_close(&c);
    assert_int_equal(c.mem.live_blocks, 0);
    return reached;
}

static void sweep(const char *source) {
    uint64_t n = 1;
    while (run_failing(source, n)) n++;
    assert_true(n > 1);
}

static void expressions(void **state) {
    (void)state;
    sweep("x = [1, *(2, 3)]; d = {'a': 1, **{'b': x}}; s = {1, 2.5}\n"
          "print(x[0:2], d, s, f'{x!r:>20}{d[\"a\"]:03d}', x + [4], 2 ** 70, -x[0])\n"
          "a, *b = x\n"
          "a += 1\n"
          "del x[0], b\n"
          "print([v * w for v in x for w in range(2)], {v: 1 for v in x}, {v for v in "
          "x})\n"
          "sum(v for v in x)\n");
}

static void functions(void **state) {
    (void)state;
    sweep("def f(a, b=[1], *args, k=2, **kw):\n"
          "    def inner(): return a, args, kw\n"
          "    return inner\n"
          "print(f(1, 2, 3, z=4)(), f(*[1], **{'k': 3})(), (lambda *q: q)(1, 2))\n"
          "def rec(n): return n and rec(n - 1)\n"
          "rec(20)\n"
          "f()\n");
}

static void classes(void **state) {
    (void)state;
    sweep("class A:\n"
          "    x = 1\n"
          "    def __init__(self, v): self.v = v\n"
          "    def __add__(self, o): return type(self)(self.v + o.v)\n"
          "    def __repr__(self): return f'A({self.v})'\n"
          "    @property\n"
          "    def p(self): return self.v\n"
          "    @classmethod\n"
          "    def c(cls): return cls(0)\n"
          "    @staticmethod\n"
          "    def s(): return 1\n"
          "class B(A):\n"
          "    def __init__(self, v):\n"
          "        super().__init__(v)\n"
          "        self.w = [self]\n"
          "class L(list):\n"
          "    def __getattr__(self, n): return n\n"
          "b = B(1)\n"
          "print(b + B(2), b.p, B.c(), b.s(), L([1]).q, B.__mro__, vars(b))\n"
          "b.m = b.p\n"
          "b.nothing\n");
}

static void exceptions(void **state) {
    (void)state;
    sweep("class E(Exception):\n"
          "    def __str__(self): return 'shown'\n"
          "class M:\n"
          "    def __enter__(self): return self\n"
          "    def __exit__(self, *a): print('exit', a[0])\n"
          "def f():\n"
          "    try:\n"
          "        raise E('a', 1) from ValueError('b')\n"
          "    except (TypeError, E) as e:\n"
          "        print(e, e.args, repr(e.__cause__))\n"
          "        return {}['k']\n"
          "    finally:\n"
          "        print('finally')\n"
          "with M() as m:\n"
          "    f()\n");
}

static void memory_errors_are_caught(void **state) {
    (void)state;
    sweep("try:\n"
          "    x = [[i] for i in range(10)]\n"
          "    print(x)\n"
          "except MemoryError as e:\n"
          "    print('caught', repr(e))\n"
          "else:\n"
          "    print('fine')\n"
          "print(sorted('hello'), list(zip('ab', map(str, [1, 2]))), max(3, 4))\n");
}

static void modules_and_warnings(void **state) {
    (void)state;
    sweep("import warnings\n"
          "warnings.simplefilter('ignore')\n"
          "warnings.warn('hidden')\n"
          "with warnings.catch_warnings(record=True) as w:\n"
          "    warnings.simplefilter('always')\n"
          "    warnings.warn('seen')\n"
          "print(len(w), w[0].message)\n"
          "from math import sqrt\n"
          "sqrt(4)\n");
}

static void tensors(void **state) {
    (void)state;
    sweep("x = torch.tensor([1.0, 2.0], requires_grad=True)\n"
          "y = (x * x + 1).sum()\n"
          "x.register_hook(lambda g: g * 2)\n"
          "y.backward()\n"
          "print(x.grad, y, x[0], x.shape)\n"
          "x += 1\n");
}

static void functions_of_autograd(void **state) {
    (void)state;
    sweep("class F(torch.autograd.Function):\n"
          "    @staticmethod\n"
          "    def forward(ctx, x, k):\n"
          "        ctx.save_for_backward(x)\n"
          "        return x * k, x.view(-1)\n"
          "    @staticmethod\n"
          "    def backward(ctx, g, h):\n"
          "        x, = ctx.saved_tensors\n"
          "        return g * x + h, None\n"
          "x = torch.ones(2, requires_grad=True)\n"
          "F.apply(x, 2)[0].sum().backward()\n"
          "x.grad\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expressions),
        cmocka_unit_test(functions),
        cmocka_unit_test(classes),
        cmocka_unit_test(exceptions),
        cmocka_unit_test(memory_errors_are_caught),
        cmocka_unit_test(modules_and_warnings),
        cmocka_unit_test(tensors),
        cmocka_unit_test(functions_of_autograd),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
