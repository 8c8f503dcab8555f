"""The plan: definitions, targets, evidence, gap."""
