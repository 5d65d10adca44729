/* What the prelude's own classes rest on: subclasses of torch.Tensor, attributes of
 * tensors, dicts with an order of their own, generators that bear another name.
 * What is expected is what CPython 3.11 and PyTorch 1.13.1 print. */
#include "eval_helper.h"

#define PARAMETER                                                                      \
    "import torch\n"                                                                   \
    "from torch.nn import Parameter\n"                                                 \
    "p = Parameter(torch.ones(2))\n"

static void a_parameter_is_a_tensor_of_its_own_class(void **state) {
    (void)state;
    expect_output(PARAMETER "print(p, type(p), isinstance(p, torch.Tensor))\n",
                  "Parameter containing:\n"
                  "tensor([1., 1.], requires_grad=True) "
                  "<class 'torch.nn.parameter.Parameter'> True\n");
}

static void results_are_plain_tensors(void **state) {
    (void)state;
    expect_output(
        PARAMETER
        "print(type(p * 1), type(p.detach()), type(p.data), p.add_ is None)\n",
        "<class 'torch.Tensor'> <class 'torch.Tensor'> "
        "<class 'torch.Tensor'> False\n");
}

static void attributes_are_set_and_deleted(void **state) {
    (void)state;
    expect_output(PARAMETER "p.tag = 1\n"
                            "print(p.tag, p.__dict__)\n"
                            "del p.tag\n"
                            "p.tag\n",
                  "1 {'tag': 1}\n"
                  "AttributeError: 'Parameter' object has no attribute 'tag'\n");
}

static void a_subclass_has_methods_and_text(void **state) {
    (void)state;
    expect_output("import torch\n"
                  "class Named(torch.Tensor):\n"
                  "    def name(self):\n"
                  "        return \"named\"\n"
                  "    @property\n"
                  "    def shape(self):\n"
                  "        return \"mine\"\n"
                  "    def __repr__(self):\n"
                  "        return \"<Named>\"\n"
                  "t = torch.Tensor._make_subclass(Named, torch.ones(2))\n"
                  "print(t, t.name(), t.shape, type(t).__name__, t.sum())\n",
                  "<Named> named mine Named <Named>\n");
}

static void a_tensor_changes_its_class(void **state) {
    (void)state;
    expect_output("import torch\n"
                  "from torch.nn.parameter import UninitializedParameter\n"
                  "p = UninitializedParameter()\n"
                  "print(p)\n"
                  "p.materialize((2,))\n"
                  "print(type(p).__name__, p.shape)\n",
                  "<UninitializedParameter>\n"
                  "Parameter torch.Size([2])\n");
}

static void views_of_an_ordered_dict_say_so(void **state) {
    (void)state;
    expect_output("from collections import OrderedDict\n"
                  "d = OrderedDict(a=1)\n"
                  "print(d, d.keys(), d.values(), d.items())\n",
                  "OrderedDict([('a', 1)]) odict_keys(['a']) odict_values([1]) "
                  "odict_items([('a', 1)])\n");
}

static void what_has_keys_is_a_mapping(void **state) {
    (void)state;
    expect_output("class M:\n"
                  "    def keys(self):\n"
                  "        return [\"a\", \"b\"]\n"
                  "    def __getitem__(self, key):\n"
                  "        return key * 2\n"
                  "d = {\"c\": 1}\n"
                  "d.update(M())\n"
                  "print(dict(M()), {**M()}, d, (lambda **k: k)(**M()))\n",
                  "{'a': 'aa', 'b': 'bb'} {'a': 'aa', 'b': 'bb'} "
                  "{'c': 1, 'a': 'aa', 'b': 'bb'} {'a': 'aa', 'b': 'bb'}\n");
}

static void a_generator_takes_another_name(void **state) {
    (void)state;
    expect_output("g = (x for x in [1, 2])\n"
                  "g.__qualname__ = \"Module.parameters\"\n"
                  "print(g, list(g))\n"
                  "g.__qualname__ = 3\n",
                  "<generator object Module.parameters at 0x...> [1, 2]\n"
                  "TypeError: __qualname__ must be set to a string object\n");
}

static void dir_asks_the_class(void **state) {
    (void)state;
    expect_output("class D:\n"
                  "    def __dir__(self):\n"
                  "        return [\"b\", \"a\"]\n"
                  "print(dir(D()))\n",
                  "['a', 'b']\n");
}

static void a_module_lists_what_a_star_imports(void **state) {
    (void)state;
    expect_output("from torch.nn import *\n"
                  "print(ReLU(), Parameter.__name__)\n"
                  "functional\n",
                  "ReLU() Parameter\n"
                  "NameError: name 'functional' is not defined\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_parameter_is_a_tensor_of_its_own_class),
        cmocka_unit_test(results_are_plain_tensors),
        cmocka_unit_test(attributes_are_set_and_deleted),
        cmocka_unit_test(a_subclass_has_methods_and_text),
        cmocka_unit_test(a_tensor_changes_its_class),
        cmocka_unit_test(views_of_an_ordered_dict_say_so),
        cmocka_unit_test(what_has_keys_is_a_mapping),
        cmocka_unit_test(a_generator_takes_another_name),
        cmocka_unit_test(dir_asks_the_class),
        cmocka_unit_test(a_module_lists_what_a_star_imports),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
