"""Machines of Azure and Windows: guest requests, HCL reports, VBS reports."""
