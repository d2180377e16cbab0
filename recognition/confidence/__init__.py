"""From what the heads say, the weight and the size to an answer and what it is worth."""
