"""Operations and bytes of a training step, counted by hand.

A step is one update of one model on a batch of B samples of n features, with m hidden dimensions.
Operations are floating-point additions, multiplications, divisions and roots (a multiplication and
an addition are two, fused or not); comparisons count as well. Bytes are what a program reads and
writes if nothing but what it is working on stays in the cache.
"""

from typing import NamedTuple

FLOAT = 4
"""Bytes of a number."""

_UPDATE = 16
_PLAIN_OUTPUTS = 40.5
_PLAIN_HIDDEN = 5
_PLAIN_WEIGHTS = 30
_PLAIN_BIASES = 22
_INTEGER_PER_WORD = 20
_PER_VALUE = 8
_PER_OUTPUT = 5


class Size(NamedTuple):
    """What decides the counts."""

    n: int
    """Features."""
    m: int
    """Hidden dimensions."""
    batch: int
    """Samples a step."""
    density: float = 1.0
    """1 − S; features are independent."""

    @property
    def parameters(self) -> int:
        """Return the number of parameters of a tied model: W and b."""
        return self.n * self.m + self.n

    @property
    def active(self) -> float:
        """Return how many samples a step has that are not empty, on average: B (1 − (1 − p)ⁿ)."""
        return self.batch * (1.0 - (1.0 - self.density) ** self.n)


def products(size: Size) -> float:
    """Return the operations of the five matrix products of a step, 10 B n m.

    Forward, h = W x and y = Wᵀ h. Backward, with g the gradient before the output's ReLU: that of
    h, W g; and that of W, of which one part is by way of the output, h gᵀ, and one by way of the
    input, (W g) xᵀ. None is needed for x. Each has B n m multiplications and as many additions.
    """
    return 10.0 * size.batch * size.n * size.m


def needed(size: Size) -> float:
    """Return those of them that are about something: (6 B' n + 4 B n p) m.

    Empty samples, all but B' of the batch, have h = 0 and need none. Of the others, the two
    products with x (W x and the second part of W's gradient) need only the B n p entries of x that
    are not zero; the other three need every output.
    """
    entries = size.batch * size.n * size.density
    return (6.0 * size.active * size.n + 4.0 * entries) * size.m


def outputs(size: Size) -> float:
    """Return the operations on single outputs, 5 B n.

    The bias; y − x; times 2 I / (B n); whether y is positive; and the sum of the bias's gradient.
    """
    return float(_PER_OUTPUT * size.batch * size.n)


def update(size: Size) -> float:
    """Return the operations of Adam with weight decay, 16 for each parameter.

    Decay of the gradient 2; its mean 3 (a difference, a product, a sum); the mean of its square 4;
    the root of that, corrected, plus ε 3; the change 2; decay of the weights and their change 2.
    """
    return float(_UPDATE * size.parameters)


def random_numbers(size: Size) -> float:
    """Return the integer operations of drawing a dense x, 28 B n.

    A round of Philox4x32 has two products of 32-bit words, two shifts for their upper halves and
    four exclusive ors; ten rounds make four words, so 20 operations a word. Turning a word into a
    value takes 8: two differences, a shift, a conversion, a product with the scale, one and a sum
    for the range, and a comparison with the probability.
    """
    return float((_INTEGER_PER_WORD + _PER_VALUE) * size.batch * size.n)


def step(size: Size) -> float:
    """Return the floating-point operations of a dense step."""
    return products(size) + outputs(size) + update(size)


def plain_bytes(size: Size) -> float:
    """Return the bytes that the notebook's loop in torch reads and writes.

    Every operation reads arrays and writes one. In arrays of B × n numbers (conditions have a
    quarter of their bytes): drawing x 5½ (two of random numbers written, one compared, both read by
    the choice, which is written); the two products of the forward pass 2, the bias 2, ReLU 2; the
    loss 10 (|x| 2, difference 3, square 2, importance 2, mean 1). Backward: the mean's gradient
    written 1, importance 2, the square's 7 (its power 2, twice that 2, product 3), the sign 2,
    ReLU's 3, the sum for b 1, three products 3. That is 40½. In arrays of B × m: h is written and
    read twice, its gradient written and read once: 5. In arrays of parameters: Adam has 20 in eight
    operations, W is in three products, its gradient is made in two parts, added and copied: 30; b
    is added and its gradient written: 22.
    """
    B, n, m = size.batch, size.n, size.m
    numbers = _PLAIN_OUTPUTS * B * n + _PLAIN_HIDDEN * B * m
    return FLOAT * (numbers + _PLAIN_WEIGHTS * n * m + _PLAIN_BIASES * n)


def product_bytes(size: Size) -> float:
    """Return the bytes that five bare products read and write, 20 (B n + B m + n m).

    Each reads two arrays and writes one, of the shapes B × n, B × m and n × m.
    """
    B, n, m = size.batch, size.n, size.m
    return 5.0 * FLOAT * (B * n + B * m + n * m)


def fused_bytes(size: Size) -> float:
    """Return the bytes that the fused kernel has to move at least: 24 for each parameter.

    Samples are drawn where they are used, and used up there. What has to come and go are the
    parameters and both of Adam's means, each read and written once.
    """
    return 6.0 * FLOAT * size.parameters
