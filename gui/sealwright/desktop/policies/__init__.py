"""The Policies panel: library, documents, what is deployed, review and upload, history."""
