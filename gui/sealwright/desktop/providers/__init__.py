"""The Providers panel: what is known, its state, making and deleting."""
