"""The multi-view model: encoders, fusion of colour and depth, fusion of views, weight and size."""
