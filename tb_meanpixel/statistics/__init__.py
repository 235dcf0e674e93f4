"""From images to records and scores; imports numpy alone."""
