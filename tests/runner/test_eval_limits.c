/* What a cell written to do harm may try: tensors that no memory could hold, gradients
 * whose saved tensors have been replaced, lists and tensors that change while they are
 * in use. It gets an answer or an error, and nothing else happens. */
#include "eval_helper.h"

#define SHOW                                                                           \
    "def show(f):\n"                                                                   \
    "    try:\n"                                                                       \
    "        print(f())\n"                                                             \
    "    except Exception as e:\n"                                                     \
    "        print(e)\n"

static void operators_add_no_dimension_to_the_most(void **state) {
    (void)state;
    expect_output("import torch\n" SHOW "x = torch.zeros([1] * 126)\n"
                  "i = torch.zeros([1] * 100, dtype=torch.long)\n"
                  "show(lambda: x.unsqueeze(0))\n"
                  "show(lambda: x[None, ..., None])\n"
                  "show(lambda: torch.stack([x, x]))\n"
                  "show(lambda: torch.zeros([1] * 100)[i])\n"
                  "show(lambda: torch.embedding(torch.zeros(1, 2), x.long()))\n",
                  "tensors of more than 126 dimensions are not supported (got 127)\n"
                  "tensors of more than 126 dimensions are not supported (got 127)\n"
                  "tensors of more than 126 dimensions are not supported (got 127)\n"
                  "tensors of more than 126 dimensions are not supported (got 199)\n"
                  "tensors of more than 126 dimensions are not supported (got 127)\n");
}

static void sizes_beyond_all_memory_are_refused_of_nothing_too(void **state) {
    (void)state;
    expect_output("import torch\n" SHOW "x = torch.zeros(0, 1, 1)\n"
                  "show(lambda: x.expand(0, 2 ** 40, 2 ** 8).numel())\n"
                  "show(lambda: x.expand(0, 2 ** 40, 2 ** 40))\n"
                  "show(lambda: torch.zeros(0, 2 ** 62))\n"
                  "show(lambda: x.as_strided([0], [2 ** 62]))\n",
                  "0\n"
                  "numel: integer multiplication overflow\n"
                  "Storage size calculation overflowed with sizes=[0, "
                  "4611686018427387904]\n"
                  "Storage size calculation overflowed with sizes=[0] and "
                  "strides=[4611686018427387904]\n");
}

static void a_gradient_refuses_what_has_been_replaced(void **state) {
    (void)state;
    expect_output(
        "import torch\n"
        "import torch.nn.functional as F\n"
        "def show(f):\n"
        "    x = torch.ones(1, 2, 4, 4, requires_grad=True)\n"
        "    y = f(x)\n"
        "    x.data = torch.ones(1, 2, 9, 9)\n"
        "    try:\n"
        "        y.sum().backward()\n"
        "    except RuntimeError as e:\n"
        "        print(e)\n"
        "show(lambda x: F.pad(x, [1, 1, 1, 1], mode='reflect'))\n"
        "show(lambda x: F.avg_pool2d(x, 2))\n"
        "show(lambda x: F.batch_norm(x, None, None, training=True))\n"
        "show(lambda x: F.conv2d(x, torch.ones(2, 2, 3, 3)))\n"
        "show(lambda x: F.conv_transpose2d(x, torch.ones(2, 2, 3, 3)))\n"
        "w = torch.ones(3, 2, requires_grad=True)\n"
        "i = torch.tensor([0, 2])\n"
        "y = F.embedding_bag(i, w, torch.tensor([0]))\n"
        "i.data.fill_(2 ** 40)\n"
        "try:\n"
        "    y.sum().backward()\n"
        "except IndexError as e:\n"
        "    print(e)\n",
        "a gradient expected a saved tensor of dtype Float and shape [1, 2, 11, 11], "
        "but found one of dtype Float and shape [1, 2, 6, 6]\n"
        "a gradient expected a saved tensor of dtype Float and shape [1, 2, 4, 4], "
        "but found one of dtype Float and shape [1, 2, 2, 2]\n"
        "a gradient expected a saved tensor of dtype Float and shape [1, 2, 9, 9], "
        "but found one of dtype Float and shape [1, 2, 4, 4]\n"
        "a gradient expected a saved tensor of dtype Float and shape [1, 2, 7, 7], "
        "but found one of dtype Float and shape [1, 2, 2, 2]\n"
        "a gradient expected a saved tensor of dtype Float and shape [1, 2, 11, 11], "
        "but found one of dtype Float and shape [1, 2, 6, 6]\n"
        "index out of range in self\n");
}

static void what_a_cell_does_to_a_tensor_or_list_in_use(void **state) {
    (void)state;
    expect_output("import torch\n"
                  "x = torch.arange(3.)\n"
                  "def grow(v):\n"
                  "    x.resize_(100000)\n"
                  "    return v + 1\n"
                  "print(x.apply_(grow)[:3])\n"
                  "print(torch.ones(2).apply_(lambda v: 2 ** 70))\n"
                  "class Clears:\n"
                  "    def __init__(self, l): self.l = l\n"
                  "    def __bool__(self):\n"
                  "        self.l.clear()\n"
                  "        return True\n"
                  "    def __index__(self): return int(bool(self))\n"
                  "l = []\n"
                  "l.append([Clears(l), True])\n"
                  "print(torch.tensor(l, dtype=torch.bool))\n"
                  "l = []\n"
                  "l += [slice(Clears(l), None), None, slice(0, 1)]\n"
                  "print(torch.ones(3, 2)[l].shape)\n"
                  "l.append(l)\n"
                  "try:\n"
                  "    torch.Tensor.__torch_function__(lambda: l, (), ())\n"
                  "    class T(torch.Tensor): pass\n"
                  "    T.__torch_function__(lambda: l, (T,), ())\n"
                  "except RecursionError as e:\n"
                  "    print(e)\n",
                  "tensor([1., 2., 3.])\n"
                  "tensor([1.1806e+21, 1.1806e+21])\n"
                  "tensor([[True, True]])\n"
                  "torch.Size([2, 1, 1])\n"
                  "maximum recursion depth exceeded while calling a Python object\n");
}

static void what_the_prelude_alone_calls(void **state) {
    (void)state;
    expect_output("import torch\n"
                  "def show(f):\n"
                  "    try:\n"
                  "        f()\n"
                  "    except TypeError as e:\n"
                  "        print(e)\n"
                  "n = torch.ones(1, requires_grad=True).exp().grad_fn\n"
                  "show(lambda: torch._C.hook_saved(1, 0, print, print))\n"
                  "show(lambda: torch._C.hook_saved(n, 2 ** 40, print, print))\n"
                  "show(lambda: torch._C._function.name_type(1, 'x'))\n"
                  "show(lambda: torch._C._function.written_in_c(1))\n",
                  "hook_saved(): no saved value of a node\n"
                  "hook_saved(): no saved value of a node\n"
                  "name_type() takes a class and its name\n"
                  "written_in_c() takes a class of a module\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operators_add_no_dimension_to_the_most),
        cmocka_unit_test(sizes_beyond_all_memory_are_refused_of_nothing_too),
        cmocka_unit_test(a_gradient_refuses_what_has_been_replaced),
        cmocka_unit_test(what_a_cell_does_to_a_tensor_or_list_in_use),
        cmocka_unit_test(what_the_prelude_alone_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
