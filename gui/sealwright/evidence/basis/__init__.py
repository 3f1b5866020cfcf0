"""What evidence of every kind is read and checked with: readers, DER, certificates, checks."""
