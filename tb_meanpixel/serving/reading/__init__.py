"""From TensorBoard's data provider to series of runs."""
