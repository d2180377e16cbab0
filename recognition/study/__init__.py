"""The studies of a multi-view recogniser as tables: what each choice is worth, over seeds."""
