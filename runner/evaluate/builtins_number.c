/* builtins_number: builtins about numbers: abs, round, pow, divmod, sum. */
#include "runner/evaluate/builtins.h"
#include "runner/evaluate/instance_ops.h"
#include "runner/evaluate/operator.h"
#include "runner/evaluate/state.h"
#include "runner/values/number.h"

static Value builtin_abs(Ctx *c, Value self, const Args *args) {
    (void)self;
    Value v = args->pos[0], r;
    if (special_call(c, v, NAME__abs, NULL, 0, &r)) return r;
    if (value_tensor(v))
        return operator_call_named(c, OP_METHOD, "abs", v, &(Args){NULL, 0, NULL, 0});
    r = number_abs(c, value_payload(v));
    if (!value_is_not_implemented(r)) return r;
    return value_raise(c, TypeError, "bad operand type for abs(): '%s'", type_name(v));
}

static Value builtin_round(Ctx *c, Value self, const Args *args) {
    (void)self;
    Value v = args->pos[0], digits = args->pos[1], r;
    if (special_call(c, v, NAME__round, &digits, !value_is_null(digits), &r)) return r;
    if (value_is_number(value_payload(v)))
        return number_round(c, value_payload(v), digits);
    return value_raise(c, TypeError, "type %s doesn't define __round__ method",
                       type_name(v));
}

static Value builtin_pow(Ctx *c, Value self, const Args *args) {
    (void)self;
    Value base = args->pos[0], exponent = args->pos[1], modulus = args->pos[2];
    if (value_is_null(modulus) || value_is_none(modulus))
        return value_binary(c, BINARY_POW, base, exponent);
    Value r = number_pow(c, base, exponent, modulus);
    if (!value_is_not_implemented(r)) return r;
    return value_raise(c, TypeError,
                       "unsupported operand type(s) for ** or pow(): '%s', '%s', '%s'",
                       type_name(base), type_name(exponent), type_name(modulus));
}

static Value builtin_divmod(Ctx *c, Value self, const Args *args) {
    (void)self;
    Value a = args->pos[0], b = args->pos[1], r;
    if (special_call(c, a, NAME__divmod, &b, 1, &r) && !value_is_not_implemented(r))
        return r;
    if (special_call(c, b, NAME__rdivmod, &a, 1, &r) && !value_is_not_implemented(r))
        return r;
    r = number_divmod(c, value_payload(a), value_payload(b));
    if (!value_is_not_implemented(r)) return r;
    return value_raise(c, TypeError,
                       "unsupported operand type(s) for divmod(): '%s' and '%s'",
                       type_name(a), type_name(b));
}

/* The sum so far belongs to the loop; a turn gives up what it added to the pool. */
static Value builtin_sum(Ctx *c, Value self, const Args *args) {
    (void)self;
    Value total = value_is_null(args->pos[1]) ? value_int(0) : args->pos[1];
    if (value_str(total))
        return value_raise(c, TypeError,
                           "sum() can't sum strings [use ''.join(seq) instead]");
    Value it = value_iterate(c, args->pos[0]);
    if (value_is_null(it)) return it;
    value_retain(total);
    while (!ctx_failed(c)) {
        size_t mark = pool_mark(c);
        Value v = value_next(c, it);
        if (value_is_null(v)) break;
        Value next = value_binary(c, BINARY_ADD, total, v);
        value_set(c, &total, next);
        pool_drain(c, mark);
    }
    total = pool_value(c, total);
    return ctx_failed(c) ? value_null() : total;
}

const Native builtins_number[] = {
    {"abs", "x /", builtin_abs},
    {"round", "number ndigits?", builtin_round},
    {"pow", "base exp mod?", builtin_pow},
    {"divmod", "x y /", builtin_divmod},
    {"sum", "iterable / start?", builtin_sum},
    {NULL, NULL, NULL},
};
