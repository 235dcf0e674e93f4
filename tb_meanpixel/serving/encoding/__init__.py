"""From series to bytes and HTTP responses."""
