"""From a training loop to its event file: the callback, the metric and the writer."""
