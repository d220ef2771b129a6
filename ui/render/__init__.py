"""Results -> what people see and read: sentences, tables, charts, pictures, files. No Gradio in here."""
