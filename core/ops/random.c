/* Random numbers into existing tensors (uniform_, normal_, random_, bernoulli_ ...) and
 * as functions of tensors (bernoulli, poisson).
 *
 * What is drawn does not depend on what was there: gradients of self and of parameters
 * are zero.  Sources: Distributions.cpp, DistributionTemplates.h. */
#include "ops.h"

#include "random_fill.h"

/* ---- shared ---- */

/* self when it could be filled. */
static Value filled(Tensor *self, bool ok) {
    return ok ? value_obj(self) : value_null();
}

/* ---- uniform_, normal_ and other real numbers ---- */

/* self[i] = from + (to - from) u, u uniform in [0, 1). */
static Value uniform_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    return filled(self, fill_uniform(c, self, call_random(c, k, 3), call_float(k, 1),
                                     call_float(k, 2)));
}
static const OpDef op_uniform_ = {
    .schema = "uniform_(Tensor(a!) self, float from=0, float to=1, *, Generator? "
              "generator=None) -> Tensor(a!)",
    .doc = "Fills self with uniform numbers from [from, to).",
    .forms = OP_METHOD,
    .forward = uniform_forward,
    .backward = random_backward,
};

static Value normal_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    return filled(self, fill_normal(c, self, call_random(c, k, 3), call_float(k, 1),
                                    call_float(k, 2)));
}
static const OpDef op_normal_ = {
    .schema = "normal_(Tensor(a!) self, float mean=0, float std=1, *, Generator? "
              "generator=None) -> Tensor(a!)",
    .doc = "Fills self with normal numbers.",
    .forms = OP_METHOD,
    .forward = normal_forward,
    .backward = random_backward,
};

/* self[i] = -log(1 - u) / lambd */
static Value exponential_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    return filled(self,
                  fill_exponential(c, self, call_random(c, k, 2), call_float(k, 1)));
}
static const OpDef op_exponential_ = {
    .schema = "exponential_(Tensor(a!) self, float lambd=1, *, Generator? "
              "generator=None) -> Tensor(a!)",
    .doc = "Fills self with exponential numbers of rate lambd.",
    .forms = OP_METHOD,
    .forward = exponential_forward,
    .backward = random_backward,
};

/* self[i] = ceil(log(u) / log(1 - p)) */
static Value geometric_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    return filled(self,
                  fill_geometric(c, self, call_random(c, k, 2), call_float(k, 1)));
}
static const OpDef op_geometric_ = {
    .schema = "geometric_(Tensor(a!) self, float p, *, Generator? generator=None) -> "
              "Tensor(a!)",
    .doc = "Fills self with numbers of trials up to a success of probability p.",
    .forms = OP_METHOD,
    .forward = geometric_forward,
    .backward = random_backward,
};

static Value log_normal_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    return filled(self, fill_log_normal(c, self, call_random(c, k, 3), call_float(k, 1),
                                        call_float(k, 2)));
}
static const OpDef op_log_normal_ = {
    .schema = "log_normal_(Tensor(a!) self, float mean=1, float std=2, *, Generator? "
              "generator=None) -> Tensor(a!)",
    .doc = "Fills self with numbers whose logarithms are normal.",
    .forms = OP_METHOD,
    .forward = log_normal_forward,
    .backward = random_backward,
};

/* self[i] = median + sigma tan(pi (u - 1/2)) */
static Value cauchy_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    return filled(self, fill_cauchy(c, self, call_random(c, k, 3), call_float(k, 1),
                                    call_float(k, 2)));
}
static const OpDef op_cauchy_ = {
    .schema = "cauchy_(Tensor(a!) self, float median=0, float sigma=1, *, Generator? "
              "generator=None) -> Tensor(a!)",
    .doc = "Fills self with Cauchy numbers.",
    .forms = OP_METHOD,
    .forward = cauchy_forward,
    .backward = random_backward,
};

/* ---- random_ ---- */

static Value random_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    return filled(self, fill_whole(c, self, call_random(c, k, 1)));
}
static const OpDef op_random_ = {
    .schema = "random_(Tensor(a!) self, *, Generator? generator=None) -> Tensor(a!)",
    .doc = "Fills self with whole numbers up to the largest its dtype holds.",
    .forms = OP_METHOD,
    .node = "RandomBackward2",
    .forward = random_forward,
    .backward = random_backward,
};

static Value random_from_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    Random *r = call_random(c, k, 3);
    int64_t from = call_int(k, 1);
    if (call_is_none(k, 2)) return filled(self, fill_integers_from(c, self, r, from));
    return filled(self, fill_integers(c, self, r, from, call_int(k, 2)));
}
static const OpDef op_random_from_ = {
    .schema = "random_.from(Tensor(a!) self, int from, int? to, *, Generator? "
              "generator=None) -> Tensor(a!)",
    .doc = "Fills self with whole numbers from [from, to).",
    .forms = OP_METHOD,
    .forward = random_from_forward,
    .backward = random_backward,
    .example = "m.random_(1, 5)",
};

static Value random_to_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    return filled(self,
                  fill_integers(c, self, call_random(c, k, 2), 0, call_int(k, 1)));
}
static const OpDef op_random_to_ = {
    .schema = "random_.to(Tensor(a!) self, int to, *, Generator? generator=None) -> "
              "Tensor(a!)",
    .doc = "Fills self with whole numbers from [0, to).",
    .forms = OP_METHOD,
    .node = "RandomBackward1",
    .forward = random_to_forward,
    .backward = random_backward,
};

/* ---- bernoulli ---- */

/* self[i] = 1 with probability p[i], else 0; p is expanded to self. */
static Value bernoulli_each_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    return filled(
        self, fill_bernoulli_each(c, self, call_random(c, k, 2), call_tensor(k, 1)));
}
static const OpDef op_bernoulli_tensor_ = {
    .schema = "bernoulli_.Tensor(Tensor(a!) self, Tensor p, *, Generator? "
              "generator=None) -> Tensor(a!)",
    .doc = "Fills self with ones, each with its probability in p, and zeros.",
    .forms = OP_METHOD,
    .node = "BernoulliBackward1",
    .forward = bernoulli_each_forward,
    .backward = random_backward,
    .example = "m.bernoulli_(torch.tensor([0., 1.]))",
};

static Value bernoulli_same_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    return filled(self,
                  fill_bernoulli(c, self, call_random(c, k, 2), call_float(k, 1)));
}
static const OpDef op_bernoulli_float_ = {
    .schema = "bernoulli_.float(Tensor(a!) self, float p=0.5, *, Generator? "
              "generator=None) -> Tensor(a!)",
    .doc = "Fills self with ones of probability p and zeros.",
    .forms = OP_METHOD,
    .node = "BernoulliBackward2",
    .forward = bernoulli_same_forward,
    .backward = random_backward,
};

/* A result with the sizes of self; with out= in the dtype of out. */
static Tensor *like_self(Ctx *c, Call *k) {
    const Tensor *self = call_tensor(k, 0);
    const Tensor *model = k->form == CALL_OUT ? k->target[0] : self;
    return call_result(c, k, 0, (DType)model->dtype, self->ndim, self->sizes);
}

static Value bernoulli_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0), *r = like_self(c, k);
    if (!r) return value_null();
    return filled(r, fill_bernoulli_each(c, r, call_random(c, k, 1), self));
}
static const OpDef op_bernoulli = {
    .schema = "bernoulli(Tensor self, *, Generator? generator=None) -> Tensor",
    .doc = "Ones, each with its probability in self, and zeros.",
    .forms = OP_USUAL,
    .forward = bernoulli_forward,
    .backward = random_backward,
    .example = "torch.bernoulli(v)",
};

static Value bernoulli_p_forward(Ctx *c, Call *k) {
    Tensor *r = like_self(c, k);
    if (!r) return value_null();
    return filled(r, fill_bernoulli(c, r, call_random(c, k, 2), call_float(k, 1)));
}
static const OpDef op_bernoulli_p = {
    .schema =
        "bernoulli.p(Tensor self, float p, *, Generator? generator=None) -> Tensor",
    .doc = "Ones of probability p and zeros, as many as self has elements.",
    .forms = OP_FUNCTION | OP_METHOD,
    .traits = OP_NOT_DIFFERENTIABLE,
    .forward = bernoulli_p_forward,
    .example = "torch.bernoulli(m, 0.5)",
};

/* ---- poisson ---- */

/* A Poisson number for each rate in self. */
static Value poisson_forward(Ctx *c, Call *k) {
    Tensor *self = call_tensor(k, 0);
    Tensor *r = call_result(c, k, 0, (DType)self->dtype, self->ndim, self->sizes);
    if (!r) return value_null();
    return filled(r, fill_poisson(c, r, call_random(c, k, 1), self));
}
static const OpDef op_poisson = {
    .schema = "poisson(Tensor self, Generator? generator=None) -> Tensor",
    .doc = "Poisson numbers of the rates in self.",
    .forms = OP_FUNCTION,
    .forward = poisson_forward,
    .backward = random_backward,
};

const OpDef *const random_ops[] = {
    &op_uniform_,         &op_normal_,      &op_exponential_,
    &op_geometric_,       &op_log_normal_,  &op_cauchy_,
    &op_random_,          &op_random_from_, &op_random_to_,
    &op_bernoulli,        &op_bernoulli_p,  &op_bernoulli_tensor_,
    &op_bernoulli_float_, &op_poisson,      NULL,
};
