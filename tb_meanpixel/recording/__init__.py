"""From a training to its event file: what users put into their loops."""
