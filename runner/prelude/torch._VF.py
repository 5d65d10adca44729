"""torch._VF: the operators of torch, among them the recurrent ones, which stand here.

A layer's state is a tuple of tensors: (h,), or (h, c) of an LSTM; its weights are w_ih,
w_hh, b_ih, b_hh and, of an LSTM with projections, w_hr, None where it has none. A layer
multiplies its input with w_ih for all steps at once, a cell within its one step. Nodes
are made, and so gradients summed, in PyTorch's order.
"""

import torch
import torch._C._VariableFunctions as _operators
from torch._C._nn import linear as _linear


def __getattr__(name):
    return getattr(_operators, name)


# ---- one step ----

def _of_input(x, weights):
    """The part that comes from the input: x itself, where that is the product already."""
    w_ih, _, b_ih, *_ = weights
    return x if w_ih is None else _linear(x, w_ih, b_ih)


def _of_hidden(h, weights):
    _, w_hh, _, b_hh, _ = weights
    return _linear(h, w_hh, b_hh)


def _sum(x, h, weights):
    return _of_hidden(h, weights) + _of_input(x, weights)


def _tanh_step(x, state, weights):
    return (_sum(x, *state, weights).tanh(),)


def _relu_step(x, state, weights):
    return (_sum(x, *state, weights).relu(),)


def _lstm_step(x, state, weights):
    h, c = state
    i, f, g, o = _sum(x, h, weights).unsafe_chunk(4, 1)
    i, f, g, o = i.sigmoid_(), f.sigmoid_(), g.tanh_(), o.sigmoid_()
    c = (f * c).add_(i * g)
    h = o * c.tanh()
    w_hr = weights[4]
    return h if w_hr is None else h.matmul(w_hr.t()), c


def _gru_step(x, state, weights):
    h, = state
    reset, update, new = _of_input(x, weights).unsafe_chunk(3, 1)
    h_reset, h_update, h_new = _of_hidden(h, weights).unsafe_chunk(3, 1)
    reset = h_reset.add_(reset).sigmoid_()
    update = h_update.add_(update).sigmoid_()
    new = new.add(h_new.mul_(reset)).tanh_()
    return ((h - new).mul_(update).add_(new),)


# ---- one layer in one direction, whose input is multiplied already: output and last state ----

def _over_steps(step, product, state, weights, backwards):
    if product.size(0) == 0:
        raise RuntimeError("Expected sequence length to be larger than 0 in RNN")
    rows, outputs = product.unbind(0), []
    for x in rows[::-1] if backwards else rows:
        state = step(x, state, weights)
        outputs.append(state[0])
    return torch.stack(outputs[::-1] if backwards else outputs, 0), state


def _each(f, parts):
    """f of each part of a state, of c before that of h: the last node runs backwards first."""
    return [f(part) for part in parts[::-1]][::-1]


def _narrowed(state, start, length):
    return _each(lambda t: t.narrow(0, start, length), state)


def _joined(states):
    """The states of sequences that stand one below the other, as one."""
    return _each(lambda ts: torch.cat(ts, 0), list(zip(*states)))


def _packed_forwards(step, product, sizes, state, weights):
    """Sequences that have ended leave the state from below."""
    outputs, ended, start, before = [], [], 0, sizes[0]
    for size in sizes:
        x = product.narrow(0, start, size)
        start += size
        if size < before:
            ended.append(_narrowed(state, size, before - size))
            state = _narrowed(state, 0, size)
        before = size
        state = step(x, state, weights)
        outputs.append(state[0])
    return torch.cat(outputs, 0), _joined([state] + ended[::-1])


def _packed_backwards(step, product, sizes, initial, weights):
    """Sequences that begin, at their last element, enter the state from below."""
    before, end = sizes[-1], product.size(0)
    outputs, state = [], _narrowed(initial, 0, before)
    for size in sizes[::-1]:
        if size > before:
            state = _joined([state, _narrowed(initial, before, size - before)])
        before = size
        x = product.narrow(0, end - size, size)
        end -= size
        state = step(x, state, weights)
        outputs.append(state[0])
    return torch.cat(outputs[::-1], 0), state


def _over_packed(sizes):
    def run(step, product, state, weights, backwards):
        over = _packed_backwards if backwards else _packed_forwards
        return over(step, product, sizes, state, weights)
    return run


# ---- all layers ----

def _by_layer(params, has_biases, projected):
    """The flat list of weights, layer by layer and direction by direction."""
    n = (4 if has_biases else 2) + projected
    if len(params) % n:
        raise RuntimeError("got an incorrect number of RNN parameters")
    found = []
    for at in range(0, len(params), n):
        w_ih, w_hh, *more = params[at:at + n]
        b_ih, b_hh = more[:2] if has_biases else (None, None)
        found.append((w_ih, w_hh, b_ih, b_hh, more[-1] if projected else None))
    return found


def _stacked(step, run, dim, input, hx, params, has_biases, num_layers, dropout, train, bidirectional):
    """The output of the last layer and, for each part of hx, what it is in the end."""
    directions = 2 if bidirectional else 1
    initial = list(zip(*[t.unbind(0) for t in hx]))
    layers = _by_layer(params, has_biases, len(hx) == 2 and hx[0].size(2) != hx[1].size(2))
    for what, given in (("hidden states", initial), ("weights", layers)):
        if len(given) != num_layers * directions:
            raise RuntimeError(f"Expected more {what} in stacked_rnn")
    last = []
    for layer in range(num_layers):
        outputs = []
        for backwards in range(directions):
            at = layer * directions + backwards
            _, w_hh, _, b_hh, w_hr = layers[at]
            product = _of_input(input, layers[at])
            output, state = run(step, product, initial[at], (None, w_hh, None, b_hh, w_hr), backwards)
            outputs.append(output)
            last.append(state)
        input = torch.cat(outputs, dim) if bidirectional else output
        if dropout != 0 and train and layer < num_layers - 1:
            input = torch.dropout(input, dropout, True)
    return input, *_each(lambda ts: torch.stack(ts, 0), list(zip(*last)))


def _layers(step, parts):
    """The operator that takes a padded batch, or packed sequences and how many there are at each step."""
    def of_padded(input, hx, params, has_biases, num_layers, dropout, train, bidirectional, batch_first):
        input = input.transpose(0, 1) if batch_first else input
        result = _stacked(step, _over_steps, 2, input, parts(hx), params, has_biases, num_layers, dropout,
                          train, bidirectional)
        if not batch_first:
            return result
        output, *last = result
        return output.transpose(0, 1) if len(last) == 2 else output.transpose_(0, 1), *last

    def of_packed(data, batch_sizes, hx, params, has_biases, num_layers, dropout, train, bidirectional):
        return _stacked(step, _over_packed(batch_sizes.tolist()), -1, data, parts(hx), params, has_biases,
                        num_layers, dropout, train, bidirectional)

    def operator(*args, **named):
        packed = "data" in named or len(args) > 3 and not isinstance(args[3], bool)
        return (of_packed if packed else of_padded)(*args, **named)
    return operator


def _one(hx):
    return (hx,)


def _two(name):
    def parts(hx):
        if len(hx) != 2:
            raise RuntimeError(f"{name} expects two hidden states")
        return hx
    return parts


rnn_tanh = _layers(_tanh_step, _one)
rnn_relu = _layers(_relu_step, _one)
lstm = _layers(_lstm_step, _two("lstm"))
gru = _layers(_gru_step, _one)


# ---- cells ----

def _check_hidden(input, hx, w_hh):
    if input.size(0) != hx.size(0):
        raise RuntimeError(f"Input batch size {input.size(0)} doesn't match hidden0 batch size {hx.size(0)}")
    if hx.size(1) != w_hh.size(1):
        raise RuntimeError("hidden0 has inconsistent hidden_size: "
                           f"got {hx.size(1)}, expected {w_hh.size(1)}")


def _cell(name, step, parts, takes, wanted):
    def operator(input, hx, w_ih, w_hh, b_ih=None, b_hh=None):
        if not isinstance(hx, takes):
            raise TypeError(f"{name}(): argument 'hx' (position 2) must be {wanted}, not {type(hx).__name__}")
        state = parts(hx)
        if input.size(1) != w_ih.size(1):
            raise RuntimeError("input has inconsistent input_size: "
                               f"got {input.size(1)} expected {w_ih.size(1)}")
        for t in state:
            _check_hidden(input, t, w_hh)
        return step(input, state, (w_ih, w_hh, b_ih, b_hh, None))
    return operator


def _cell_of_one(name, step):
    operator = _cell(name, step, _one, torch.Tensor, "Tensor")
    return lambda *args, **named: operator(*args, **named)[0]


rnn_tanh_cell = _cell_of_one("rnn_tanh_cell", _tanh_step)
rnn_relu_cell = _cell_of_one("rnn_relu_cell", _relu_step)
gru_cell = _cell_of_one("gru_cell", _gru_step)
lstm_cell = _cell("lstm_cell", _lstm_step, _two("lstm_cell"), (tuple, list), "tuple of Tensors")
