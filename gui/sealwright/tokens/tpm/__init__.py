"""The signed requests and answers of the Tpm protocol (spec evidence, 9)."""
