"""What the answers say; the texts are in `en.toml` and `zh.toml`, by question. Figures in `{{ }}` are taken from the findings."""
