"""Static pictures, drawn with Matplotlib on its own canvas and returned as PNG or JPEG bytes."""
