"""How well a model does where it was not trained, and where it cannot know."""
