"""How good a model is: figures of its answers, what they are worth, and what they hang on."""
