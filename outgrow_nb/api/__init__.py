"""An authorization to records: one transport, every endpoint declared in one module, pages of typed records."""
