"""What is measured of images: numpy alone."""
