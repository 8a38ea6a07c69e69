"""Training: a recipe and a plan are values, the engine turns a plan into a stream of steps, jobs run it elsewhere."""
