"""What Python hands to compiled code, as named tuples of arrays and numbers; free of numba.

Fields that go without a word mean the same in all of them: `n` features and `m` hidden dimensions,
which take `m_padded` in memory (m̄: a multiple of 16); biases `b` `[n]`; the numbers of f, g and t
(`hidden`, `output`, `target`) in `contracts.activations`; a Philox `key`; a training `step`.
"""
