"""Between things: who reaches whom by private addresses, and what gets out to the internet."""
