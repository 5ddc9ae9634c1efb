"""How good and how varied generated images are: pure functions over numpy arrays, without torch.

Features are float arrays, images x dimensions: `real` the reference, `fake` what the generator made. Every module has
a point value and the same value under bootstrap `counts` (fake images x replicates), of which `bootstrap.interval`
makes an interval. All intervals are over the generated images: where another draw from the same generator would lie
against the same reference.
"""
