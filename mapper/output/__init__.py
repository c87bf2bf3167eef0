"""How answers look: tables, CSV, Markdown, JSON, targets; and where they are written."""
