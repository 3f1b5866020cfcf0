"""The rows of a verification, one module for each that needs it, and the verdict."""
