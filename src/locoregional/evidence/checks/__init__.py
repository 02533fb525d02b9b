"""Checks of the evidence tables, one module per kind of row; each module's ``problems`` yields what is wrong."""
