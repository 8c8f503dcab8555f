"""The one gate: from disk to checked objects, or a refusal that says why."""
