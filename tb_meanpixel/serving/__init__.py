"""From what TensorBoard has read to the answers of the plugin's routes."""
