"""The pages people read: a document of plain values, drawn as one web page, as a PDF, and as pictures and scenes."""
