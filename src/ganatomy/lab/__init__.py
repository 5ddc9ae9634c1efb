"""The course: claims, the report's literal variants, the demo."""
