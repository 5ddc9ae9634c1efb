"""The lab's thinking questions as experiments, each claim one small file."""
