"""Arrays in patient space: volumes, files, segmentations, registration, surfaces, digital patients."""
