"""SEV-SNP: reports, the chip's certificate, and the endorsed utility image."""
