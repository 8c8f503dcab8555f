"""A trained model applied to every pixel, exactly or distilled, in bounded memory."""
