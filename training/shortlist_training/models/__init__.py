"""The three models as Keras models: embedding, two-tower, scorer; each exports the NumPy twin that serves."""
