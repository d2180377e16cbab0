"""Square crops of the views: cut, kept, and made into what the encoders take."""
