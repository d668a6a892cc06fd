"""The doctor: looks at what a stage is made of, and says of each part that it is well or what to do about it."""
