"""What is measured on a finished run as well as its scores: how well D separates, what reaches G, what the curves did.

Every probe reads a run's folder (`ganatomy.runs.run.Run`), or plain arrays and records, and changes nothing. What it
draws is a function of the run's seed, so the same run always has the same numbers. The networks are those of the
newest checkpoint, in float32: G as its samples are made, in eval mode; D as it judged in training, where BatchNorm
normalises each batch, which is all real or all generated, by itself.
"""
