"""From settings to samples of x: a pure function of counters, so that any batch can be redrawn."""
