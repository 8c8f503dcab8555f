"""From reference places to a trained model, and how well it does where it was not trained."""
