"""From `config.yaml`, as people write it, to cells, as everything else has them."""
