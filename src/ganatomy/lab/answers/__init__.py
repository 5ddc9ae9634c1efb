"""The lab's thinking questions, answered: three sentences, a picture, what people say, the evidence. Texts are in `texts/`, by question."""
