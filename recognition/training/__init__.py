"""From captures to a model folder: batches, losses, the loop, its checkpoints, the export."""
